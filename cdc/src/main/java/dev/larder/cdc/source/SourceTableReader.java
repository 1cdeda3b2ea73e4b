package dev.larder.cdc.source;

import dev.larder.cdc.source.SourceTable.SkippedColumn;
import dev.larder.model.DataSource;
import dev.larder.model.DataSource.ColumnType;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads from PostgreSQL's catalog what a table looks like as a data source.
 *
 * <p>A {@code numeric} column without a declared scale is skipped: its values may have any number of digits after the point,
 * and a guess would round some of them. Generated columns are skipped, because PostgreSQL does not log their values.
 */
public final class SourceTableReader {
    private static final String DEFAULT_SCHEMA = "public";

    private SourceTableReader() {}

    /**
     * Reads the table.
     *
     * @param table {@code schema.table} as PostgreSQL stores the names, without quotes; the schema may be left out if it is
     *     {@code public}
     * @throws LarderException {@code ARGUMENT_INVALID} if there is no such table, or it has no primary key, or may not be
     *     read by this user, or cannot be captured; {@code SOURCE_UNAVAILABLE} if PostgreSQL does not answer
     */
    public static SourceTable read(Connection connection, String table) {
        int dot = table.indexOf('.');
        String schema = dot < 0 ? DEFAULT_SCHEMA : table.substring(0, dot);
        String name = table.substring(dot + 1);
        try {
            Relation relation = relation(connection, schema, name);
            if (relation == null) {
                throw unknown(schema + "." + name, tables(connection));
            }
            requireCapturable(relation);
            List<DataSource.Column> columns = new ArrayList<>();
            List<SkippedColumn> skipped = new ArrayList<>();
            readColumns(connection, relation, columns, skipped);
            List<String> primaryKey = primaryKey(connection, relation);
            requireUsableKey(relation, primaryKey, skipped);
            return new SourceTable(schema, name, columns, primaryKey, skipped);
        } catch (SQLException e) {
            throw new LarderException(
                    ErrorCode.SOURCE_UNAVAILABLE,
                    "Cannot read the description of table %s: PostgreSQL says: %s".formatted(table, e.getMessage()),
                    e);
        }
    }

    /**
     * @param kind PostgreSQL's letter
     * @param readable whether the user of the connection may read its rows
     */
    private record Relation(long id, String name, String kind, boolean readable, String user) {}

