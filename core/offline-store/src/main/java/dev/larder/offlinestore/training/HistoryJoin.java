package dev.larder.offlinestore.training;

import dev.larder.model.ErrorCode;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.offlinestore.FeatureTable;
import dev.larder.offlinestore.LakeFiles;
import dev.larder.offlinestore.LakeLayout;
import dev.larder.progress.Progress;
import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Joins the entity rows with the history of one view.
 *
 * <p>The order of feature rows, (event timestamp, created), is packed into one 128-bit number, so that a single ASOF join
 * finds the newest row and breaks ties; ttl and {@code is_deleted} are judged afterwards, on the row found, because a row
 * that is too old or ends the state hides all older ones. Columns are read by field id, so a renamed column is found in
 * old files and a new one is null there.
 */
final class HistoryJoin {
    private static final String TWO_TO_64 = "18446744073709551616::HUGEINT";
    private static final long MAX_CREATED = Long.MAX_VALUE;

    private final String table;
    private final RequestedView view;
    private final FeatureTable history;
    private final Map<String, Selected> selected = new LinkedHashMap<>();

    /** A feature as a column of the join's result. */
    record Selected(String column, String type, FeatureTable.Column source, String alias) {}

    HistoryJoin(int number, RequestedView view, FeatureTable history) {
        this.table = "joined" + number;
        this.view = view;
        this.history = history;
    }

    String view() {
        return view.alias() == null ? view.view() : view.view() + " as " + view.alias();
    }

    /** Name of the table that {@link #run} leaves: column {@code row} and the selected ones. */
    String table() {
        return table;
    }

    Selected select(String feature) {
        return selected.computeIfAbsent(feature, name -> {
            FeatureTable.Column source = history.column(name)
                    .orElseThrow(() -> new LarderException(
                            ErrorCode.FEATURE_NOT_FOUND,
                            "Table %s has no feature %s (known: %s). Run `larder compute` if it is new."
                                    .formatted(LakeLayout.featuresTable(view.view()), name, knownFeatures())));
            String alias = "f" + selected.size();
            return new Selected(table + "." + alias, duckType(source), source, alias);
        });
    }

    /** The files that {@link #run} reads. */
    List<Path> files(EntityFrame frame, LakeFiles.Opened lake, Progress progress) {
        return lake.paths(LakeLayout.featuresTable(view.view()), filesWithin(frame), progress);
    }

    /** Fills the table of {@link #table}; entity rows without any feature row before them are not in it. */
    void run(DuckDb db, EntityFrame frame, List<Path> files) {
        try {
            refuseFilesWithoutIds(db, files);
            String keys = table + "_keys";
            db.execute("CREATE TEMP TABLE %s AS %s".formatted(keys, entityKeys(frame)));
            db.execute("CREATE TEMP TABLE %s AS %s".formatted(table, newestRows(keys, files)));
        } catch (SQLException e) {
            throw new LarderException(
                    ErrorCode.LAKE_UNAVAILABLE,
                    "The rows of table %s cannot be joined: %s"
                            .formatted(LakeLayout.featuresTable(view.view()), DuckDb.firstLine(e)),
                    e);
        }
    }

    private String entityKeys(EntityFrame frame) {
        List<String> keys = view.joinKeys().stream()
                .map(key -> frame.key(view.columnOf(key), key.type()))
                .toList();
        String columns = IntStream.range(0, keys.size())
                .mapToObj(i -> ", %s AS k%d".formatted(keys.get(i), i))
                .collect(Collectors.joining());
        String notNull = keyNames("k%d IS NOT NULL", " AND ");
        return "SELECT * FROM (SELECT row, epoch_us(t) AS t%s FROM %s) %s"
                .formatted(columns, EntityFrame.TABLE, notNull.isEmpty() ? "" : "WHERE " + notNull);
    }

    private String newestRows(String keys, List<Path> files) {
        BigInteger delay = micros(view.availableAfter(), true);
        BigInteger reach = micros(view.availableAfter().plus(view.ttl()), false);
        String inTime = view.ttl().isZero() ? "true" : "h.stamp >= e.t - %s".formatted(reach);
        String found = "%s AND h.deleted IS NOT TRUE".formatted(inTime);
        String features = selected.values().stream()
                .map(f -> ", CASE WHEN %s THEN h.%s END AS %s".formatted(found, f.alias(), f.alias()))
                .collect(Collectors.joining());
        String sameKeys = keyNames("e.k%1$d = h.k%1$d AND ", "");
        return "SELECT e.row%s FROM %s e ASOF JOIN (%s) h ON %s(e.t - %s)::HUGEINT * %s + %d >= h.position"
                .formatted(features, keys, rows(keys, files), sameKeys, delay, TWO_TO_64, MAX_CREATED);
    }

    /** The rows of the history whose keys occur, with their position in the order of feature rows. */
    private String rows(String keys, List<Path> files) {
        String wanted =
                view.joinKeys().isEmpty() ? "" : " SEMI JOIN %s USING (%s)".formatted(keys, keyNames("k%d", ", "));
        return "SELECT *, epoch_us(event) AS stamp, epoch_us(event)::HUGEINT * %s + coalesce(epoch_us(created), 0) AS position FROM %s%s"
                .formatted(TWO_TO_64, source(files), wanted);
    }

    private String source(List<Path> files) {
        Map<String, FeatureTable.Column> columns = sourceColumns();
        String deleted = columns.containsKey("deleted") ? "" : ", NULL::BOOLEAN AS deleted";
        return "(SELECT *%s FROM %s)".formatted(deleted, files.isEmpty() ? noRows(columns) : parquet(files, columns));
    }

