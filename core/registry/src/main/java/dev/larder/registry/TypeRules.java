package dev.larder.registry;

import dev.larder.model.Aggregation.Function;
import dev.larder.model.DataSource.ColumnType;
import dev.larder.model.ValueType;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which types fit together: join keys, features and the source columns that they come from. */
final class TypeRules {
    static final List<ValueType> ENTITY_TYPES = List.of(ValueType.INT32, ValueType.INT64, ValueType.STRING);

    private static final List<ColumnType> NUMBERS =
            List.of(ColumnType.INT32, ColumnType.INT64, ColumnType.FLOAT, ColumnType.DOUBLE, ColumnType.DECIMAL);

    private TypeRules() {}

    /** Types of columns that a function takes. */
    static List<ColumnType> columnsOf(Function function) {
        return switch (function) {
            case COUNT, COUNT_DISTINCT -> List.of(ColumnType.values());
            case SUM, AVG -> NUMBERS;
            case MIN, MAX ->
                Arrays.stream(ColumnType.values())
                        .filter(type -> type != ColumnType.BOOL)
                        .toList();
        };
    }

    /** Types that a function's result may be declared as; the column is null for a count of rows. */
    static List<ValueType> resultsOf(Function function, @Nullable ColumnType column) {
        return switch (function) {
            case COUNT, COUNT_DISTINCT -> List.of(ValueType.INT64, ValueType.INT32);
            case AVG -> List.of(ValueType.FLOAT, ValueType.DOUBLE);
            case SUM ->
                column == ColumnType.INT32 || column == ColumnType.INT64
                        ? List.of(ValueType.INT64, ValueType.FLOAT, ValueType.DOUBLE, ValueType.DECIMAL)
                        : valuesOf(column);
            case MIN, MAX -> valuesOf(column);
        };
    }

    /** Types that a column's values may be declared as. */
    static List<ValueType> valuesOf(@Nullable ColumnType column) {
        if (column == null) {
            return List.of();
        }
        return switch (column) {
            case INT32 -> List.of(ValueType.INT32, ValueType.INT64);
            case INT64 -> List.of(ValueType.INT64);
            case FLOAT, DOUBLE -> List.of(ValueType.FLOAT, ValueType.DOUBLE);
            case DECIMAL -> List.of(ValueType.DECIMAL, ValueType.FLOAT, ValueType.DOUBLE);
            case STRING -> List.of(ValueType.STRING);
            case BOOL -> List.of(ValueType.BOOL);
            case DATE, TIMESTAMP -> List.of(ValueType.UNIX_TIMESTAMP);
        };
    }

    static List<String> names(List<ValueType> types) {
        return types.stream().map(ValueType::displayName).toList();
    }

    static List<String> columnNames(List<ColumnType> types) {
        return types.stream().map(ColumnType::yamlName).toList();
    }
}
