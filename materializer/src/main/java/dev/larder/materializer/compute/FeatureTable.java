package dev.larder.materializer.compute;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.larder.materializer.lake.Lake;
import dev.larder.materializer.lake.Micros;
import dev.larder.model.FeatureView;
import dev.larder.model.FeatureView.Aggregated;
import dev.larder.model.FeatureView.Versions;
import dev.larder.offlinestore.LakeLayout;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.CreateTableWriter;
import org.apache.spark.sql.DataFrameWriterV2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;

/** {@code features_<view>} as it was when it was loaded; it is replaced where it differs from computed rows, and nowhere else. */
final class FeatureTable {
    /** Snapshot summary: the {@code created} of the rows that the commit made; the next one's is greater. */
    private static final String SUMMARY_CREATED = "larder.created";

    private static final String OLD = "__old_";
    private static final String STATUS = "__status";
    private static final int SAME = 0;
    private static final int NEW = 1;
    private static final int CHANGED = 2;
    private static final int REMOVED = 3;

    private final Lake lake;
    private final FeatureView view;
    private final String name;
    private final Clock clock;
    private final @Nullable Table table;
    private final @Nullable Snapshot base;

    private FeatureTable(Lake lake, FeatureView view, Clock clock, @Nullable Table table) {
        this.lake = lake;
        this.view = view;
        this.name = LakeLayout.featuresTable(view.name());
        this.clock = clock;
        this.table = table;
        this.base = table == null ? null : table.currentSnapshot();
    }

    static FeatureTable load(Lake lake, FeatureView view, Clock clock) {
        return new FeatureTable(
                lake,
                view,
                clock,
                lake.find(LakeLayout.featuresTable(view.name())).orElse(null));
    }

    /**
     * What rows were computed from and by.
     *
     * @param inputSnapshot of the image or the changes
     */
    record Origin(long inputSnapshot, String definition) {}

    /** What a replacement did. */
    record Outcome(long rows, String remark) {}

    boolean exists() {
        return table != null;
    }

    /** Whether all rows come from this definition; true for a table without any. */
    boolean isOf(String definition) {
        for (Snapshot snapshot : ancestors()) {
            String other = snapshot.summary().get(LakeLayout.SUMMARY_DEFINITION);
            if (other != null && !other.equals(definition)) {
                return false;
            }
        }
        return true;
    }

    /** The interval that the last commit covers, if that one was of the same origin. */
    Optional<Interval> computedFrom(Origin origin) {
        if (!last(LakeLayout.SUMMARY_INPUT_SNAPSHOT).equals(Optional.of(Long.toString(origin.inputSnapshot())))
                || !last(LakeLayout.SUMMARY_DEFINITION).equals(Optional.of(origin.definition()))) {
            return Optional.empty();
        }
        return last(LakeLayout.SUMMARY_INTERVAL).map(Interval::parse);
    }

    /** The least interval around all that was ever computed under the present rows' definitions. */
    Optional<Interval> everComputed() {
        Interval hull = null;
        for (Snapshot snapshot : ancestors()) {
            String text = snapshot.summary().get(LakeLayout.SUMMARY_INTERVAL);
            if (text != null) {
                Interval interval = Interval.parse(text);
                hull = hull == null ? interval : hull.hull(interval);
            }
        }
        return Optional.ofNullable(hull);
    }

