package dev.larder.materializer.online;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;

import dev.larder.materializer.lake.Lake;
import dev.larder.materializer.lake.Micros;
import dev.larder.materializer.lake.TaskMeter;
import dev.larder.materializer.online.OnlineStores.Turn;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureView;
import dev.larder.model.FeatureView.Versions;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.offlinestore.LakeLayout;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.OnlineStore.MaterializationState;
import dev.larder.progress.Progress;
import dev.larder.registry.DefinitionHash;
import dev.larder.registry.FileRegistry;
import dev.larder.registry.ViewStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.util.LongAccumulator;

/**
 * Makes the online value of each entity its latest remaining feature row, whatever happened to the rows since the last time.
 * The store itself remembers which snapshot of the table it holds; the difference to the present one is written. A store
 * that does not know (new, flushed, of another definition, or left by a run that was killed) is filled anew, and what it
 * holds beyond is removed.
 */
public final class Materialize {
    /** A state under this name instead of a definition's hash: writing began and did not end. */
    private static final String WRITING = "writing";

    private static final String PREVIOUS_TIME = "previous_time";
    private static final String PREVIOUS_VERSION = "previous_version";

    private final Lake lake;
    private final Repository repository;
    private final FileRegistry registry;
    private final OnlineStores stores;
    private final int entityKeyVersion;
    private final Progress progress;

    /** @param entityKeyVersion {@code entity_key_serialization_version} of feature_store.yaml */
    public Materialize(
            Lake lake,
            Repository repository,
            FileRegistry registry,
            OnlineStores stores,
            int entityKeyVersion,
            Progress progress) {
        this.lake = lake;
        this.repository = repository;
        this.registry = registry;
        this.stores = stores;
        this.entityKeyVersion = entityKeyVersion;
        this.progress = progress;
    }

