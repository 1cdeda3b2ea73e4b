package dev.larder.trino;

import java.util.Set;

/**
 * A column of a result.
 *
 * @param type as Trino writes it, for instance {@code decimal(12,2)}
 */
public record Column(String name, String type) {
    private static final Set<String> NUMBERS =
            Set.of("tinyint", "smallint", "integer", "bigint", "real", "double", "decimal");

    boolean isNumber() {
        int arguments = type.indexOf('(');
        return NUMBERS.contains(arguments < 0 ? type : type.substring(0, arguments));
    }
}
