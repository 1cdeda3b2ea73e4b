package dev.larder.materializer.compute;

import dev.larder.materializer.compute.FeatureTable.Origin;
import dev.larder.materializer.compute.FeatureTable.Outcome;
import dev.larder.materializer.lake.Commits;
import dev.larder.materializer.lake.Lake;
import dev.larder.materializer.lake.Micros;
import dev.larder.materializer.lake.TaskMeter;
import dev.larder.model.DataSource;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureView;
import dev.larder.model.FeatureView.Aggregated;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.offlinestore.LakeLayout;
import dev.larder.progress.Progress;
import dev.larder.registry.DefinitionHash;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Brings {@code features_<view>} to what follows from the source. One commit or none; killed at any time, the table is as it
 * was or as it should be.
 */
public final class Compute {
    private final Lake lake;
    private final Repository repository;
    private final Progress progress;
    private final Clock clock;

    public Compute(Lake lake, Repository repository, Progress progress, Clock clock) {
        this.lake = lake;
        this.repository = repository;
        this.progress = progress;
        this.clock = clock;
    }

    /**
     * Computes the stamps in (from, to].
     *
     * @param from null: from the first stamp on
     * @param to null: up to the last stamp that is not in the future; of a state view, up to its last version
     */
    public void run(FeatureView view, @Nullable Instant from, @Nullable Instant to) {
        Interval wanted = interval(view, from, to, clock);
        try (Progress.Step step = progress.start("compute " + view.name(), "rows");
                TaskMeter meter = TaskMeter.start(lake.spark(), step)) {
            Outcome outcome =
                    Commits.retrying("the features of view " + view.name(), () -> attempt(view, wanted, meter));
            meter.total(outcome.rows());
            step.done(outcome.remark());
        }
    }

    private Outcome attempt(FeatureView view, Interval wanted, TaskMeter meter) throws Exception {
        DataSource source = repository.dataSource(view.source());
        Input input = Input.of(lake, view, source);
        Origin origin = new Origin(input.snapshot().snapshotId(), DefinitionHash.of(view, source));
        FeatureTable table = FeatureTable.load(lake, view, clock);
        boolean sameDefinition = table.exists() && table.isOf(origin.definition());
        if (sameDefinition
                && table.computedFrom(origin)
                        .filter(done -> done.covers(wanted))
                        .isPresent()) {
            return new Outcome(0, "up to date");
        }
        FeatureRows rows = new FeatureRows(view, source, meter.counter());
        if (sameDefinition) {
            return table.replace(rows.of(input.rows(), wanted, null), wanted, origin);
        }
        Interval all = table.everComputed().map(wanted::hull).orElse(wanted);
        return table.replaceAll(rows.of(input.rows(), all, null), all, origin);
    }

    static Interval interval(FeatureView view, @Nullable Instant from, @Nullable Instant to, Clock clock) {
        Instant start = from == null ? Interval.BEGINNING : from;
        Instant end = to == null ? defaultEnd(view, clock) : to;
        if (start.isAfter(end)) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "--from %s is after --to %s (expected: the stamps in (from, to])".formatted(start, end));
        }
        return new Interval(start, end);
    }

    private static Instant defaultEnd(FeatureView view, Clock clock) {
        if (view.computation() instanceof Aggregated aggregated) {
            return Micros.toInstant(
                    new StampGrid(aggregated.every(), aggregated.zone()).lastUpTo(Micros.of(clock.instant())));
        }
        return Interval.END;
    }

    /** What a view is computed from: its source's present rows, or all its changes. */
    record Input(Dataset<Row> rows, Snapshot snapshot) {
        static Input of(Lake lake, FeatureView view, DataSource source) {
            String name = view.computation() instanceof Aggregated
                    ? LakeLayout.imageTable(source.name())
                    : LakeLayout.changesTable(source.name());
            Optional<Snapshot> snapshot = lake.find(name).map(Table::currentSnapshot);
            if (snapshot.isEmpty()) {
                throw new LarderException(
                        ErrorCode.STEP_MISSING,
                        "Nothing of source %s, from which view %s is computed, has been ingested yet. Run 'larder ingest' first."
                                .formatted(source.name(), view.name()));
            }
            return new Input(lake.rows(name, snapshot.get()), snapshot.get());
        }
    }
}
