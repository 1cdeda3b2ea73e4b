package dev.larder.server.online;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.OnlineStore.ViewRead;
import dev.larder.onlinestore.OnlineStore.ViewRows;
import dev.larder.registry.config.LarderConfig.Mode;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Answers requests for online features. Safe for use by many threads. */
public final class OnlineFeatures {
    private static final int CACHED_PLANS = 1000;

    private final Supplier<ServedDefinitions> registry;
    private final OnlineStore store;
    private final int keyVersion;
    private final Mode mode;
    private final Limits limits;
    private final Clock clock;
    private final PlanCache plans = new PlanCache(CACHED_PLANS);

    /**
     * @param registry the current definitions; the same object until they change
     * @param keyVersion {@code entity_key_serialization_version}
     * @param clock tells "now" for the ttl
     */
    public OnlineFeatures(
            Supplier<ServedDefinitions> registry,
            OnlineStore store,
            int keyVersion,
            Mode mode,
            Limits limits,
            Clock clock) {
        this.registry = registry;
        this.store = store;
        this.keyVersion = keyVersion;
        this.mode = mode;
        this.limits = limits;
        this.clock = clock;
    }

    /**
     * Reads and writes one answer; whatever can fail for the caller's sake fails before the first byte.
     *
     * @throws LarderException naming what the request got wrong, or what keeps the registry or the store from answering
     * @throws IOException if the generator fails
     */
    public void answer(OnlineRequest request, JsonGenerator json) throws IOException {
        ReadPlan plan = plans.plan(registry.get(), request.selection());
        EntityRows rows = EntityRows.of(request.entities(), plan, keyVersion, limits.rows());
        checkSize(plan, rows);
        List<ViewRead> reads = new ArrayList<>(plan.views().size());
        for (ReadPlan.View view : plan.views()) {
            reads.add(new ViewRead(view.name(), view.features(), rows.keys(view).distinct()));
        }
        List<ViewRows> stored = store.read(reads);
        new AnswerWriter(json, mode, clock.instant().getEpochSecond())
                .write(plan, rows, stored, request.viewMetadata());
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
