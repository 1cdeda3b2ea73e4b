package dev.larder.cdc.source;

import dev.larder.model.DataSource;
import java.util.List;

/**
 * A table of the source database as a data source can use it.
 *
 * @param columns those whose values Larder can take, in the table's order
 * @param primaryKey its columns in the key's order; all are in {@code columns}
 * @param skipped the other columns
 */
public record SourceTable(
        String schema,
        String table,
        List<DataSource.Column> columns,
        List<String> primaryKey,
        List<SkippedColumn> skipped) {

    public SourceTable {
        columns = List.copyOf(columns);
        primaryKey = List.copyOf(primaryKey);
        skipped = List.copyOf(skipped);
    }

    /**
     * A column that cannot be used.
     *
     * @param type as PostgreSQL writes it
     * @param reason why not, and what can be done: a sentence without its full stop
     */
    public record SkippedColumn(String name, String type, String reason) {}
}
