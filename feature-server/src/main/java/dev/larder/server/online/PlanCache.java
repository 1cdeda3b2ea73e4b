package dev.larder.server.online;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** Compiled plans of the registry's current version; a new version starts with none. Safe for use by many threads. */
final class PlanCache {
    private final int capacity;
    private volatile @Nullable Version current;

    /** @param capacity at most about so many plans; a cache that is full starts anew */
    PlanCache(int capacity) {
        this.capacity = capacity;
    }

    /** @param served the current version; an equal plan is compiled again only for another one */
    @SuppressWarnings("ReferenceEquality") // comparing contents would cost more than compiling again
    ReadPlan plan(ServedDefinitions served, OnlineRequest.Selection selection) {
        Version version = current;
        if (version == null || version.served != served) {
            version = new Version(served, new ConcurrentHashMap<>());
            current = version;
        }
        ReadPlan plan = version.plans.get(selection);
        if (plan == null) {
            plan = ReadPlan.compile(served, selection);
            if (version.plans.size() >= capacity) {
                version.plans.clear();
            }
            version.plans.put(selection, plan);
        }
        return plan;
    }

    private record Version(ServedDefinitions served, ConcurrentMap<OnlineRequest.Selection, ReadPlan> plans) {}
}
