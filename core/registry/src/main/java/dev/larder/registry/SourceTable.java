package dev.larder.registry;

import dev.larder.model.DataSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of the source database as its metadata describe it, and what a person chose about it.
 *
 * @param columns those that can be used, in the table's order
 * @param leftOut the others, each as name and type, to be named in a comment
 * @param entityColumn the column that names what the features describe
 * @param eventTime the column that says when a row happened or began to hold; null if there is none
 */
public record SourceTable(
        String schema,
        String name,
        List<DataSource.Column> columns,
        List<String> leftOut,
        List<String> primaryKey,
        String entityColumn,
        @Nullable String eventTime) {

    public SourceTable {
        columns = List.copyOf(columns);
        leftOut = List.copyOf(leftOut);
        primaryKey = List.copyOf(primaryKey);
    }
}
