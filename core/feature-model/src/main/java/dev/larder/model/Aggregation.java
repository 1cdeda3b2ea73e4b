package dev.larder.model;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One aggregated feature.
 *
 * @param column the source's column; null only for {@link Function#COUNT}, which then counts rows
 * @param type the declared type, to which an exact result is rounded once
 */
public record Aggregation(String name, Function function, @Nullable String column, Window window, ValueType type) {
    public Aggregation {
        if (column == null && function != Function.COUNT) {
            throw new IllegalArgumentException(
                    "column: missing for " + function.yamlName() + " (expected: a column of the source)");
        }
    }

    /** Nulls are ignored as SQL does. */
    public enum Function {
        COUNT,
        SUM,
        AVG,
        MIN,
        MAX,
        COUNT_DISTINCT;

        public String yamlName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
