package dev.larder.offlinestore.training;

import dev.larder.model.ErrorCode;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import dev.larder.offlinestore.LakeLayout;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The entity file as a table in DuckDB: {@code row} counts from 1, {@code t} is the row's time, {@code i0, i1, ...} are
 * the file's columns as they were read (text, from CSV).
 */
final class EntityFrame {
    static final String TABLE = "entities";

    private final FileFormat format;
    private final List<Column> columns;
    private final Map<String, ValueType> keys;
    private final long rows;
    private final Instant oldest;
    private final Instant newest;

    /** A column of the file: its name there, its name in the table, and DuckDB's name of its type. */
    record Column(String name, String internal, String type) {}

    private EntityFrame(
            FileFormat format,
            List<Column> columns,
            Map<String, ValueType> keys,
            long rows,
            Instant oldest,
            Instant newest) {
        this.format = format;
        this.columns = columns;
        this.keys = keys;
        this.rows = rows;
        this.oldest = oldest;
        this.newest = newest;
    }

    /** Reads the file and checks the times and the keys of every row. */
    static EntityFrame read(DuckDb db, Path file, List<RequestedView> views) {
        FileFormat format = FileFormat.of(file, "Entity file");
        if (!Files.isReadable(file)) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "Entity file %s does not exist or cannot be read. Check the path given.".formatted(file));
        }
        try {
            List<Column> columns = format == FileFormat.CSV ? csvColumns(file) : parquetColumns(db, file);
            Map<String, ValueType> keys = keys(file, columns, views);
            Column time = column(file, columns, LakeLayout.EVENT_TIMESTAMP, "the time of the row");
            db.execute("CREATE TEMP TABLE %s AS SELECT row_number() OVER () AS row, *, %s AS t FROM %s"
                    .formatted(TABLE, timeExpression(file, time), source(file, format, columns)));
            refuseBadTimes(db, file, time);
            for (Map.Entry<String, ValueType> key : keys.entrySet()) {
                refuseBadKeys(db, file, column(file, columns, key.getKey(), "a join key"), key.getValue());
            }
            List<@Nullable Object> range =
                    db.query("SELECT count(*), min(t), max(t) FROM " + TABLE).get(0);
            return new EntityFrame(
                    format,
                    columns,
                    keys,
                    range.get(0) instanceof Number count ? count.longValue() : 0,
                    instant(range.get(1)),
                    instant(range.get(2)));
        } catch (SQLException e) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Entity file %s is not valid %s: %s".formatted(file, format, DuckDb.firstLine(e)),
                    e);
        } catch (CharacterCodingException e) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Entity file %s is not text in UTF-8. Convert it, for example with iconv.".formatted(file),
                    e);
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE, "Entity file %s cannot be read: %s".formatted(file, e), e);
        }
    }

    List<Column> columns() {
        return columns;
    }

    long rows() {
        return rows;
    }

    /** Time of the earliest row; the epoch if there is none. */
    Instant oldest() {
        return oldest;
    }

    /** Time of the latest row; the epoch if there is none. */
    Instant newest() {
        return newest;
    }

    /** SQL of a join key's value in its declared type. */
    String key(String column, ValueType type) {
        Column found = columns.stream()
                .filter(c -> c.name().equals(column))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "column: %s (expected: one of %s)".formatted(column, names(columns))));
        return KeyType.of(type, column).expression(found);
    }

    /** SQL of the file's columns as the output shows them. */
    List<String> outputColumns(DuckDb db, FileFormat output) {
        if (format == FileFormat.CSV && output == FileFormat.PARQUET) {
            return typedColumns(db);
        }
        return columns.stream()
                .map(column -> isTime(column)
                        ? output.column("t", "TIMESTAMP WITH TIME ZONE")
                        : output.column("e." + column.internal(), column.type()))
                .toList();
    }

    /** Columns of text become what all their values are; those of join keys what they were declared to be. */
    private List<String> typedColumns(DuckDb db) {
        List<Column> free = columns.stream()
                .filter(c -> !isTime(c) && !keys.containsKey(c.name()))
                .toList();
        Map<Column, TextType> types = TextType.detect(db, TABLE, free);
        return columns.stream()
                .map(column -> {
                    ValueType key = keys.get(column.name());
                    if (isTime(column)) {
                        return "t";
                    }
                    return key != null
                            ? key(column.name(), key)
                            : types.getOrDefault(column, TextType.VARCHAR).cast("e." + column.internal());
                })
                .toList();
    }

    private static boolean isTime(Column column) {
        return column.name().equals(LakeLayout.EVENT_TIMESTAMP);
    }

    private static List<Column> csvColumns(Path file) throws IOException {
        List<String> header = CsvHeader.read(file);
        refuseEqualNames(file, header);
        return IntStream.range(0, header.size())
                .mapToObj(i -> new Column(header.get(i), "i" + i, "VARCHAR"))
                .toList();
    }

    private static List<Column> parquetColumns(DuckDb db, Path file) throws SQLException {
        List<DuckDb.Column> described = db.describe("SELECT * FROM " + parquet(file));
        Set<String> stored = new HashSet<>();
        db.query("SELECT name FROM parquet_schema(%s)".formatted(Sql.files(List.of(file))))
                .forEach(row -> stored.add(String.valueOf(row.get(0))));
        List<String> names = described.stream().map(DuckDb.Column::name).toList();
        for (String name : names) {
            // DuckDB gives the second of two equal names a suffix.
            if (!stored.contains(name)) {
                throw equalNames(file, name.replaceAll("_\\d+$", ""));
            }
        }
        refuseEqualNames(file, names);
        return IntStream.range(0, described.size())
                .mapToObj(
                        i -> new Column(names.get(i), "i" + i, described.get(i).type()))
                .toList();
    }

    private static String source(Path file, FileFormat format, List<Column> columns) {
        if (format == FileFormat.PARQUET) {
            return columns.stream()
                    .map(c -> "%s AS %s".formatted(Sql.identifier(c.name()), c.internal()))
                    .collect(Collectors.joining(", ", "(SELECT ", " FROM " + parquet(file) + ")"));
        }
        String schema = columns.stream()
                .map(c -> "'%s': 'VARCHAR'".formatted(c.internal()))
                .collect(Collectors.joining(", ", "{", "}"));
        return ("read_csv(%s, auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '',"
                        + " allow_quoted_nulls = false, strict_mode = true, columns = %s)")
                .formatted(Sql.files(List.of(file)), schema);
    }

    private static String parquet(Path file) {
        return "read_parquet(%s, hive_partitioning = false)".formatted(Sql.files(List.of(file)));
    }

    private static Map<String, ValueType> keys(Path file, List<Column> columns, List<RequestedView> views) {
        Map<String, ValueType> keys = new LinkedHashMap<>();
        for (RequestedView view : views) {
            for (Field key : view.joinKeys()) {
                String name = view.columnOf(key);
                column(file, columns, name, "join key %s of feature view %s".formatted(key.name(), view.view()));
                ValueType other = keys.putIfAbsent(name, key.type());
                if (other != null && other != key.type()) {
                    throw new LarderException(
                            ErrorCode.ARGUMENT_INVALID,
                            "Column %s of entity file %s is a join key of two types, %s and %s (view %s). Map one of them to another column with join_key_map."
                                    .formatted(
                                            name,
                                            file,
                                            other.displayName(),
                                            key.type().displayName(),
                                            view.view()));
                }
            }
        }
        return keys;
    }

    private static Column column(Path file, List<Column> columns, String name, String why) {
        return columns.stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new LarderException(
                        ErrorCode.ARGUMENT_INVALID,
                        "Entity file %s has no column %s, %s (found: %s). Add the column, or rename the one that holds it."
                                .formatted(file, name, why, String.join(", ", names(columns)))));
    }

    private static List<String> names(List<Column> columns) {
        return columns.stream().map(Column::name).toList();
    }

    private static void refuseEqualNames(Path file, List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name.toLowerCase(Locale.ROOT))) {
                throw equalNames(file, name);
            }
        }
    }

    private static LarderException equalNames(Path file, String name) {
        return new LarderException(
                ErrorCode.ARGUMENT_INVALID,
                "Entity file %s has two columns named %s (case does not tell them apart). Rename one."
                        .formatted(file, name));
    }

    private static String timeExpression(Path file, Column column) {
        String expression = TimeType.expression(column);
        if (expression == null) {
            throw new LarderException(
                    ErrorCode.VALUE_TYPE_MISMATCH,
                    "Column %s of entity file %s has type %s (expected: timestamps, dates, or text such as 2026-11-01T00:00:00Z)"
                            .formatted(column.name(), file, column.type()));
        }
        return expression;
    }

    private static void refuseBadTimes(DuckDb db, Path file, Column column) throws SQLException {
        for (List<@Nullable Object> bad :
                db.query("SELECT row, CAST(%s AS VARCHAR) FROM %s WHERE t IS NULL ORDER BY row LIMIT 1"
                        .formatted(column.internal(), TABLE))) {
            throw new LarderException(
                    ErrorCode.VALUE_TYPE_MISMATCH,
                    "Entity file %s, row %s, column %s: %s is not a time (expected: for example 2026-11-01T00:00:00Z; without an offset it is UTC)"
                            .formatted(file, bad.get(0), column.name(), quoted(bad.get(1))));
        }
    }

    private static void refuseBadKeys(DuckDb db, Path file, Column column, ValueType type) throws SQLException {
        KeyType keyType = KeyType.of(type, column.name());
        if (!keyType.accepts(column)) {
            throw new LarderException(
                    ErrorCode.VALUE_TYPE_MISMATCH,
                    "Column %s of entity file %s has type %s (expected: %s, as the entity declares)"
                            .formatted(column.name(), file, column.type(), type.displayName()));
        }
        for (List<@Nullable Object> bad : db.query(
                "SELECT row, CAST(%1$s AS VARCHAR) FROM %2$s WHERE %3$s AND (%4$s) IS NULL ORDER BY row LIMIT 1"
                        .formatted(column.internal(), TABLE, keyType.present(column), keyType.expression(column)))) {
            throw new LarderException(
                    ErrorCode.VALUE_TYPE_MISMATCH,
                    "Entity file %s, row %s, column %s: %s is not of type %s, which the entity declares"
                            .formatted(file, bad.get(0), column.name(), quoted(bad.get(1)), type.displayName()));
        }
    }

    private static String quoted(@Nullable Object value) {
        return value == null ? "an empty value" : "'" + value + "'";
    }

    private static Instant instant(@Nullable Object value) {
        return value instanceof OffsetDateTime time ? time.toInstant() : Instant.EPOCH;
    }
}
