package dev.larder.trino;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An array of objects, one a line; numbers are numbers, NaN and infinity texts. */
final class JsonWriter implements RowWriter {
    private final Writer out;
    private final List<String> names = new ArrayList<>();
    private boolean any;

    JsonWriter(Writer out) {
        this.out = out;
    }

    /** @throws LarderException {@code QUERY_INVALID} if two columns have one name */
    @Override
    public void begin(List<Column> columns) throws IOException {
        Set<String> seen = new HashSet<>();
        for (Column column : columns) {
            if (!seen.add(column.name())) {
                throw new LarderException(
                        ErrorCode.QUERY_INVALID,
                        "Two columns are called %s, which a JSON object cannot hold. Name them apart with AS, or choose table or csv."
                                .formatted(column.name()));
            }
            names.add(column.name());
        }
        out.write("[");
    }

    @Override
    public void row(List<@Nullable Object> values) throws IOException {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
            object.put(names.get(i), values.get(i));
        }
        out.write(any ? ",\n" : "\n");
        out.write(CellText.json(object));
        any = true;
    }

    @Override
    public void end(boolean cut) throws IOException {
        out.write(any ? "\n]\n" : "]\n");
    }

    @Override
    public void changed(long rows) {}
}
