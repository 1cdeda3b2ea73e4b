package dev.larder.registry;

import dev.larder.feast.proto.core.FeatureView;
import dev.larder.feast.proto.core.FeatureViewMeta;
import dev.larder.feast.proto.core.FeatureViewState;
import dev.larder.feast.proto.core.Registry;
import dev.larder.feast.proto.core.StreamFeatureView;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.objectstorage.Bucket;
import dev.larder.objectstorage.Location;
import dev.larder.registry.RegistryStorage.Rewrite;
import dev.larder.registry.config.FeatureStoreConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * Feast's registry in one file, on this machine or in a bucket of S3. Writes are atomic and none is lost to another, across
 * threads and processes; a reader never sees half of one.
 */
public final class FileRegistry implements AutoCloseable {
    private final RegistryStorage storage;
    private final Clock clock;

    FileRegistry(RegistryStorage storage, Clock clock) {
        this.storage = storage;
        this.clock = clock;
    }

    /** The registry in a local file, which need not exist yet. */
    public static FileRegistry open(Path file) {
        return new FileRegistry(new RegistryFile(file), Clock.systemUTC());
    }

    /**
     * The registry that feature_store.yaml names, which need not exist yet.
     *
     * @throws LarderException {@code REGISTRY_UNAVAILABLE} if it is in S3 and the region is not known
     */
    public static FileRegistry open(FeatureStoreConfig config) {
        return new FileRegistry(storage(config), Clock.systemUTC());
    }

    private static RegistryStorage storage(FeatureStoreConfig config) {
        if (config.registry() instanceof Location.S3 s3) {
            return new RegistryObject(
                    Bucket.open(config.larder().s3(), s3.bucket(), ErrorCode.REGISTRY_UNAVAILABLE), s3);
        }
        return new RegistryFile(((Location.Local) config.registry()).path());
    }

    public Location location() {
        return storage.location();
    }

    /**
     * @return of a file without bytes an empty registry, as in Feast
     * @throws LarderException {@code STEP_MISSING} if there is none; {@code REGISTRY_UNAVAILABLE} if the file is no registry, or
     *     S3 does not give it; {@code PATH_UNUSABLE} if it cannot be read
     */
    public Snapshot read() {
        Registry registry = storage.read();
        if (registry == null) {
            throw new LarderException(
                    ErrorCode.STEP_MISSING,
                    "The registry %s does not exist yet. Run 'larder apply' first.".formatted(location()));
        }
        return new Snapshot(registry);
    }

    /** Equal as long as the content is the same, and cheaper than reading it; empty if there is no registry. */
    Optional<Object> stamp() {
        return storage.stamp();
    }

    /** What an apply of these definitions would change; writes nothing. */
    public ApplyPlan plan(FeatureStoreConfig config, Repository repository) {
        Registry current = RegistryStorage.orEmpty(storage.read());
        return plan(config, repository, current, DesiredState.of(config, repository, current, now()));
    }

    /**
     * Makes the registry say what the plan's definitions say. If another writer came between, the plan is made anew; if
     * there is nothing to change, nothing is written.
     *
     * @return what was done
     */
    public ApplyPlan apply(ApplyPlan plan) {
        return storage.change(current -> {
            DesiredState.Result result = DesiredState.of(plan.config(), plan.repository(), current, now());
            return new Rewrite<>(
                    result.changes().isEmpty() ? null : stamped(result.registry()),
                    plan(plan.config(), plan.repository(), current, result));
        });
    }

    /**
     * Notes that a view's rows of (start, end] are in the online store.
     *
     * @throws LarderException {@code FEATURE_VIEW_NOT_FOUND}, naming the views that exist
     */
    public void recordMaterialization(String project, String view, Instant start, Instant end) {
        if (start.isAfter(end)) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Invalid interval: start %s is after end %s (expected: start before end)".formatted(start, end));
        }
        storage.change(current -> new Rewrite<>(
                stamped(materialized(current, project, view, meta -> materialized(meta, start, end))), view));
    }

    private FeatureViewMeta materialized(FeatureViewMeta meta, Instant start, Instant end) {
        return meta.toBuilder()
                .clearMaterializationIntervals()
                .addAllMaterializationIntervals(Intervals.add(meta.getMaterializationIntervalsList(), start, end))
                .setLastUpdatedTimestamp(ProtoTime.of(now()))
                .setState(FeatureViewState.AVAILABLE_ONLINE)
                .build();
    }

    /** The changed view moves to the end of its list, as Feast does it. */
    private static Registry materialized(
            Registry current, String project, String name, UnaryOperator<FeatureViewMeta> change) {
        Registry.Builder next = current.toBuilder();
        for (int i = 0; i < current.getFeatureViewsCount(); i++) {
            FeatureView view = current.getFeatureViews(i);
            if (view.getSpec().getProject().equals(project)
                    && view.getSpec().getName().equals(name)) {
                return next.removeFeatureViews(i)
                        .addFeatureViews(view.toBuilder().setMeta(change.apply(view.getMeta())))
                        .build();
            }
        }
        for (int i = 0; i < current.getStreamFeatureViewsCount(); i++) {
            StreamFeatureView view = current.getStreamFeatureViews(i);
            if (view.getSpec().getProject().equals(project)
                    && view.getSpec().getName().equals(name)) {
                return next.removeStreamFeatureViews(i)
                        .addStreamFeatureViews(view.toBuilder().setMeta(change.apply(view.getMeta())))
                        .build();
            }
        }
        throw Snapshot.viewNotFound(current, project, name);
    }

    private static ApplyPlan plan(
            FeatureStoreConfig config, Repository repository, Registry base, DesiredState.Result result) {
        return new ApplyPlan(config, repository, result.changes(), result.unchanged(), base.getVersionId());
    }

    private Registry stamped(Registry registry) {
        return registry.toBuilder()
                .setRegistrySchemaVersion("1")
                .setVersionId(UUID.randomUUID().toString())
                .setLastUpdated(ProtoTime.of(now()))
                .build();
    }

    /** Python's datetimes hold microseconds. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    @Override
    public void close() {
        storage.close();
    }
}
