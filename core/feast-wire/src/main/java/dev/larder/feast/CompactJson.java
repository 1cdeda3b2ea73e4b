package dev.larder.feast;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The little JSON that fits into a tag: objects, arrays, texts and whole numbers. */
final class CompactJson {
    private static final JsonFactory JSON = new JsonFactory();

    private CompactJson() {}

    static String write(Object value) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            put(value, json);
        } catch (IOException e) {
            throw new IllegalArgumentException("value: " + value + " (expected: maps, lists, texts and ints)", e);
        }
        return out.toString();
    }

    /** Maps, lists, strings and ints. */
    static Object read(String text) throws IOException {
        try (JsonParser json = JSON.createParser(text)) {
            json.nextToken();
            Object value = next(json);
            if (json.nextToken() != null) {
                throw new IOException("something follows the end");
            }
            return value;
        }
    }

    private static void put(Object value, JsonGenerator json) throws IOException {
        if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                json.writeFieldName((String) entry.getKey());
                put(entry.getValue(), json);
            }
            json.writeEndObject();
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object element : list) {
                put(element, json);
            }
            json.writeEndArray();
        } else if (value instanceof Integer number) {
            json.writeNumber(number);
        } else {
            json.writeString((String) value);
        }
    }

    private static Object next(JsonParser json) throws IOException {
        JsonToken token = json.currentToken();
        if (token == JsonToken.START_OBJECT) {
            Map<String, Object> map = new LinkedHashMap<>();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                map.put(name, next(json));
            }
            return map;
        } else if (token == JsonToken.START_ARRAY) {
            List<Object> list = new ArrayList<>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                list.add(next(json));
            }
            return list;
        } else if (token == JsonToken.VALUE_NUMBER_INT) {
            return json.getIntValue();
        } else if (token == JsonToken.VALUE_STRING) {
            return json.getText();
        }
        throw new IOException("expected an object, an array, a text or a whole number instead of " + token);
    }
}
