package dev.larder.server.online;

import dev.larder.feast.JsonBuffer;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.metrics.PlanMetrics;
import dev.larder.server.metrics.ReadMetrics;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** Answers requests for online features. Safe for use by many threads. */
public final class OnlineFeatures {
    private static final int CACHED_PLANS = 1000;

    private final Definitions registry;
    private final boolean readBlocking;
    private final Mode mode;
    private final Limits limits;
    private final Clock clock;
    private final PlanCache plans;

    /**
     * @param registry the current definitions
     * @param keyVersion {@code entity_key_serialization_version}
     * @param clock tells "now" for the ttl
     * @param metrics counts requests, entity rows, statuses and the store's time
     */
    public OnlineFeatures(
            Definitions registry,
            OnlineStore store,
            int keyVersion,
            Mode mode,
            Limits limits,
            Clock clock,
            ReadMetrics metrics) {
        this.registry = registry;
        this.plans = new PlanCache(CACHED_PLANS, store, keyVersion, metrics);
        this.readBlocking = store.isReadBlocking();
        this.mode = mode;
        this.limits = limits;
        this.clock = clock;
    }

    /** Whether the thread that begins a read does it, too, so that it must be one that may wait. */
    public boolean isReadBlocking() {
        return readBlocking;
    }

    /**
     * Begins to read what a request asks for; may wait for the registry, as {@link Definitions#attempt} does.
     *
     * @param planned told as soon as it is known what is asked for
     * @return what was read; it fails for the sake of a {@link LarderException}. What follows on it may run on a thread that
     *     reads for others, too, and must not block
     * @throws LarderException naming what the request got wrong, or what keeps the registry from answering
     */
    public CompletionStage<OnlineAnswer> read(OnlineRequest request, Consumer<PlanMetrics> planned) {
        FeatureNames names = request.fullFeatureNames() ? FeatureNames.FULL : FeatureNames.BARE;
        return registry.attempt(() -> begin(request, names, planned));
    }

    /**
     * As {@link #read(OnlineRequest, Consumer)}, and may wait as that does.
     *
     * @param names wins over what the request says of full names
     */
    public CompletionStage<OnlineAnswer> read(OnlineRequest request, FeatureNames names) {
        return registry.attempt(() -> begin(request, names));
    }

    /** As {@link #read(OnlineRequest, FeatureNames)}, but never waits for the registry. */
    public CompletionStage<OnlineAnswer> begin(OnlineRequest request, FeatureNames names) {
        return begin(request, names, unused -> {});
    }

    /**
     * Reads one answer as the body of Feast's HTTP answer, and waits for it.
     *
     * @throws LarderException naming what the request got wrong, or what keeps the registry or the store from answering
     */
    public JsonBuffer json(OnlineRequest request) {
        try {
            return read(request, unused -> {}).toCompletableFuture().join().json();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException reason ? reason : e;
        }
    }

    private CompletionStage<OnlineAnswer> begin(
            OnlineRequest request, FeatureNames names, Consumer<PlanMetrics> planned) {
        CompiledRead read = plans.plan(registry.get(), request.selection(names));
        PlanMetrics metrics = read.plan().metrics();
        planned.accept(metrics);
        EntityRows rows = EntityRows.of(request.entities(), read.plan(), limits.rows());
        checkSize(read.plan(), rows);
        metrics.asked(rows.count());
        List<List<byte[]>> keys = new ArrayList<>(read.groups().size());
        for (KeyColumns group : read.groups()) {
            keys.add(rows.keys(group).distinct());
        }
        long start = System.nanoTime();
        return read.reader()
                .read(keys)
                .whenComplete((stored, failure) -> metrics.read(System.nanoTime() - start))
                .thenApply(stored -> new OnlineAnswer(
                        read,
                        rows,
                        read.inOrder(stored),
                        request.viewMetadata(),
                        new StatusRule(mode, clock.instant().getEpochSecond())));
    }

    private void checkSize(ReadPlan plan, EntityRows rows) {
        int features = plan.names().size();
        if (features > limits.features()) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "%d features in one request (allowed: %d). Send several requests, or start the server with a greater --max-features."
                            .formatted(features, limits.features()));
        }
        long values = (long) rows.count() * features;
        if (values > limits.values()) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "%d entity rows with %d features are %d values in one request (allowed: %d). Send several requests, or start the server with a greater --max-values."
                            .formatted(rows.count(), features, values, limits.values()));
        }
    }
}
