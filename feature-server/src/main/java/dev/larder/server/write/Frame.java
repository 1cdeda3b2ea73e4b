package dev.larder.server.write;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Columns of equal length.
 *
 * @param columns cells by column: what a JSON library gives, or {@link dev.larder.model.FeatureValue}s
 * @param rows how long each column is
 */
public record Frame(Map<String, List<@Nullable Object>> columns, int rows) {

    /** A single row. */
    public static Frame row(Map<String, ?> cells) {
        Map<String, List<@Nullable Object>> columns = new LinkedHashMap<>();
        cells.forEach((name, cell) -> columns.put(name, Collections.singletonList(cell)));
        return new Frame(columns, cells.isEmpty() ? 0 : 1);
    }

    /**
     * The {@code df} of a request: arrays by column, or {@code {"0": cell, ...}} by column, as pandas writes either. Beside them
     * a single value stands for a whole column.
     *
     * @throws LarderException {@code ARGUMENT_INVALID} if the columns do not make a table
     */
    public static Frame of(Map<?, ?> df) {
        boolean lists = df.values().stream().anyMatch(List.class::isInstance);
        boolean maps = df.values().stream().anyMatch(Map.class::isInstance);
        if (df.isEmpty()) {
            return new Frame(Map.of(), 0);
        } else if (lists && maps) {
            throw invalid(
                    "df: some columns are arrays and some are objects, so that their rows cannot be matched (expected: all the same)");
        } else if (!lists && !maps) {
            throw invalid("df: all columns are single values (expected: {\"%s\": [...], ...})"
                    .formatted(df.keySet().iterator().next()));
        }
        return lists ? ofLists(df) : ofMaps(df);
    }

    private static Frame ofLists(Map<?, ?> df) {
        int rows = -1;
        String first = "";
        for (Map.Entry<?, ?> column : df.entrySet()) {
            if (column.getValue() instanceof List<?> list) {
                if (rows >= 0 && list.size() != rows) {
                    throw invalid("All arrays must be of the same length: %s has %d values, %s has %d."
                            .formatted(first, rows, column.getKey(), list.size()));
                }
                first = rows < 0 ? String.valueOf(column.getKey()) : first;
                rows = list.size();
            }
        }
        Map<String, List<@Nullable Object>> columns = new LinkedHashMap<>();
        for (Map.Entry<?, ?> column : df.entrySet()) {
            Object value = column.getValue();
            columns.put(
                    String.valueOf(column.getKey()),
                    value instanceof List<?> list
                            ? Collections.unmodifiableList(list)
                            : Collections.nCopies(rows, value));
        }
        return new Frame(columns, rows);
    }

    /** A cell that is not there is null, as it is to pandas. */
    private static Frame ofMaps(Map<?, ?> df) {
        Set<Object> labels = new LinkedHashSet<>();
        for (Object value : df.values()) {
            if (value instanceof Map<?, ?> map) {
                labels.addAll(map.keySet());
            }
        }
        Map<String, List<@Nullable Object>> columns = new LinkedHashMap<>();
        df.forEach((name, value) -> {
            List<@Nullable Object> cells = new ArrayList<>(labels.size());
            for (Object label : labels) {
                cells.add(value instanceof Map<?, ?> map ? map.get(label) : value);
            }
            columns.put(String.valueOf(name), cells);
        });
        return new Frame(columns, labels.size());
    }

    private static LarderException invalid(String message) {
        return new LarderException(ErrorCode.ARGUMENT_INVALID, message);
    }
}
