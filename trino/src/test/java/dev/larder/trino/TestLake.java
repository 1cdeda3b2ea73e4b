package dev.larder.trino;

import dev.larder.offlinestore.LakeLayout;
import dev.larder.servers.MinioEndpoint;
import dev.larder.servers.StackEndpoints;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.aws.s3.S3FileIOAwsClientFactory;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;

/** Feature tables as Spark leaves them, written without Trino: the JDBC catalog on PostgreSQL, Parquet files on MinIO. */
final class TestLake implements AutoCloseable {
    static final String PROJECT = "banking";

    private final JdbcCatalog catalog = new JdbcCatalog();
    private final Path scratch;

    TestLake(StackEndpoints endpoints, Path scratch) {
        this.scratch = scratch;
        MinioEndpoint minio = endpoints.minio().orElseThrow();
        Map<String, String> properties = new HashMap<>();
        properties.put(CatalogProperties.URI, endpoints.catalog().jdbcUrl());
        properties.put(JdbcCatalog.PROPERTY_PREFIX + "user", endpoints.catalog().user());
        properties.put(JdbcCatalog.PROPERTY_PREFIX + "schema-version", "V1");
        properties.put(CatalogProperties.WAREHOUSE_LOCATION, "s3://" + StackEndpoints.BUCKET + "/warehouse");
        properties.put(CatalogProperties.FILE_IO_IMPL, S3FileIO.class.getName());
        properties.put("s3.client-factory-impl", Clients.class.getName());
        properties.put("test.url", minio.url().toString());
        properties.put("test.access-key", minio.accessKey());
        properties.put("test.secret-key", minio.secretKey());
        try (S3Client s3 = Clients.client(properties)) {
            s3.createBucket(request -> request.bucket(StackEndpoints.BUCKET));
        }
        catalog.initialize(LakeLayout.CATALOG, properties);
        if (!catalog.namespaceExists(Namespace.of(PROJECT))) {
            catalog.createNamespace(Namespace.of(PROJECT));
        }
    }

    /** Keys, stamp, features, created, what else, day; all of them may be null, as Spark's are. */
    void create(String view, List<NestedField> columns) {
        List<NestedField> fields = new ArrayList<>();
        for (NestedField column : columns) {
            fields.add(NestedField.optional(fields.size() + 1, column.name(), column.type()));
        }
        Schema schema = new Schema(fields);
        catalog.createTable(
                id(view),
                schema,
                PartitionSpec.builderFor(schema).identity(LakeLayout.DAY).build());
    }

    static NestedField column(String name, Type type) {
        return NestedField.optional(1, name, type);
    }

    static NestedField stamp(String name) {
        return column(name, Types.TimestampType.withZone());
    }

    /** Adds a file for each list of rows; a row is SQL literals for all columns but {@code day}, which comes from its stamp. */
    @SafeVarargs
    final Snapshot append(String view, String interval, List<String>... files) {
        Table table = catalog.loadTable(id(view));
        var append = table.newAppend();
        for (List<String> rows : files) {
            write(table, rows).forEach(append::appendFile);
        }
        return commit(table, append, interval);
    }

    /** Replaces the rows of whole days. */
    Snapshot replaceDay(String view, String interval, LocalDate day, List<String> rows) {
        Table table = catalog.loadTable(id(view));
        var overwrite =
                table.newOverwrite().overwriteByRowFilter(Expressions.equal(LakeLayout.DAY, (int) day.toEpochDay()));
        write(table, rows).forEach(overwrite::addFile);
        return commit(table, overwrite, interval);
    }

