package dev.larder.offlinestore;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.objectstorage.Location;
import dev.larder.objectstorage.S3Failures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManageSnapshots;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.jdbc.UncheckedSQLException;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * The lake's tables as other processes wrote them: an Iceberg JDBC catalog and Parquet files in a local folder or in S3. It
 * reads, and tags snapshots; it never creates the catalog. Safe for use by many threads.
 */
public final class Lake implements AutoCloseable {
    private static final int TAG_ATTEMPTS = 8;
    private static final long TAG_PAUSE_MILLIS = 50;

    private final JdbcCatalog catalog;
    private final FileIO files;
    private final String project;
    private final LakeAddress address;
    private final Clock clock;

    private Lake(JdbcCatalog catalog, FileIO files, String project, LakeAddress address, Clock clock) {
        this.catalog = catalog;
        this.files = files;
        this.project = project;
        this.address = address;
        this.clock = clock;
    }

    /**
     * Opens the lake of a project.
     *
     * @throws LarderException {@code STEP_MISSING} if nothing has been ingested yet, {@code LAKE_UNAVAILABLE} if the
     *     catalog does not answer
     */
    public static Lake open(LakeAddress address, String project) {
        return open(address, project, Clock.systemUTC());
    }

    static Lake open(LakeAddress address, String project, Clock clock) {
        address.sqliteFile().filter(file -> !Files.exists(file)).ifPresent(file -> {
            throw new LarderException(
                    ErrorCode.STEP_MISSING,
                    "The lake of project %s does not exist yet (no catalog %s). Run `larder ingest` first."
                            .formatted(project, file));
        });
        Map<String, String> properties = address.catalogProperties();
        FileIO files = address.warehouse() instanceof Location.S3 ? new S3FileIO() : new LocalFileIO();
        JdbcCatalog catalog = new JdbcCatalog(given -> files, null, false);
        try {
            files.initialize(properties);
            catalog.initialize(LakeLayout.CATALOG, properties);
        } catch (UncheckedSQLException e) {
            catalog.close();
            files.close();
            throw catalogFailure(address, e);
        }
        return new Lake(catalog, files, project, address, clock);
    }

    /**
     * The feature table of a view at its newest snapshot; empty if no row has ever been committed.
     *
     * @throws LarderException {@code LAKE_UNAVAILABLE} if the table cannot be read
     */
    public Optional<FeatureTable> features(String view) {
        return table(view).flatMap(table -> Optional.ofNullable(table.currentSnapshot())
                .map(snapshot -> featureTable(view, table, snapshot)));
    }

    /**
     * The feature table of a view at its newest snapshot.
     *
     * @throws LarderException {@code STEP_MISSING} if no row has ever been committed
     */
    public FeatureTable computedFeatures(String view) {
        return features(view).orElseThrow(() -> notComputed(view));
    }

    /**
     * The feature table of a view as an older snapshot has it.
     *
     * @throws LarderException {@code STEP_MISSING} if the table does not exist, {@code LAKE_UNAVAILABLE} if it no longer
     *     has that snapshot
     */
    public FeatureTable featuresAt(String view, long snapshotId) {
        Table table = table(view).orElseThrow(() -> notComputed(view));
        return featureTable(view, table, snapshot(view, table, snapshotId));
    }

    /**
     * Names a snapshot, so that it is kept for at least that long from now. Doing it again under the same name keeps it
     * longer.
     *
     * @throws LarderException {@code ARGUMENT_INVALID} if the name stands for another snapshot
     */
    public void tag(String view, String name, long snapshotId, Duration keep) {
        for (int attempt = 1; !tryTag(view, name, snapshotId, keep, attempt == TAG_ATTEMPTS); attempt++) {
            pause(view, attempt);
        }
    }

