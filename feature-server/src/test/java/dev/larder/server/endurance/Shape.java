package dev.larder.server.endurance;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Rows and features of a read. */
enum Shape {
    ROWS_1_FEATURES_10(1, 47, Map.of(Table.NARROW, 10)),
    ROWS_1_FEATURES_50(1, 31, Map.of(Table.MEDIUM, 50)),
    /** Two views of the same entities. */
    ROWS_10_FEATURES_50(10, 16, Map.of(Table.NARROW, 10, Table.MEDIUM, 40)),
    ROWS_100_FEATURES_50(100, 4, Map.of(Table.MEDIUM, 50)),
    ROWS_100_FEATURES_250(100, 2, Map.of(Table.WIDE, 250));

    private static final int ONE_UNKNOWN_IN = 50;

    private final int rows;
    private final int percent;

    @SuppressWarnings("ImmutableEnumChecker") // unmodifiable
    private final List<Part> parts;

    /** @param percent how often this shape is read, of all reads */
    Shape(int rows, int percent, Map<Table, Integer> features) {
        this.rows = rows;
        this.percent = percent;
        parts = features.entrySet().stream()
                .map(entry -> new Part(entry.getKey(), entry.getKey().columns().subList(0, entry.getValue())))
                .toList();
    }

    /** What is read of a view: its first features, so the version is always there. */
    record Part(Table table, List<Table.Column> columns) {
        List<String> references() {
            return columns.stream()
                    .map(column -> table.view() + ":" + column.feature())
                    .toList();
        }
    }

    static Shape any(Random random) {
        int left = random.nextInt(100);
        for (Shape shape : values()) {
            left -= shape.percent;
            if (left < 0) {
                return shape;
            }
        }
        throw new IllegalStateException("the shares of all shapes are 100 percent");
    }

    List<Part> parts() {
        return parts;
    }

    String joinKey() {
        return parts.get(0).table().joinKey();
    }

    List<String> references() {
        return parts.stream().flatMap(part -> part.references().stream()).toList();
    }

    /** Entities that all views of the shape hold, and now and then one that was never written. */
    int[] entities(Random random) {
        int bound =
                parts.stream().mapToInt(part -> part.table().entities()).min().orElseThrow();
        return IntStream.range(0, rows)
                .map(row -> random.nextInt(ONE_UNKNOWN_IN) == 0
                        ? Table.NEVER_WRITTEN + random.nextInt(bound)
                        : random.nextInt(bound))
                .toArray();
    }

    /** As the issue names it: rows x features. */
    @Override
    public String toString() {
        return rows + "x"
                + parts.stream().mapToInt(part -> part.columns().size()).sum();
    }
}