    /** Bytes of the present files of a day. */
    long bytes(String view, LocalDate day) {
        Table table = catalog.loadTable(id(view));
        try (var tasks = table.newScan()
                .filter(Expressions.equal(LakeLayout.DAY, (int) day.toEpochDay()))
                .planFiles()) {
            long bytes = 0;
            for (var task : tasks) {
                bytes += task.file().fileSizeInBytes();
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        catalog.close();
    }

    /** Iceberg's own factory asks for more of the AWS SDK than S3. */
    public static final class Clients implements S3FileIOAwsClientFactory {
        private static final long serialVersionUID = 1L;

        private Map<String, String> properties = Map.of();

        @Override
        public void initialize(Map<String, String> given) {
            properties = new HashMap<>(given);
        }

        @Override
        public S3Client s3() {
            return client(properties);
        }

        @Override
        public S3AsyncClient s3Async() {
            throw new UnsupportedOperationException();
        }

        private static S3Client client(Map<String, String> properties) {
            return S3Client.builder()
                    .endpointOverride(URI.create(property(properties, "test.url")))
                    .region(Region.of(MinioEndpoint.REGION))
                    .forcePathStyle(true)
                    .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(
                            property(properties, "test.access-key"), property(properties, "test.secret-key"))))
                    .build();
        }

        private static String property(Map<String, String> properties, String name) {
            return Objects.requireNonNull(properties.get(name), name);
        }
    }

    private static TableIdentifier id(String view) {
        return TableIdentifier.of(Namespace.of(PROJECT), LakeLayout.featuresTable(view));
    }

    private static Snapshot commit(Table table, SnapshotUpdate<?> update, String interval) {
        update.set(LakeLayout.SUMMARY_INTERVAL, interval);
        update.commit();
        table.refresh();
        return table.currentSnapshot();
    }

    private List<DataFile> write(Table table, List<String> rows) {
        int stamp = table.schema().columns().indexOf(table.schema().findField(LakeLayout.EVENT_TIMESTAMP));
        Map<LocalDate, List<String>> byDay = rows.stream()
                .collect(Collectors.groupingBy(
                        row -> day(row.split(",", -1)[stamp].strip()), TreeMap::new, Collectors.toList()));
        List<DataFile> files = new ArrayList<>();
        byDay.forEach((day, ofDay) -> files.add(write(table, day, ofDay)));
        return files;
    }

    private static LocalDate day(String stamp) {
        return Instant.parse(stamp.replace("'", ""))
                .minus(1, ChronoUnit.MICROS)
                .atZone(ZoneOffset.UTC)
                .toLocalDate();
    }

    private DataFile write(Table table, LocalDate day, List<String> rows) {
        String partition = "day=" + day;
        Path local = scratch.resolve(UUID.randomUUID() + ".parquet");
        List<NestedField> fields = table.schema().columns();
        String casts = fields.stream()
                .map(field ->
                        "CAST(\"%s\" AS %s) AS \"%s\"".formatted(field.name(), duckType(field.type()), field.name()))
                .collect(Collectors.joining(", "));
        String values =
                rows.stream().map(row -> "(%s, '%s')".formatted(row, day)).collect(Collectors.joining(", "));
        String names = fields.stream().map(f -> '"' + f.name() + '"').collect(Collectors.joining(", "));
        String ids = fields.stream()
                .map(f -> "\"%s\": %d".formatted(f.name(), f.fieldId()))
                .collect(Collectors.joining(", ", "{", "}"));
        duckDb("COPY (SELECT %s FROM (VALUES %s) t(%s)) TO '%s' (FORMAT parquet, FIELD_IDS %s)"
                .formatted(casts, values, names, local, ids));
        OutputFile file =
                table.io().newOutputFile("%s/data/%s/%s".formatted(table.location(), partition, local.getFileName()));
        try (OutputStream out = file.create()) {
            Files.copy(local, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return DataFiles.builder(table.spec())
                .withPath(file.location())
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(size(local))
                .withPartitionPath(partition)
                .withRecordCount(rows.size())
                .build();
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String duckType(Type type) {
        return switch (type.typeId()) {
            case LONG -> "BIGINT";
            case TIMESTAMP -> "TIMESTAMPTZ";
            case STRING -> "VARCHAR";
            default -> type.toString();
        };
    }

    private static void duckDb(String sql) {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }
}