    private static @Nullable Relation relation(Connection connection, String schema, String name) throws SQLException {
        String sql =
                """
                select c.oid, c.relkind,
                       has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'), current_user
                from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname = ? and c.relname = ? and c.relkind in ('r', 'p', 'v', 'm', 'f')
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, schema);
            statement.setString(2, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? new Relation(
                                row.getLong(1),
                                schema + "." + name,
                                row.getString(2),
                                row.getBoolean(3),
                                row.getString(4))
                        : null;
            }
        }
    }

    private static List<String> tables(Connection connection) throws SQLException {
        String sql =
                """
                select n.nspname || '.' || c.relname
                from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind = 'r' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
                order by 1
                """;
        List<String> tables = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        return tables;
    }

    private static LarderException unknown(String asked, List<String> tables) {
        List<String> near = NearTables.of(asked, tables);
        return new LarderException(
                ErrorCode.ARGUMENT_INVALID,
                near.isEmpty()
                        ? "There is no table %s, nor any other table in this database. Check larder.postgres in feature_store.yaml."
                                .formatted(asked)
                        : "There is no table %s in this database. Is it one of these: %s?"
                                .formatted(asked, String.join(", ", near)));
    }

    private static void requireCapturable(Relation relation) {
        String problem =
                switch (relation.kind()) {
                    case "r" -> null;
                    case "p" ->
                        "is partitioned, and PostgreSQL logs its changes under the names of its partitions. Name one of those";
                    case "f" -> "is a foreign table, whose changes are logged on its own server. Name the table there";
                    default -> "is a view, whose changes are not logged. Name the table behind it";
                };
        if (problem != null) {
            throw new LarderException(ErrorCode.ARGUMENT_INVALID, "%s %s.".formatted(relation.name(), problem));
        }
        if (!relation.readable()) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "User %2$s may not read table %1$s. Have its owner run: grant usage on schema %3$s to %2$s; grant select on %1$s to %2$s;"
                            .formatted(
                                    relation.name(),
                                    relation.user(),
                                    relation.name().substring(0, relation.name().indexOf('.'))));
        }
    }

    private static void readColumns(
            Connection connection, Relation relation, List<DataSource.Column> columns, List<SkippedColumn> skipped)
            throws SQLException {
        // A domain counts as the type that it restricts; a type of somebody's own that is named like a built-in one
        // does not.
        String sql =
                """
                select a.attname, format_type(a.atttypid, a.atttypmod),
                       case when b.typnamespace = 'pg_catalog'::regnamespace then b.typname else '' end,
                       case when t.typtype = 'd' then t.typtypmod else a.atttypmod end,
                       a.attgenerated <> ''
                from pg_attribute a
                join pg_type t on t.oid = a.atttypid
                join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
                where a.attrelid = ? and a.attnum > 0 and not a.attisdropped
                order by a.attnum
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, relation.id());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String name = row.getString(1);
                    String shown = row.getString(2);
                    ColumnType type = type(row.getString(3));
                    int modifier = row.getInt(4);
                    if (row.getBoolean(5)) {
                        skipped.add(new SkippedColumn(
                                name, shown, "it is generated, and PostgreSQL does not log generated values"));
                    } else if (type == null) {
                        skipped.add(new SkippedColumn(name, shown, "Larder has no type for it"));
                    } else if (type == ColumnType.DECIMAL && modifier < 0) {
                        skipped.add(
                                new SkippedColumn(
                                        name,
                                        shown,
                                        "it has no fixed number of digits after the point; if you know one, add the column as type: Decimal, scale: N"));
                    } else {
                        columns.add(
                                new DataSource.Column(name, type, type == ColumnType.DECIMAL ? scale(modifier) : 0));
                    }
                }
            }
        }
    }

    private static @Nullable ColumnType type(String typname) {
        return switch (typname) {
            case "int2", "int4" -> ColumnType.INT32;
            case "int8" -> ColumnType.INT64;
            case "float4" -> ColumnType.FLOAT;
            case "float8" -> ColumnType.DOUBLE;
            case "numeric" -> ColumnType.DECIMAL;
            case "text", "varchar", "bpchar", "uuid" -> ColumnType.STRING;
            case "bool" -> ColumnType.BOOL;
            case "date" -> ColumnType.DATE;
            case "timestamp", "timestamptz" -> ColumnType.TIMESTAMP;
            default -> null;
        };
    }

    /** PostgreSQL packs precision and scale into one number; the scale is the signed lower 11 bits, negative for round tens. */
    private static int scale(int modifier) {
        int packed = (modifier - 4) & 0x7ff;
        return Math.max(0, (packed ^ 0x400) - 0x400);
    }

    private static List<String> primaryKey(Connection connection, Relation relation) throws SQLException {
        String sql =
                """
                select a.attname
                from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[])
                where i.indrelid = ? and i.indisprimary
                order by array_position(i.indkey::int2[], a.attnum)
                """;
        List<String> names = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, relation.id());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
        }
        return names;
    }

    private static void requireUsableKey(Relation relation, List<String> primaryKey, List<SkippedColumn> skipped) {
        if (primaryKey.isEmpty()) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Table %1$s has no primary key, so its rows cannot be told apart in the change log. Add one: alter table %1$s add primary key (...);"
                            .formatted(relation.name()));
        }
        for (SkippedColumn column : skipped) {
            if (primaryKey.contains(column.name())) {
                throw new LarderException(
                        ErrorCode.ARGUMENT_INVALID,
                        "Column %s of the primary key of table %s is of type %s, which cannot be used (%s). Use a table whose key is made of numbers, text, uuid or dates."
                                .formatted(column.name(), relation.name(), column.type(), column.reason()));
            }
        }
    }
}
