package dev.larder.offlinestore;

import dev.larder.objectstorage.Location;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/** A lake as the Spark side leaves it: {@code file:///} or {@code s3://} locations, partitions by day, field ids. */
public final class TestLake implements AutoCloseable {
    public static final String PROJECT = "banking";

    private final FileIO files;
    private final JdbcCatalog catalog;
    private final LakeAddress address;

    /** A lake in a folder. */
    public TestLake(Path folder) {
        this(local(folder));
    }

    public TestLake(LakeAddress address) {
        this.address = address;
        this.files = address.warehouse() instanceof Location.S3 ? new S3FileIO() : new LocalFileIO();
        this.catalog = new JdbcCatalog(properties -> files, null, true);
        files.initialize(address.catalogProperties());
        catalog.initialize(LakeLayout.CATALOG, address.catalogProperties());
    }

    private static LakeAddress local(Path folder) {
        createDirectories(folder);
        return LakeAddress.local("jdbc:sqlite:" + folder.resolve("catalog.db"), folder.resolve("lake"));
    }

    public LakeAddress address() {
        return address;
    }

    /** Deletes a file as somebody would who does not know of the table. */
    public void delete(String location) {
        files.deleteFile(location);
    }

    public Lake open() {
        return Lake.open(address, PROJECT);
    }

    /** A feature table: keys, stamp, features, created, perhaps is_deleted, day. */
    public Table create(String view, boolean deletes, Map<String, Type> keys, Map<String, Type> features) {
        List<NestedField> fields = new ArrayList<>();
        new TreeMap<>(keys).forEach((name, type) -> add(fields, name, type));
        add(fields, LakeLayout.EVENT_TIMESTAMP, Types.TimestampType.withZone());
        new TreeMap<>(features).forEach((name, type) -> add(fields, name, type));
        add(fields, LakeLayout.CREATED, Types.TimestampType.withZone());
        if (deletes) {
            add(fields, LakeLayout.IS_DELETED, Types.BooleanType.get());
        }
        add(fields, LakeLayout.DAY, Types.DateType.get());
        Schema schema = new Schema(fields);
        return catalog.createTable(
                id(view),
                schema,
                PartitionSpec.builderFor(schema).identity(LakeLayout.DAY).build());
    }

    public Table table(String view) {
        return catalog.loadTable(id(view));
    }

    /** Adds rows in one commit. */
    public long append(String view, List<Map<String, Object>> rows) {
        Table table = table(view);
        var append = table.newAppend();
        write(table, rows).forEach(append::appendFile);
        return commit(table, append, null);
    }

    /** Replaces all rows in one commit. */
    public long replace(String view, List<Map<String, Object>> rows, @Nullable String definition) {
        Table table = table(view);
        OverwriteFiles overwrite = table.newOverwrite().overwriteByRowFilter(Expressions.alwaysTrue());
        write(table, rows).forEach(overwrite::addFile);
        return commit(table, overwrite, definition);
    }

    @Override
    public void close() {
        catalog.close();
        files.close();
    }

    private static long commit(Table table, SnapshotUpdate<?> update, @Nullable String definition) {
        if (definition != null) {
            update.set(LakeLayout.SUMMARY_DEFINITION, definition);
        }
        update.commit();
        table.refresh();
        return table.currentSnapshot().snapshotId();
    }

    private static void add(List<NestedField> fields, String name, Type type) {
        fields.add(NestedField.optional(fields.size() + 1, name, type));
    }

    private static TableIdentifier id(String view) {
        return TableIdentifier.of(Namespace.of(PROJECT), LakeLayout.featuresTable(view));
    }

    private static List<DataFile> write(Table table, List<Map<String, Object>> rows) {
        Map<LocalDate, List<Map<String, Object>>> byDay =
                rows.stream().collect(Collectors.groupingBy(TestLake::day, TreeMap::new, Collectors.toList()));
        List<DataFile> files = new ArrayList<>();
        byDay.forEach((day, ofDay) -> files.add(write(table, day, ofDay)));
        return files;
    }

    private static LocalDate day(Map<String, Object> row) {
        return stamp(row).minus(1, ChronoUnit.MICROS).atZone(ZoneOffset.UTC).toLocalDate();
    }

    private static Instant stamp(Map<String, Object> row) {
        return (Instant) Objects.requireNonNull(row.get(LakeLayout.EVENT_TIMESTAMP));
    }

    private static DataFile write(Table table, LocalDate day, List<Map<String, Object>> rows) {
        String partition = "day=" + day;
        String location = table.location() + "/data/" + partition + "/" + UUID.randomUUID() + ".parquet";
        List<NestedField> fields = table.schema().columns();
        String select = rows.stream()
                .map(row -> fields.stream()
                        .map(field -> literal(field, field.name().equals(LakeLayout.DAY) ? day : row.get(field.name())))
                        .collect(Collectors.joining(", ", "(", ")")))
                .collect(Collectors.joining(",\n", "SELECT * FROM (VALUES ", ")"));
        String names = fields.stream().map(f -> "\"" + f.name() + "\"").collect(Collectors.joining(", ", "t(", ")"));
        String ids = fields.stream()
                .map(f -> "\"" + f.name() + "\": " + f.fieldId())
                .collect(Collectors.joining(", ", "{", "}"));
        try {
            Path path = Files.createTempFile("rows", ".parquet");
            duckDb("COPY (%s %s) TO '%s' (FORMAT parquet, FIELD_IDS %s)"
                    .formatted(select, names, path.toString().replace("'", "''"), ids));
            try (OutputStream out = table.io().newOutputFile(location).create()) {
                Files.copy(path, out);
            }
            long bytes = Files.size(path);
            Files.delete(path);
            return DataFiles.builder(table.spec())
                    .withPath(location)
                    .withFormat(FileFormat.PARQUET)
                    .withFileSizeInBytes(bytes)
                    .withPartitionPath(partition)
                    .withMetrics(metrics(table, rows))
                    .build();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void createDirectories(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Metrics metrics(Table table, List<Map<String, Object>> rows) {
        NestedField field = table.schema().findField(LakeLayout.EVENT_TIMESTAMP);
        List<Instant> stamps = rows.stream().map(TestLake::stamp).sorted().toList();
        return new Metrics(
                (long) rows.size(),
                null,
                null,
                null,
                null,
                Map.of(field.fieldId(), micros(field, stamps.get(0))),
                Map.of(field.fieldId(), micros(field, stamps.get(stamps.size() - 1))));
    }

    private static ByteBuffer micros(NestedField field, Instant stamp) {
        return Conversions.toByteBuffer(field.type(), ChronoUnit.MICROS.between(Instant.EPOCH, stamp));
    }

    private static String literal(NestedField field, @Nullable Object value) {
        String text = value == null ? "NULL" : "'" + value.toString().replace("'", "''") + "'";
        return "CAST(%s AS %s)".formatted(text, duckType(field.type()));
    }

    private static String duckType(Type type) {
        return switch (type.typeId()) {
            case LONG -> "BIGINT";
            case TIMESTAMP -> "TIMESTAMPTZ";
            case STRING -> "VARCHAR";
            case BINARY -> "BLOB";
            default -> type.toString();
        };
    }

    /** Runs one statement in a DuckDB of its own, in UTC. */
    public static void duckDb(String sql) {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql.substring(0, Math.min(500, sql.length())), e);
        }
    }
}
