package dev.larder.model;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A table whose changes arrive through a change log ({@code type: cdc}).
 *
 * @param table schema and table in the source database, for example {@code public.transactions}
 * @param topic Kafka topic of the change events
 * @param primaryKey names of the primary key's columns, at least one
 * @param eventTime column that says when the fact happened or the state began; null (mode state only): the commit's time
 * @param columns all columns used, with their types
 */
public record DataSource(
        String name,
        String table,
        String topic,
        Mode mode,
        List<String> primaryKey,
        @Nullable String eventTime,
        List<Column> columns,
        String description,
        Map<String, String> tags,
        String owner) {

    /** What a row of the table means. */
    public enum Mode {
        /** A row is something that happened; a correction rewrites history and present rows count. */
        FACTS,
        /** A row is what holds now; every version is kept, a delete ends it. */
        STATE
    }

    /**
     * A column of the source table; engines send it to their workers.
     *
     * @param scale digits after the point; used by {@link ColumnType#DECIMAL} alone
     */
    public record Column(String name, ColumnType type, int scale) implements Serializable {}

    /** Types of source columns; richer than Feast's, because sums of decimals must be exact. */
    public enum ColumnType {
        INT32("Int32"),
        INT64("Int64"),
        FLOAT("Float32"),
        DOUBLE("Float64"),
        DECIMAL("Decimal"),
        STRING("String"),
        BOOL("Bool"),
        DATE("Date"),
        TIMESTAMP("Timestamp");

        private final String yamlName;

        ColumnType(String yamlName) {
            this.yamlName = yamlName;
        }

        public String yamlName() {
            return yamlName;
        }
    }

    public DataSource {
        primaryKey = List.copyOf(primaryKey);
        columns = List.copyOf(columns);
        tags = Map.copyOf(tags);
    }

    public Optional<Column> column(String name) {
        return columns.stream().filter(c -> c.name().equals(name)).findFirst();
    }
}
