package dev.larder.trino;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The first rows decide how wide the columns are; a wider cell that comes later pushes its own line only. */
final class TableWriter implements RowWriter {
    private static final int ROWS_THAT_DECIDE = 1000;

    private final Writer out;
    private final List<Column> columns = new ArrayList<>();
    private final List<List<String>> first = new ArrayList<>();
    private int[] widths = {};
    private boolean decided;
    private long rows;

    TableWriter(Writer out) {
        this.out = out;
    }

    @Override
    public void begin(List<Column> result) {
        columns.addAll(result);
    }

    @Override
    public void row(List<@Nullable Object> values) throws IOException {
        List<String> cells = new ArrayList<>(values.size());
        for (Object value : values) {
            cells.add(value == null ? "NULL" : visible(CellText.of(value)));
        }
        rows++;
        if (decided) {
            line(cells);
        } else {
            first.add(cells);
            if (first.size() == ROWS_THAT_DECIDE) {
                decide();
            }
        }
    }

    @Override
    public void end(boolean cut) throws IOException {
        if (!decided) {
            decide();
        }
        out.write("(%s%d row%s)\n".formatted(cut ? "first " : "", rows, rows == 1 ? "" : "s"));
    }

    @Override
    public void changed(long count) throws IOException {
        out.write("(%d row%s changed)\n".formatted(count, count == 1 ? "" : "s"));
    }

    private void decide() throws IOException {
        decided = true;
        List<String> names =
                columns.stream().map(column -> visible(column.name())).toList();
        widths = names.stream().mapToInt(TextWidth::of).toArray();
        for (List<String> cells : first) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], TextWidth.of(cells.get(i)));
            }
        }
        line(names);
        StringBuilder rule = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            rule.append(i == 0 ? "" : "-+-").append("-".repeat(widths[i]));
        }
        out.write(rule.append('\n').toString());
        for (List<String> cells : first) {
            line(cells);
        }
        first.clear();
    }

    private void line(List<String> cells) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String cell = cells.get(i);
            String space = " ".repeat(Math.max(0, widths[i] - TextWidth.of(cell)));
            boolean right = columns.get(i).isNumber();
            line.append(i == 0 ? "" : " | ").append(right ? space + cell : cell + space);
        }
        out.write(line.toString().stripTrailing());
        out.write('\n');
    }

    /** Line breaks and what would steer the terminal are spelled out. */
    private static String visible(String text) {
        if (text.chars().noneMatch(Character::isISOControl)) {
            return text;
        }
        StringBuilder spelled = new StringBuilder();
        text.chars().forEach(c -> {
            switch (c) {
                case '\n' -> spelled.append("\\n");
                case '\r' -> spelled.append("\\r");
                case '\t' -> spelled.append("\\t");
                default -> {
                    if (Character.isISOControl(c)) {
                        spelled.append("\\u%04x".formatted(c));
                    } else {
                        spelled.append((char) c);
                    }
                }
            }
        });
        return spelled.toString();
    }
}
