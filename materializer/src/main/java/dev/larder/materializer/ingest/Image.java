package dev.larder.materializer.ingest;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import dev.larder.materializer.lake.Commits;
import dev.larder.materializer.lake.Lake;
import dev.larder.model.DataSource;
import dev.larder.offlinestore.LakeLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.MergeIntoWriter;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.storage.StorageLevel;
import scala.jdk.javaapi.CollectionConverters;

/**
 * {@code image_<source>}: the last event of each primary key, also of deleted rows, so that an old event that comes again
 * finds something newer.
 */
final class Image {
    private static final String NEWEST = "larder_newest";

    private final Lake lake;

    Image(Lake lake) {
        this.lake = lake;
    }

    /** Takes in what the changes hold and the image does not; false if there was nothing. */
    boolean update(DataSource source) {
        return Commits.retrying("the image of source " + source.name(), () -> tryUpdate(source));
    }

    private boolean tryUpdate(DataSource source) throws TableAlreadyExistsException {
        Table changes = lake.find(LakeLayout.changesTable(source.name())).orElseThrow();
        Snapshot newest = changes.currentSnapshot();
        if (newest == null) {
            return false;
        }
        Optional<Table> image = lake.find(LakeLayout.imageTable(source.name()));
        if (image.isEmpty()) {
            create(source, newest);
            return true;
        }
        Snapshot merged = Lake.summary(image.get(), LakeLayout.SUMMARY_INPUT_SNAPSHOT)
                .map(id -> changes.snapshot(Long.parseLong(id)))
                .orElse(null);
        if (merged != null && merged.snapshotId() == newest.snapshotId()) {
            return false;
        }
        if (merged != null && SnapshotUtil.isAncestorOf(changes, newest.snapshotId(), merged.snapshotId())) {
            merge(source, newest, added(source, changes, merged, newest));
        } else {
            merge(source, newest, all(source, newest));
        }
        return true;
    }

    private void create(DataSource source, Snapshot newest) throws TableAlreadyExistsException {
        Dataset<Row> changes = all(source, newest);
        WholeEvents.newest(changes, source, Truncation.in(changes, source))
                .writeTo(lake.sqlName(LakeLayout.imageTable(source.name())))
                .using("iceberg")
                .tableProperty("format-version", "2")
                .tableProperty("write.merge.mode", "copy-on-write")
                .tableProperty("write.update.mode", "copy-on-write")
                .tableProperty("write.delete.mode", "copy-on-write")
                .option("snapshot-property." + LakeLayout.SUMMARY_INPUT_SNAPSHOT, Long.toString(newest.snapshotId()))
                .create();
    }

    private Dataset<Row> all(DataSource source, Snapshot newest) {
        return lake.rows(LakeLayout.changesTable(source.name()), newest);
    }

    /** The events of the commits in between, without those that an earlier commit holds already. */
    private Dataset<Row> added(DataSource source, Table changes, Snapshot merged, Snapshot newest) {
        Dataset<Row> added = lake.spark()
                .read()
                .format("iceberg")
                .option("start-snapshot-id", Long.toString(merged.snapshotId()))
                .option("end-snapshot-id", Long.toString(newest.snapshotId()))
                .load(lake.sqlName(LakeLayout.changesTable(source.name())));
        long least = Lake.leastAdded(changes, merged, newest, ChangeColumns.LSN).orElse(Long.MAX_VALUE);
        long greatest = Lake.greatest(changes, merged, ChangeColumns.LSN).orElse(Long.MIN_VALUE);
        if (least > greatest) {
            return added;
        }
        // Positions overlap: a replay is known by its first appearance, which may lie anywhere from there on.
        List<String> identity = Stream.concat(
                        source.primaryKey().stream(), Stream.of(ChangeColumns.LSN, ChangeColumns.OP))
                .toList();
        Dataset<Row> known = lake.rows(LakeLayout.changesTable(source.name()), merged)
                .where(col(ChangeColumns.LSN).geq(lit(least)))
                .select(identity.stream()
                        .map(name -> col("`" + name + "`").as("known " + name))
                        .toArray(Column[]::new))
                .distinct();
        Column same = lit(true);
        for (String name : identity) {
            same = same.and(col("`" + name + "`").eqNullSafe(col("`known " + name + "`")));
        }
        return added.join(known, same, "left_anti");
    }

    private void merge(DataSource source, Snapshot newest, Dataset<Row> added) {
        List<Truncation> truncations = Truncation.in(all(source, newest), source);
        Dataset<Row> events = WholeEvents.newest(added, source, truncations).persist(StorageLevel.MEMORY_AND_DISK());
        try {
            Commits.describing(
                    Map.of(LakeLayout.SUMMARY_INPUT_SNAPSHOT, Long.toString(newest.snapshotId())),
                    () -> merge(source, events, truncations).merge());
        } finally {
            events.unpersist();
        }
    }

    private MergeIntoWriter<Row> merge(DataSource source, Dataset<Row> events, List<Truncation> truncations) {
        String target = LakeLayout.imageTable(source.name());
        Column sameRow = lit(true);
        for (String name : source.primaryKey()) {
            sameRow = sameRow.and(of(target, name).equalTo(of(NEWEST, name)));
        }
        Column later = of(NEWEST, ChangeColumns.LSN)
                .gt(of(target, ChangeColumns.LSN))
                .or(of(NEWEST, ChangeColumns.LSN)
                        .equalTo(of(target, ChangeColumns.LSN))
                        .and(of(NEWEST, ChangeColumns.OFFSET).gt(of(target, ChangeColumns.OFFSET))));
        Map<String, Column> updated = new HashMap<>();
        Map<String, Column> inserted = new HashMap<>();
        for (String name : ChangeColumns.schema(source).fieldNames()) {
            Column value = of(NEWEST, name);
            boolean mayBeUnknown = source.column(name).isPresent();
            updated.put(
                    name,
                    mayBeUnknown
                            ? when(array_contains(of(NEWEST, ChangeColumns.UNCHANGED), name), of(target, name))
                                    .otherwise(value)
                            : value);
            inserted.put(name, value);
        }
        MergeIntoWriter<Row> writer = events.alias(NEWEST)
                .mergeInto(lake.sqlName(target), sameRow)
                .whenMatched(later)
                .update(scala(updated))
                .whenNotMatched()
                .insert(scala(inserted));
        if (truncations.isEmpty()) {
            return writer;
        }
        Column truncated = lit(truncations.get(truncations.size() - 1).lsn());
        return writer.whenNotMatchedBySource(not(of(target, ChangeColumns.DELETED))
                        .and(of(target, ChangeColumns.LSN).lt(truncated)))
                .update(scala(Map.of(
                        ChangeColumns.DELETED, lit(true), ChangeColumns.OP, lit("t"), ChangeColumns.LSN, truncated)));
    }

    private static Column of(String table, String name) {
        return col("`" + table + "`.`" + name + "`");
    }

    private static scala.collection.immutable.Map<String, Column> scala(Map<String, Column> assignments) {
        return scala.collection.immutable.Map.from(CollectionConverters.asScala(assignments));
    }
}
