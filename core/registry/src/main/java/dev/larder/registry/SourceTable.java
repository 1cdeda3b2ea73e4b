package dev.larder.registry;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of the source database as its metadata describe it, and what a person chose about it.
 *
 * @param entityColumn the column that names what the features describe
 * @param eventTime the column that says when a row happened or began to hold; null if there is none
 */
public record SourceTable(
        String schema,
        String name,
        List<Column> columns,
        List<String> primaryKey,
        String entityColumn,
        @Nullable String eventTime) {

    /**
     * @param sqlType the database's name of the type, for example {@code numeric}, {@code int8} or {@code timestamptz}
     * @param scale digits after the point of a numeric, -1 for one without limits; 0 for other types
     */
    public record Column(String name, String sqlType, int scale) {}

    public SourceTable {
        columns = List.copyOf(columns);
        primaryKey = List.copyOf(primaryKey);
    }
}
