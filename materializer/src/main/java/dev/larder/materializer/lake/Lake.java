package dev.larder.materializer.lake;

import dev.larder.offlinestore.LakeLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.SnapshotUtil;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** The tables of one project. */
public final class Lake {
    /** Properties of every table: whole files are replaced, so that each reader finds plain Parquet. */
    public static final Map<String, String> TABLE_PROPERTIES = Map.of(
            "format-version", "2",
            "write.delete.mode", "copy-on-write",
            "write.update.mode", "copy-on-write",
            "write.merge.mode", "copy-on-write",
            "write.parquet.compression-codec", "zstd",
            // Sorted by partition instead of one open file for each: a long history has thousands of days.
            "write.spark.fanout.enabled", "false");

    private final SparkSession spark;
    private final Catalog catalog;
    private final Namespace namespace;

    private Lake(SparkSession spark, Catalog catalog, Namespace namespace) {
        this.spark = spark;
        this.catalog = catalog;
        this.namespace = namespace;
    }

    /** Opens the project's lake in a session of {@link SparkSessions}, and creates its namespace if it is new. */
    public static Lake open(SparkSession spark, String project) {
        Catalog catalog = Spark3Util.loadIcebergCatalog(spark, LakeLayout.CATALOG);
        Namespace namespace = Namespace.of(project);
        if (catalog instanceof SupportsNamespaces namespaces && !namespaces.namespaceExists(namespace)) {
            create(namespaces, namespace);
        }
        return new Lake(spark, catalog, namespace);
    }

    private static void create(SupportsNamespaces namespaces, Namespace namespace) {
        try {
            namespaces.createNamespace(namespace);
        } catch (AlreadyExistsException e) {
            // Another process was faster, and that is all that matters.
            return;
        }
    }

    public SparkSession spark() {
        return spark;
    }

    /** The table's name for SQL. */
    public String sqlName(String table) {
        return "%s.`%s`.`%s`".formatted(LakeLayout.CATALOG, namespace, table);
    }

    /** The table as of now; empty if it does not exist. */
    public Optional<Table> find(String table) {
        try {
            return Optional.of(catalog.loadTable(TableIdentifier.of(namespace, table)));
        } catch (NoSuchTableException e) {
            return Optional.empty();
        }
    }

    /** The rows of one snapshot. */
    public Dataset<Row> rows(String table, Snapshot snapshot) {
        return spark.read()
                .option("versionAsOf", Long.toString(snapshot.snapshotId()))
                .table(sqlName(table));
    }

    /**
     * What the newest commit that knows it says under a key. Foreign commits (a compaction) lie between and say nothing.
     */
    public static Optional<String> summary(Table table, String key) {
        for (Snapshot snapshot : SnapshotUtil.currentAncestors(table)) {
            String value = snapshot.summary().get(key);
            if (value != null) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }

    /** How many rows the newest commit added. */
    public static long addedRows(Snapshot snapshot) {
        return Long.parseLong(snapshot.summary().getOrDefault("added-records", "0"));
    }

    /** The least value of a BIGINT or timestamp column as the files' statistics say; empty for a table without rows. */
    public static Optional<Long> least(Table table, String column) {
        return table.currentSnapshot() == null
                ? Optional.empty()
                : bounds(table, table.newScan().includeColumnStats().planFiles(), column, ContentFile::lowerBounds)
                        .reduce(Math::min);
    }

    /** The greatest value of a BIGINT or timestamp column in a snapshot; empty if it has no rows. */
    public static Optional<Long> greatest(Table table, Snapshot snapshot, String column) {
        return bounds(
                        table,
                        table.newScan()
                                .useSnapshot(snapshot.snapshotId())
                                .includeColumnStats()
                                .planFiles(),
                        column,
                        ContentFile::upperBounds)
                .reduce(Math::max);
    }

    /** The least value of a BIGINT or timestamp column in the files that appends brought after a snapshot. */
    public static Optional<Long> leastAdded(Table table, Snapshot after, Snapshot upTo, String column) {
        return bounds(
                        table,
                        table.newIncrementalAppendScan()
                                .fromSnapshotExclusive(after.snapshotId())
                                .toSnapshot(upTo.snapshotId())
                                .includeColumnStats()
                                .planFiles(),
                        column,
                        ContentFile::lowerBounds)
                .reduce(Math::min);
    }

    private static Stream<Long> bounds(
            Table table,
            CloseableIterable<FileScanTask> files,
            String column,
            Function<DataFile, @Nullable Map<Integer, ByteBuffer>> bounds) {
        NestedField field = table.schema().findField(column);
        List<Long> values = new ArrayList<>();
        try (files) {
            for (FileScanTask task : files) {
                Map<Integer, ByteBuffer> all = bounds.apply(task.file());
                ByteBuffer bound = all == null ? null : all.get(field.fieldId());
                if (bound != null) {
                    values.add(Conversions.<Long>fromByteBuffer(field.type(), bound));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the metadata of " + table.name(), e);
        }
        return values.stream();
    }
}
