package dev.larder.server.online;

import dev.larder.onlinestore.OnlineStore;
import dev.larder.server.metrics.ReadMetrics;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** Compiled plans of the registry's current version; a new version starts with none. Safe for use by many threads. */
final class PlanCache {
    private final int capacity;
    private final OnlineStore store;
    private final int keyVersion;
    private final ReadMetrics metrics;
    private volatile @Nullable Version current;

    /**
     * @param capacity at most about so many plans; a cache that is full starts anew
     * @param store which plans are compiled for
     * @param keyVersion {@code entity_key_serialization_version}
     * @param metrics counts what is asked for
     */
    PlanCache(int capacity, OnlineStore store, int keyVersion, ReadMetrics metrics) {
        this.capacity = capacity;
        this.store = store;
        this.keyVersion = keyVersion;
        this.metrics = metrics;
    }

    /** @param served the current version; an equal plan is compiled again only for another one */
    @SuppressWarnings("ReferenceEquality") // comparing contents would cost more than compiling again
    CompiledRead plan(ServedDefinitions served, OnlineRequest.Selection selection) {
        Version version = current;
        if (version == null || version.served != served) {
            version = new Version(served, new ConcurrentHashMap<>());
            current = version;
        }
        CompiledRead plan = version.plans.get(selection);
        if (plan == null) {
            plan = new CompiledRead(ReadPlan.compile(served, selection, keyVersion, metrics), store);
            if (version.plans.size() >= capacity) {
                version.plans.clear();
            }
            version.plans.put(selection, plan);
        }
        return plan;
    }

    private record Version(ServedDefinitions served, ConcurrentMap<OnlineRequest.Selection, CompiledRead> plans) {}
}
