package dev.larder.trino;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** RFC 4180 with a header line. */
final class CsvWriter implements RowWriter {
    private final Writer out;

    CsvWriter(Writer out) {
        this.out = out;
    }

    @Override
    public void begin(List<Column> columns) throws IOException {
        record(columns.stream().map(column -> quoted(column.name())).toList());
    }

    @Override
    public void row(List<@Nullable Object> values) throws IOException {
        List<String> fields = new ArrayList<>(values.size());
        for (Object value : values) {
            fields.add(value == null ? "" : quoted(CellText.of(value)));
        }
        // A lone null would be an empty line, which readers skip.
        record(fields.equals(List.of("")) ? List.of("\"\"") : fields);
    }

    @Override
    public void end(boolean cut) {}

    @Override
    public void changed(long rows) {}

    private void record(List<String> fields) throws IOException {
        out.write(String.join(",", fields));
        out.write("\r\n");
    }

    private static String quoted(String text) {
        boolean plain = !text.isEmpty() && text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
