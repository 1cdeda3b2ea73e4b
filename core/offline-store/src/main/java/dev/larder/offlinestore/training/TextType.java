package dev.larder.offlinestore.training;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a column of text can be without loss: a column gets the first type that fits all its values, so {@code 007} stays
 * text.
 */
enum TextType {
    BIGINT("-?(0|[1-9][0-9]*)"),
    DOUBLE("-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?"),
    BOOLEAN("true|false|True|False|TRUE|FALSE"),
    DATE("[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    TIMESTAMP("[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"),
    TIMESTAMPTZ(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)"),
    VARCHAR("(?s).*");

    private final String pattern;

    TextType(String pattern) {
        this.pattern = pattern;
    }

    String cast(String expression) {
        return "CAST(%s AS %s)".formatted(expression, name());
    }

    /** The types of columns of text; a column without any value stays text. */
    static Map<EntityFrame.Column, TextType> detect(DuckDb db, String table, List<EntityFrame.Column> columns) {
        Map<EntityFrame.Column, TextType> types = new LinkedHashMap<>();
        if (columns.isEmpty()) {
            return types;
        }
        String found = columns.stream().map(TextType::firstThatFits).collect(Collectors.joining(", "));
        List<@Nullable Object> names;
        try {
            names = db.query("SELECT %s FROM %s".formatted(found, table)).get(0);
        } catch (SQLException e) {
            throw new LarderException(
                    ErrorCode.INTERNAL, "The entity file's columns cannot be typed: " + DuckDb.firstLine(e), e);
        }
        for (int i = 0; i < columns.size(); i++) {
            types.put(columns.get(i), valueOf(String.valueOf(names.get(i))));
        }
        return types;
    }

    private static String firstThatFits(EntityFrame.Column column) {
        return Arrays.stream(values())
                .map(type ->
                        "WHEN bool_and(regexp_full_match(%1$s, '%2$s') AND TRY_CAST(%1$s AS %3$s) IS NOT NULL) FILTER (%1$s IS NOT NULL) THEN '%3$s'"
                                .formatted(column.internal(), type.pattern, type.name()))
                .collect(Collectors.joining(" ", "CASE ", " ELSE 'VARCHAR' END"));
    }
}