    /**
     * Materializes the rows with event timestamps up to {@code end}, or up to the greatest end so far if that is later.
     *
     * @param start a store that is filled anew gets the entities whose latest row is not older; what a correction changed is
     *     put right however old it is
     */
    public void run(FeatureView view, Instant start, Instant end) {
        if (start.isAfter(end)) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Cannot materialize view %s from %s to %s: the start is after the end."
                            .formatted(view.name(), start, end));
        }
        try (Progress.Step step = progress.start("materialize " + view.name(), "rows")) {
            try (Turn turn = stores.turn(view.name())) {
                step.done(run(view, start, end, turn, step));
            }
        }
    }

    private String run(FeatureView view, Instant start, Instant end, Turn turn, Progress.Step step) {
        Task task = task(view, start, end);
        String remark;
        try (OnlineStore store = turn.stores().open()) {
            // The views as they are applied: a definition that is only removed from the YAML keeps its values until
            // then.
            store.prepare(registry.read().repository(repository.project()).featureViews());
            remark = run(task, store, turn, step);
        }
        turn.requireHeld();
        if (task.recorded().stream().noneMatch(interval -> covers(interval, start, end))) {
            registry.recordMaterialization(repository.project(), view.name(), start, end);
        }
        return remark;
    }

    /**
     * Materializes from the greatest end that the registry knows, or from the view's first row on. That end may be the
     * later one, as when another run was faster: then what is new up to there is materialized.
     */
    public void incremental(FeatureView view, Instant end) {
        Instant start = registry.read()
                .status(repository.project(), view.name())
                .materializedUntil()
                .or(() -> Lake.least(computed(view), LakeLayout.EVENT_TIMESTAMP)
                        .map(Micros::toInstant)
                        .filter(first -> first.isBefore(end)))
                .orElse(end);
        run(view, start, end.isBefore(start) ? start : end);
    }

    /** @param recorded what the registry says is materialized */
    private record Task(
            FeatureView view,
            Table table,
            Snapshot current,
            String definition,
            Instant start,
            Instant end,
            List<ViewStatus.Interval> recorded) {}

    private Task task(FeatureView view, Instant start, Instant end) {
        ViewStatus status = registry.read().status(repository.project(), view.name());
        Table table = computed(view);
        String definition = DefinitionHash.of(view, repository.dataSource(view.source()));
        if (!Lake.summary(table, LakeLayout.SUMMARY_DEFINITION).equals(Optional.of(definition))) {
            throw new LarderException(
                    ErrorCode.STEP_MISSING,
                    "The definition of view %s has changed since its rows were computed. Run 'larder compute' first."
                            .formatted(view.name()));
        }
        Instant latestEnd = status.materializedUntil().filter(end::isBefore).orElse(end);
        return new Task(view, table, table.currentSnapshot(), definition, start, latestEnd, status.materialized());
    }

    private Table computed(FeatureView view) {
        return lake.find(LakeLayout.featuresTable(view.name()))
                .filter(table -> table.currentSnapshot() != null)
                .orElseThrow(() -> new LarderException(
                        ErrorCode.STEP_MISSING,
                        "No rows of view %s have been computed yet. Run 'larder compute' first."
                                .formatted(view.name())));
    }

    private static boolean covers(ViewStatus.Interval interval, Instant start, Instant end) {
        return !interval.start().isAfter(start) && !interval.end().isBefore(end);
    }

    /** @return the step's remark */
    private String run(Task task, OnlineStore store, Turn turn, Progress.Step step) {
        Optional<MaterializationState> known = store.state(task.view().name());
        Instant end = known.map(MaterializationState::end)
                .filter(task.end()::isBefore)
                .orElse(task.end());
        MaterializationState state = known.filter(
                        found -> found.definitionHash().equals(task.definition()))
                .orElse(null);
        Snapshot previous = state == null ? null : task.table().snapshot(state.snapshotId());
        if (state == null || previous == null) {
            return write(task, end, refill(task, end), true, store, turn, step);
        }
        // Rows that an earlier run left out because of its later start are put now; putting one again changes nothing.
        boolean again = task.recorded().stream().noneMatch(interval -> covers(interval, task.start(), state.end()));
        if (!again && previous.snapshotId() == task.current().snapshotId() && !hasRowsAfter(task, state.end())) {
            store.saveState(
                    task.view().name(), new MaterializationState(previous.snapshotId(), end, task.definition()));
            return "nothing new";
        }
        return write(task, end, difference(task, previous, state.end(), end, again), false, store, turn, step);
    }

    private static boolean hasRowsAfter(Task task, Instant end) {
        return Lake.greatest(task.table(), task.current(), LakeLayout.EVENT_TIMESTAMP)
                .filter(greatest -> greatest > Micros.of(end))
                .isPresent();
    }

    private String write(
            Task task,
            Instant end,
            Dataset<Row> targets,
            boolean refill,
            OnlineStore store,
            Turn turn,
            Progress.Step step) {
        String view = task.view().name();
        store.saveState(view, new MaterializationState(task.current().snapshotId(), end, WRITING));
        LongAccumulator removed = lake.spark().sparkContext().longAccumulator();
        long written;
        try (TaskMeter meter = TaskMeter.start(lake.spark(), step)) {
            targets.coalesce(stores.writers())
                    .foreachPartition(new OnlineWriter(
                            turn.stores(),
                            view,
                            task.view().features().stream().map(Field::name).toList(),
                            refill,
                            meter.counter(),
                            removed));
            written = meter.counter().value();
            meter.total(written);
        }
        // Whoever took the lease meanwhile says himself what the store holds.
        turn.requireHeld();
        store.saveState(view, new MaterializationState(task.current().snapshotId(), end, task.definition()));
        if (written == 0) {
            return "no changed rows";
        }
        return removed.value() == 0 ? "" : removed.value() + " of them removed";
    }

    /** What differs between the latest rows as they were materialized and as they are. */
    private Dataset<Row> difference(Task task, Snapshot before, Instant endBefore, Instant end, boolean again) {
        Dataset<Row> now = latest(task, task.current(), end, task.view().features());
        Dataset<Row> old = latest(task, before, endBefore, List.of())
                .select(
                        col(EncodedRows.KEY).as("old_key"),
                        col(EncodedRows.TIME).as(PREVIOUS_TIME),
                        col(EncodedRows.VERSION).as(PREVIOUS_VERSION));
        Column isSame = col(EncodedRows.TIME)
                .eqNullSafe(col(PREVIOUS_TIME))
                .and(col(EncodedRows.VERSION).eqNullSafe(col(PREVIOUS_VERSION)));
        Column inInterval = col(EncodedRows.TIME).geq(lit(Micros.of(task.start())));
        // An entity that a correction brought into the table is new however old its stamp is, so the start does not
        // count here.
        return now.join(old, col(EncodedRows.KEY).equalTo(col("old_key")), "full_outer")
                .where(again ? not(isSame).or(inInterval) : not(isSame))
                .select(
                        coalesce(col(EncodedRows.KEY), col("old_key")).as(EncodedRows.KEY),
                        col(EncodedRows.TIME),
                        col(EncodedRows.VERSION),
                        col(EncodedRows.VALUES),
                        col(PREVIOUS_TIME),
                        col(PREVIOUS_VERSION));
    }

    /** All latest rows, and nothing for the entities that are stored and have none. */
    private Dataset<Row> refill(Task task, Instant end) {
        Dataset<Row> now = latest(task, task.current(), end, task.view().features());
        Instant start = Stream.concat(
                        Stream.of(task.start()), task.recorded().stream().map(ViewStatus.Interval::start))
                .min(Instant::compareTo)
                .orElseThrow();
        Dataset<Row> stored = StoredKeys.read(lake.spark(), stores, task.view().name())
                .distinct()
                .toDF("stored_key");
        Column unknown = lit(null).cast("bigint");
        return now.join(stored, col(EncodedRows.KEY).equalTo(col("stored_key")), "full_outer")
                .where(col("stored_key").isNotNull().or(col(EncodedRows.TIME).geq(lit(Micros.of(start)))))
                .select(
                        coalesce(col(EncodedRows.KEY), col("stored_key")).as(EncodedRows.KEY),
                        col(EncodedRows.TIME),
                        col(EncodedRows.VERSION),
                        col(EncodedRows.VALUES),
                        unknown.as(PREVIOUS_TIME),
                        unknown.as(PREVIOUS_VERSION));
    }

    /** The newest row of each entity up to a time, encoded; none where that row says that the entity has ended. */
    private Dataset<Row> latest(Task task, Snapshot snapshot, Instant end, List<Field> features) {
        FeatureView view = task.view();
        List<Column> keys = view.joinKeys().stream().map(Materialize::quoted).toList();
        Column rank = row_number()
                .over(Window.partitionBy(keys.toArray(Column[]::new))
                        .orderBy(
                                col(LakeLayout.EVENT_TIMESTAMP).desc(),
                                col(LakeLayout.CREATED).desc()));
        Column present = view.computation() instanceof Versions ? not(col(LakeLayout.IS_DELETED)) : lit(true);
        List<Column> columns = new ArrayList<>(keys);
        columns.add(col(LakeLayout.EVENT_TIMESTAMP));
        columns.add(col(LakeLayout.CREATED));
        features.forEach(feature -> columns.add(quoted(feature.name())));
        return lake.rows(LakeLayout.featuresTable(view.name()), snapshot)
                .where(col(LakeLayout.EVENT_TIMESTAMP).leq(lit(end)))
                .withColumn("__rank", rank)
                .where(col("__rank").equalTo(1).and(present))
                .select(columns.toArray(Column[]::new))
                .mapPartitions(
                        (MapPartitionsFunction<Row, Row>) new EncodedRows(view, features, entityKeyVersion),
                        Encoders.row(EncodedRows.SCHEMA));
    }

    private static Column quoted(String name) {
        return col("`" + name.replace("`", "``") + "`");
    }
}
