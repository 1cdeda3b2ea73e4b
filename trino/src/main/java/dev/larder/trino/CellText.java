package dev.larder.trino;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.NumberOutput;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value as text, and as JSON. */
final class CellText {
    private static final JsonFactory JSON = new JsonFactory();

    private CellText() {}

    /** A JSON value that came as text. */
    record Json(String text) {}

    static String of(Object value) {
        if (value instanceof Float number) {
            return shortest(number);
        }
        if (value instanceof Double number) {
            return shortest(number);
        }
        if (value instanceof BigDecimal number) {
            return number.toPlainString();
        }
        if (value instanceof List || value instanceof Map) {
            return json(value);
        }
        return value instanceof Json json ? json.text() : value.toString();
    }

    static String json(@Nullable Object value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            write(json, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object element : list) {
                write(json, element);
            }
            json.writeEndArray();
        } else if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                json.writeFieldName(String.valueOf(entry.getKey()));
                write(json, entry.getValue());
            }
            json.writeEndObject();
        } else if (value instanceof Json raw) {
            json.writeRawValue(raw.text());
        } else if (value instanceof Boolean truth) {
            json.writeBoolean(truth);
        } else if (value instanceof Number && isFinite(value)) {
            json.writeNumber(of(value));
        } else {
            // JSON knows neither NaN nor infinity: they become texts.
            json.writeString(of(value));
        }
    }

    private static boolean isFinite(Object number) {
        return !(number instanceof Float f && !Float.isFinite(f))
                && !(number instanceof Double d && !Double.isFinite(d));
    }

    /** The fewest digits that read back as the same number, which Float.toString does not give before JDK 19. */
    private static String shortest(float value) {
        return Float.isFinite(value) ? NumberOutput.toString(value, true) : Float.toString(value);
    }

    private static String shortest(double value) {
        return Double.isFinite(value) ? NumberOutput.toString(value, true) : Double.toString(value);
    }
}