    private String parquet(List<Path> files, Map<String, FeatureTable.Column> columns) {
        String schema = columns.entrySet().stream()
                .map(c -> "%d: {name: '%s', type: '%s', default_value: NULL}"
                        .formatted(c.getValue().id(), c.getKey(), duckType(c.getValue())))
                .collect(Collectors.joining(", ", "MAP {", "}"));
        return "read_parquet(%s, schema = %s, hive_partitioning = false)".formatted(Sql.files(files), schema);
    }

    private String noRows(Map<String, FeatureTable.Column> columns) {
        return columns.entrySet().stream()
                .map(c -> "NULL::%s AS %s".formatted(duckType(c.getValue()), c.getKey()))
                .collect(Collectors.joining(", ", "(SELECT ", " WHERE false)"));
    }

    private Map<String, FeatureTable.Column> sourceColumns() {
        Map<String, FeatureTable.Column> columns = new LinkedHashMap<>();
        for (int i = 0; i < view.joinKeys().size(); i++) {
            columns.put("k" + i, required(view.joinKeys().get(i).name()));
        }
        columns.put("event", required(LakeLayout.EVENT_TIMESTAMP));
        columns.put("created", required(LakeLayout.CREATED));
        history.column(LakeLayout.IS_DELETED).ifPresent(column -> columns.put("deleted", column));
        selected.values().forEach(feature -> columns.put(feature.alias(), feature.source()));
        return columns;
    }

    private FeatureTable.Column required(String name) {
        return history.column(name)
                .orElseThrow(() -> new LarderException(
                        ErrorCode.LAKE_UNAVAILABLE,
                        "Table %s has no column %s (known: %s). Recompute it with `larder compute`."
                                .formatted(
                                        LakeLayout.featuresTable(view.view()),
                                        name,
                                        history.columns().stream()
                                                .map(FeatureTable.Column::name)
                                                .collect(Collectors.joining(", ")))));
    }

    /** Files that can hold a row for some entity row, by the stamps that Iceberg knows of them. */
    private List<FeatureTable.DataFile> filesWithin(EntityFrame frame) {
        if (frame.rows() == 0) {
            return List.of();
        }
        Instant newest = frame.newest().minus(view.availableAfter());
        return history.files().stream()
                .filter(file -> file.firstStamp() == null || !file.firstStamp().isAfter(newest))
                .filter(file -> view.ttl().isZero()
                        || file.lastStamp() == null
                        || !file.lastStamp()
                                .plus(view.availableAfter())
                                .plus(view.ttl())
                                .isBefore(frame.oldest()))
                .toList();
    }

    /** DuckDB would read such a file as nulls. */
    private void refuseFilesWithoutIds(DuckDb db, List<Path> files) throws SQLException {
        if (files.isEmpty()) {
            return;
        }
        String query = ("SELECT file_name FROM parquet_schema(%s) GROUP BY file_name HAVING count(field_id) = 0"
                        + " ORDER BY file_name LIMIT 1")
                .formatted(Sql.files(files));
        for (List<@Nullable Object> without : db.query(query)) {
            throw new LarderException(
                    ErrorCode.LAKE_UNAVAILABLE,
                    "File %s of table %s has no field ids, so it was not written by Iceberg. Rewrite it: `larder compute`."
                            .formatted(without.get(0), LakeLayout.featuresTable(view.view())));
        }
    }

    private String keyNames(String format, String separator) {
        return IntStream.range(0, view.joinKeys().size())
                .mapToObj(i -> format.formatted(i))
                .collect(Collectors.joining(separator));
    }

    private String knownFeatures() {
        List<String> others = new ArrayList<>(
                List.of(LakeLayout.EVENT_TIMESTAMP, LakeLayout.CREATED, LakeLayout.IS_DELETED, LakeLayout.DAY));
        view.joinKeys().stream().map(Field::name).forEach(others::add);
        return history.columns().stream()
                .map(FeatureTable.Column::name)
                .filter(name -> !others.contains(name))
                .collect(Collectors.joining(", "));
    }

    private String duckType(FeatureTable.Column column) {
        return duckType(column.type(), column.name());
    }

    private String duckType(String type, String column) {
        if (type.startsWith("list<") && type.endsWith(">")) {
            return duckType(type.substring("list<".length(), type.length() - 1), column) + "[]";
        }
        if (type.startsWith("decimal(")) {
            return type.toUpperCase(Locale.ROOT);
        }
        if (type.startsWith("fixed[")) {
            return "BLOB";
        }
        return switch (type) {
            case "boolean" -> "BOOLEAN";
            case "int" -> "INTEGER";
            case "long" -> "BIGINT";
            case "float" -> "FLOAT";
            case "double" -> "DOUBLE";
            case "string" -> "VARCHAR";
            case "binary" -> "BLOB";
            case "uuid" -> "UUID";
            case "date" -> "DATE";
            case "timestamp" -> "TIMESTAMP";
            case "timestamptz" -> "TIMESTAMP WITH TIME ZONE";
            default ->
                throw new LarderException(
                        ErrorCode.ARGUMENT_INVALID,
                        "Column %s of table %s has type %s, which training sets cannot hold. Leave it out."
                                .formatted(column, LakeLayout.featuresTable(view.view()), type));
        };
    }

    private static BigInteger micros(Duration duration, boolean up) {
        BigInteger nanos = BigInteger.valueOf(duration.toSeconds())
                .multiply(BigInteger.valueOf(1_000_000_000L))
                .add(BigInteger.valueOf(duration.toNanosPart()));
        BigInteger thousand = BigInteger.valueOf(1000);
        return (up ? nanos.add(BigInteger.valueOf(999)) : nanos).divide(thousand);
    }
}