    /** @return false if another writer came between */
    private boolean tryTag(String view, String name, long snapshotId, Duration keep, boolean last) {
        Table table = table(view).orElseThrow(() -> notComputed(view));
        Snapshot snapshot = snapshot(view, table, snapshotId);
        // Iceberg counts the age from the snapshot's commit, not from the tag's creation.
        long maxAge = clock.millis() - snapshot.timestampMillis() + keep.toMillis();
        SnapshotRef existing = table.refs().get(name);
        if (existing != null && existing.snapshotId() != snapshotId) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Tag %s of table %s stands for snapshot %d and not for %d. Choose another name."
                            .formatted(name, LakeLayout.featuresTable(view), existing.snapshotId(), snapshotId));
        }
        return reading(view, () -> {
            try {
                ManageSnapshots change = table.manageSnapshots();
                if (existing == null) {
                    change.createTag(name, snapshotId);
                }
                change.setMaxRefAgeMs(name, maxAge).commit();
                return true;
            } catch (CommitFailedException | CommitStateUnknownException | IllegalArgumentException e) {
                // The last one is Iceberg's answer to a tag that exists by now.
                if (last) {
                    throw e;
                }
                return false;
            }
        });
    }

    private static void pause(String view, int attempt) {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(TAG_PAUSE_MILLIS << attempt));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unreadable(view, e);
        }
    }

    public String project() {
        return project;
    }

    /** Tags of a view's table and the snapshots they stand for; empty if the table does not exist. */
    public Map<String, Long> tags(String view) {
        return table(view)
                .map(table -> table.refs().entrySet().stream()
                        .filter(ref -> ref.getValue().isTag())
                        .collect(Collectors.toUnmodifiableMap(
                                Map.Entry::getKey, ref -> ref.getValue().snapshotId())))
                .orElse(Map.of());
    }

    @Override
    public void close() {
        catalog.close();
        files.close();
    }

    private Optional<Table> table(String view) {
        return reading(view, () -> {
            try {
                return Optional.of(
                        catalog.loadTable(TableIdentifier.of(Namespace.of(project), LakeLayout.featuresTable(view))));
            } catch (NoSuchTableException e) {
                return Optional.<Table>empty();
            }
        });
    }

    private static Snapshot snapshot(String view, Table table, long snapshotId) {
        Snapshot snapshot = table.snapshot(snapshotId);
        if (snapshot == null) {
            throw new LarderException(
                    ErrorCode.LAKE_UNAVAILABLE,
                    "Table %s no longer has snapshot %d; it was expired. Export the training set anew."
                            .formatted(LakeLayout.featuresTable(view), snapshotId));
        }
        return snapshot;
    }

    private FeatureTable featureTable(String view, Table table, Snapshot snapshot) {
        Integer schemaId = snapshot.schemaId();
        Schema schema = schemaId == null ? table.schema() : table.schemas().getOrDefault(schemaId, table.schema());
        List<FeatureTable.Column> columns = schema.columns().stream()
                .map(c ->
                        new FeatureTable.Column(c.fieldId(), c.name(), c.type().toString()))
                .toList();
        return new FeatureTable(
                view,
                snapshot.snapshotId(),
                Instant.ofEpochMilli(snapshot.timestampMillis()),
                columns,
                reading(view, () -> files(view, table, snapshot, schema)),
                snapshot.summary(),
                definition(table, snapshot));
    }

    private static List<FeatureTable.DataFile> files(String view, Table table, Snapshot snapshot, Schema schema) {
        NestedField stamp = schema.findField(LakeLayout.EVENT_TIMESTAMP);
        List<FeatureTable.DataFile> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan()
                .useSnapshot(snapshot.snapshotId())
                .includeColumnStats()
                .planFiles()) {
            for (FileScanTask task : tasks) {
                refuseWhatCannotBeRead(view, task);
                files.add(new FeatureTable.DataFile(
                        task.file().location(),
                        task.file().recordCount(),
                        task.file().fileSizeInBytes(),
                        bound(stamp, task.file().lowerBounds()),
                        bound(stamp, task.file().upperBounds())));
            }
        } catch (IOException e) {
            throw unreadable(view, e);
        }
        return files;
    }

    private static void refuseWhatCannotBeRead(String view, FileScanTask task) {
        ContentFile<?> file = task.file();
        if (!task.deletes().isEmpty()) {
            throw new LarderException(
                    ErrorCode.LAKE_UNAVAILABLE,
                    ("Table %s has delete files (of %s), which only Spark and Trino can apply. Rewrite it first, in"
                                    + " Spark SQL: CALL %s.system.rewrite_data_files(table => '...', options =>"
                                    + " map('delete-file-threshold', '1')); or recompute it with `larder compute`.")
                            .formatted(LakeLayout.featuresTable(view), file.location(), LakeLayout.CATALOG));
        }
        if (file.format() != FileFormat.PARQUET) {
            throw new LarderException(
                    ErrorCode.LAKE_UNAVAILABLE,
                    "File %s of table %s is %s (expected: PARQUET). Set the table's property %s to parquet and rewrite it."
                            .formatted(
                                    file.location(),
                                    LakeLayout.featuresTable(view),
                                    file.format(),
                                    TableProperties.DEFAULT_FILE_FORMAT));
        }
    }

    private static @Nullable Instant bound(@Nullable NestedField stamp, @Nullable Map<Integer, ByteBuffer> bounds) {
        if (stamp == null || bounds == null) {
            return null;
        }
        ByteBuffer bytes = bounds.get(stamp.fieldId());
        if (bytes == null || !stamp.type().toString().toLowerCase(Locale.ROOT).startsWith("timestamp")) {
            return null;
        }
        long micros = Conversions.<Long>fromByteBuffer(stamp.type(), bytes);
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** A rewrite of files or a foreign commit says nothing of the definition; the last commit that does holds. */
    private static @Nullable String definition(Table table, Snapshot newest) {
        for (Snapshot snapshot = newest; snapshot != null; snapshot = parent(table, snapshot)) {
            String definition = snapshot.summary().get(LakeLayout.SUMMARY_DEFINITION);
            if (definition != null) {
                return definition;
            }
        }
        return null;
    }

    private static @Nullable Snapshot parent(Table table, Snapshot snapshot) {
        Long parent = snapshot.parentId();
        return parent == null ? null : table.snapshot(parent);
    }

    /** Iceberg and its drivers throw many kinds of unchecked exceptions; to the caller all of them say: no lake. */
    private <T> T reading(String view, Supplier<T> action) {
        try {
            return action.get();
        } catch (LarderException e) {
            throw e;
        } catch (UncheckedSQLException e) {
            throw catalogFailure(address, e);
        } catch (RuntimeException e) {
            throw new S3Failures(address.s3(), ErrorCode.LAKE_UNAVAILABLE)
                    .find(address.warehouse().text(), e)
                    .orElseGet(() -> unreadable(view, e));
        }
    }

    private static LarderException catalogFailure(LakeAddress address, UncheckedSQLException e) {
        String why = innermost(e);
        // SQLite's words, then PostgreSQL's.
        if (why.contains("no such table: iceberg_tables")
                || why.contains("relation \"iceberg_tables\" does not exist")) {
            return new LarderException(
                    ErrorCode.STEP_MISSING,
                    "The lake's catalog %s holds no tables yet. Run `larder ingest` first."
                            .formatted(address.catalogName()),
                    e);
        }
        return new LarderException(
                ErrorCode.LAKE_UNAVAILABLE,
                "The lake's catalog %s cannot be read: %s".formatted(address.catalogName(), why),
                e);
    }

    private LarderException notComputed(String view) {
        return new LarderException(
                ErrorCode.STEP_MISSING,
                "No rows of feature view %s have been computed in project %s. Run `larder compute` first."
                        .formatted(view, project));
    }

    private static LarderException unreadable(String view, Throwable cause) {
        return new LarderException(
                ErrorCode.LAKE_UNAVAILABLE,
                "Table %s cannot be read: %s".formatted(LakeLayout.featuresTable(view), innermost(cause)),
                cause);
    }

    private static String innermost(Throwable cause) {
        Throwable inner = cause;
        while (inner.getCause() != null) {
            inner = inner.getCause();
        }
        return inner.toString();
    }
}