    /** Makes the table hold exactly these rows, in one commit; their columns may be other ones than before. */
    Outcome replaceAll(Dataset<Row> rows, Interval interval, Origin origin) throws TableAlreadyExistsException {
        Instant created = nextCreated();
        List<Column> columns = new ArrayList<>();
        for (String column : rows.columns()) {
            if (column.equals(LakeLayout.DAY)) {
                columns.add(lit(created).as(LakeLayout.CREATED));
                if (view.computation() instanceof Versions) {
                    columns.add(col(LakeLayout.IS_DELETED));
                }
            }
            if (!column.equals(LakeLayout.IS_DELETED)) {
                columns.add(FeatureRows.quoted(column));
            }
        }
        CreateTableWriter<Row> writer = rows.select(columns.toArray(Column[]::new))
                .writeTo(lake.sqlName(name))
                .using("iceberg")
                .partitionedBy(col(LakeLayout.DAY));
        Lake.TABLE_PROPERTIES.forEach(writer::tableProperty);
        summary(interval, origin, created).forEach((key, value) -> writer.option("snapshot-property." + key, value));
        if (exists()) {
            writer.createOrReplace();
        } else {
            writer.create();
        }
        long written =
                lake.find(name).map(Table::currentSnapshot).map(Lake::addedRows).orElse(0L);
        return new Outcome(written, base == null ? "" : "definition changed, all rows replaced");
    }

    /** Makes the rows of the interval equal to these; those outside of it stay. */
    Outcome replace(Dataset<Row> rows, Interval interval, Origin origin) throws NoSuchTableException {
        Snapshot before = java.util.Objects.requireNonNull(base);
        Instant created = nextCreated();
        Dataset<Row> compared = compare(rows, before, interval, created).persist(StorageLevel.MEMORY_AND_DISK());
        try {
            List<Row> days = compared.groupBy(LakeLayout.DAY)
                    .agg(
                            count(when(col(STATUS).equalTo(NEW), true)),
                            count(when(col(STATUS).equalTo(CHANGED), true)),
                            count(when(col(STATUS).equalTo(REMOVED), true)),
                            sum(when(col(STATUS).equalTo(REMOVED), 0L).otherwise(1L)))
                    .collectAsList();
            Tally tally = Tally.of(days);
            if (tally.dirty().isEmpty()) {
                return new Outcome(tally.rows(), "no changed rows");
            }
            Dataset<Row> replacement = compared.where(
                            col(STATUS).notEqual(REMOVED).and(in(tally.dirty())))
                    .drop(STATUS);
            if (cutsDay(interval.from()) || cutsDay(interval.to())) {
                replacement = replacement.unionByName(lake.rows(name, before)
                        .where(in(tally.dirty()).and(not(interval.contains(col(LakeLayout.EVENT_TIMESTAMP))))));
            }
            write(replacement, tally.dirty(), before, summary(widened(interval, origin), origin, created));
            return new Outcome(tally.rows(), tally.remark());
        } finally {
            compared.unpersist();
        }
    }

    private void write(Dataset<Row> rows, List<LocalDate> days, Snapshot before, Map<String, String> summary)
            throws NoSuchTableException {
        DataFrameWriterV2<Row> writer = rows.writeTo(lake.sqlName(name))
                .option("isolation-level", "serializable")
                .option("validate-from-snapshot-id", Long.toString(before.snapshotId()));
        summary.forEach((key, value) -> writer.option("snapshot-property." + key, value));
        // By filter and not by what comes: a day that has no rows any more must lose those that it has.
        writer.overwrite(in(days));
    }

    /** The new rows beside the old ones of the interval; equal ones keep when they were created. */
    private Dataset<Row> compare(Dataset<Row> rows, Snapshot before, Interval interval, Instant created) {
        List<String> identity = FeatureRows.identity(view);
        List<String> values = FeatureRows.values(view);
        Dataset<Row> old = lake.rows(name, before).where(interval.contains(col(LakeLayout.EVENT_TIMESTAMP)));
        for (String column : old.columns()) {
            old = old.withColumnRenamed(column, OLD + column);
        }
        Column same = lit(true);
        for (String column : identity) {
            same = same.and(FeatureRows.quoted(column).equalTo(old(column)));
        }
        Column stamp = col(LakeLayout.EVENT_TIMESTAMP);
        Column status = when(stamp.isNull(), REMOVED)
                .when(old(LakeLayout.EVENT_TIMESTAMP).isNull(), NEW)
                .when(
                        struct(values.stream().map(FeatureRows::quoted).toArray(Column[]::new))
                                .eqNullSafe(struct(
                                        values.stream().map(FeatureTable::old).toArray(Column[]::new))),
                        SAME)
                .otherwise(CHANGED);
        List<Column> columns = new ArrayList<>();
        for (String column : identity) {
            columns.add(coalesce(FeatureRows.quoted(column), old(column)).as(column));
        }
        values.forEach(column -> columns.add(FeatureRows.quoted(column)));
        columns.add(coalesce(col(LakeLayout.DAY), old(LakeLayout.DAY)).as(LakeLayout.DAY));
        columns.add(when(status.equalTo(SAME), old(LakeLayout.CREATED))
                .otherwise(lit(created))
                .as(LakeLayout.CREATED));
        columns.add(status.as(STATUS));
        Dataset<Row> joined = rows.join(old, same, "full_outer").select(columns.toArray(Column[]::new));
        List<Column> tableOrder = new ArrayList<>();
        for (String column : lake.rows(name, before).columns()) {
            tableOrder.add(FeatureRows.quoted(column));
        }
        tableOrder.add(col(STATUS));
        return joined.select(tableOrder.toArray(Column[]::new));
    }

