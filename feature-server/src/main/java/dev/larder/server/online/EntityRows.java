package dev.larder.server.online;

import dev.larder.feast.JsonValues;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows of a request: its join key columns in the request's order, cast to their declared types. */
final class EntityRows {
    private final int count;
    private final Map<String, FeatureValue[]> columns;
    private final Map<KeyColumns, Keys> keysByColumns = new HashMap<>();

    private EntityRows(int count, Map<String, FeatureValue[]> columns) {
        this.count = count;
        this.columns = columns;
    }

    /**
     * Encoded entity keys of the views that have the same key columns.
     *
     * @param distinct each key once, in order of appearance
     * @param positions for each row, where its key is in {@code distinct}
     */
    record Keys(List<byte[]> distinct, int[] positions) {}

    /**
     * @param maxRows more are refused
     * @throws LarderException {@code ARGUMENT_INVALID} for missing or unequal columns; {@code VALUE_TYPE_MISMATCH} for a value
     *     that is no join key of the declared type
     */
    static EntityRows of(Map<String, List<@Nullable Object>> entities, ReadPlan plan, int maxRows) {
        int count = count(entities, plan);
        if (count > maxRows) {
            throw invalid(
                    "%d entity rows in one request (allowed: %d). Send several requests, or start the server with a greater --max-rows."
                            .formatted(count, maxRows));
        }
        Map<String, FeatureValue[]> columns = new LinkedHashMap<>();
        entities.forEach((given, values) -> {
            String name = plan.columns().containsKey(given)
                    ? given
                    : plan.entityNames().getOrDefault(given, given);
            ValueType type = plan.columns().get(name);
            if (type != null && columns.put(name, cast(name, values, type)) != null) {
                throw invalid("Join key %s is given twice, once under the name of its entity. Leave one of them out."
                        .formatted(name));
            }
        });
        for (ReadPlan.View view : plan.views()) {
            checkComplete(view, columns);
        }
        return new EntityRows(count, columns);
    }

    int count() {
        return count;
    }

    /** The answered columns by name, in the request's order. */
    Map<String, FeatureValue[]> columns() {
        return columns;
    }

    Keys keys(KeyColumns columns) {
        return keysByColumns.computeIfAbsent(columns, this::encode);
    }

    private Keys encode(KeyColumns keys) {
        FeatureValue[][] values = new FeatureValue[keys.columns().size()][];
        for (int i = 0; i < values.length; i++) {
            values[i] = values(columns, keys.columns().get(i).column());
        }
        return keys.encode(values, count);
    }

    private static int count(Map<String, List<@Nullable Object>> entities, ReadPlan plan) {
        if (entities.isEmpty()) {
            throw invalid("No entity rows: \"entities\" is empty (expected: %s)".formatted(expectedColumns(plan)));
        }
        String firstName = entities.keySet().iterator().next();
        int count = values(entities, firstName).size();
        entities.forEach((name, values) -> {
            if (values.size() != count) {
                throw invalid("All entity rows must have the same columns: %s has %d values, %s has %d."
                        .formatted(firstName, count, name, values.size()));
            }
        });
        if (count == 0) {
            throw invalid(
                    "No entity rows: column %s is empty (expected: %s)".formatted(firstName, expectedColumns(plan)));
        }
        return count;
    }

    private static String expectedColumns(ReadPlan plan) {
        String columns = plan.views().stream()
                .flatMap(view -> view.keys().columns().stream())
                .map(key -> "\"" + key.column() + "\": [...]")
                .distinct()
                .reduce((a, b) -> a + ", " + b)
                .orElse("any column, which tells the number of rows");
        return columns;
    }

    private static void checkComplete(ReadPlan.View view, Map<String, FeatureValue[]> columns) {
        for (ReadPlan.Key key : view.keys().columns()) {
            if (!columns.containsKey(key.column())) {
                throw incomplete(view, columns);
            }
        }
    }

    private static LarderException incomplete(ReadPlan.View view, Map<String, FeatureValue[]> columns) {
        List<String> missing = view.keys().columns().stream()
                .map(ReadPlan.Key::column)
                .filter(column -> !columns.containsKey(column))
                .toList();
        return invalid("Missing join key values for keys: %s of feature view %s (given: %s)"
                .formatted(
                        String.join(", ", missing),
                        view.name(),
                        columns.isEmpty() ? "no join key" : String.join(", ", columns.keySet())));
    }

    private static FeatureValue[] cast(String column, List<@Nullable Object> values, ValueType type) {
        FeatureValue[] cast = new FeatureValue[values.size()];
        for (int row = 0; row < cast.length; row++) {
            Object value = values.get(row);
            ValueType declared = type == ValueType.INVALID ? inferred(value) : type;
            if (value == null) {
                throw mismatch(
                        column, row, "null is no join key (expected: %s)".formatted(declared.displayName()), null);
            }
            try {
                cast[row] = JsonValues.parse(value, declared);
            } catch (LarderException e) {
                throw mismatch(column, row, String.valueOf(e.getMessage()), e);
            }
        }
        return cast;
    }

    /** For an entity whose type nobody declared. */
    private static ValueType inferred(@Nullable Object value) {
        return value instanceof Number || value instanceof Boolean ? ValueType.INT64 : ValueType.STRING;
    }

    private static LarderException mismatch(String column, int row, String what, @Nullable LarderException cause) {
        return new LarderException(
                ErrorCode.VALUE_TYPE_MISMATCH, "Column %s, row %d: %s".formatted(column, row, what), cause);
    }

    private static LarderException invalid(String message) {
        return new LarderException(ErrorCode.ARGUMENT_INVALID, message);
    }

    private static <T> T values(Map<String, T> columns, String name) {
        T values = columns.get(name);
        if (values == null) {
            throw new IllegalArgumentException("column: " + name + " (expected: one of " + columns.keySet() + ")");
        }
        return values;
    }
}