    private static Column old(String column) {
        return FeatureRows.quoted(OLD + column);
    }

    private static Column in(List<LocalDate> days) {
        return col(LakeLayout.DAY).isin(days.toArray());
    }

    /** Which days differ, and in how many rows. */
    private record Tally(List<LocalDate> dirty, long rows, long added, long changed, long removed) {
        static Tally of(List<Row> days) {
            List<LocalDate> dirty = new ArrayList<>();
            long[] sums = new long[4];
            for (Row day : days) {
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += day.getLong(i + 1);
                }
                if (day.getLong(1) + day.getLong(2) + day.getLong(3) > 0) {
                    dirty.add(day.getAs(LakeLayout.DAY));
                }
            }
            return new Tally(dirty, sums[3], sums[0], sums[1], sums[2]);
        }

        String remark() {
            List<String> parts = new ArrayList<>();
            if (added > 0) {
                parts.add(added + " new");
            }
            if (changed > 0) {
                parts.add(changed + " changed");
            }
            if (removed > 0) {
                parts.add(removed + " removed");
            }
            return String.join(", ", parts);
        }
    }

    /** Whether stamps of one day lie on both sides of the time. */
    private boolean cutsDay(Instant time) {
        long micros = Micros.of(time);
        return StampGrid.day(micros, zone()).equals(StampGrid.day(micros + 1, zone()));
    }

    private ZoneId zone() {
        if (view.computation() instanceof Aggregated aggregated) {
            return aggregated.zone();
        }
        return ((Versions) java.util.Objects.requireNonNull(view.computation())).zone();
    }

    /** Together with the commit before, if that one was of the same origin and the intervals leave no gap. */
    private Interval widened(Interval interval, Origin origin) {
        return computedFrom(origin)
                .filter(interval::touches)
                .map(interval::hull)
                .orElse(interval);
    }

    private Map<String, String> summary(Interval interval, Origin origin, Instant created) {
        Map<String, String> summary = new HashMap<>();
        summary.put(LakeLayout.SUMMARY_INPUT_SNAPSHOT, Long.toString(origin.inputSnapshot()));
        summary.put(LakeLayout.SUMMARY_DEFINITION, origin.definition());
        summary.put(LakeLayout.SUMMARY_INTERVAL, interval.toString());
        summary.put(SUMMARY_CREATED, created.toString());
        return summary;
    }

    /** Now, but later than any row's, whatever the clock does. */
    private Instant nextCreated() {
        Instant now = Micros.toInstant(Micros.of(clock.instant()));
        return last(SUMMARY_CREATED)
                .map(text -> Micros.toInstant(Micros.of(Instant.parse(text)) + 1))
                .filter(now::isBefore)
                .orElse(now);
    }

    private Optional<String> last(String key) {
        return table == null ? Optional.empty() : Lake.summary(table, key);
    }

    private Iterable<Snapshot> ancestors() {
        return table == null ? List.of() : SnapshotUtil.currentAncestors(table);
    }
}
