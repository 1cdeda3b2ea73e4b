package dev.larder.server;

import dev.larder.feast.proto.core.Registry;
import dev.larder.model.LarderException;
import dev.larder.registry.FileRegistry;
import dev.larder.registry.RegistryWatcher;
import dev.larder.registry.Snapshot;
import dev.larder.server.online.ServedDefinitions;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The definitions that requests are answered from. A server may start before anything is applied; once something was, the last
 * content that could be read stays until a newer one can be. Safe for use by many threads.
 */
final class ServedRegistry implements Supplier<ServedDefinitions>, AutoCloseable {
    private final FileRegistry registry;
    private final String project;
    private final Duration ttl;

    private volatile @Nullable RegistryWatcher watcher;
    private volatile @Nullable Version current;

    /** @param failure why the definitions are not those of the snapshot, but older */
    private record Version(Snapshot snapshot, ServedDefinitions definitions, @Nullable LarderException failure) {}

    ServedRegistry(FileRegistry registry, String project, Duration ttl) {
        this.registry = registry;
        this.project = project;
        this.ttl = ttl;
    }

    /** The same object until the definitions change; throws only as long as there never were any. */
    @Override
    @SuppressWarnings("ReferenceEquality") // comparing contents would cost more than decoding them
    public ServedDefinitions get() {
        Snapshot snapshot = watcher().current();
        Version known = current;
        if (known == null || known.snapshot() != snapshot) {
            known = next(known, snapshot);
            current = known;
        }
        return known.definitions();
    }

    /** Why an older version of the registry is served, if one is. */
    Optional<LarderException> staleBecause() {
        RegistryWatcher watching = watcher;
        Version known = current;
        if (watching == null || known == null) {
            return Optional.empty();
        }
        return watching.lastFailure().or(() -> Optional.ofNullable(known.failure()));
    }

    @Override
    public void close() {
        registry.close();
    }

    private RegistryWatcher watcher() {
        RegistryWatcher watching = watcher;
        return watching == null ? firstWatcher() : watching;
    }

    private synchronized RegistryWatcher firstWatcher() {
        RegistryWatcher watching = watcher;
        if (watching == null) {
            watching = new RegistryWatcher(registry, ttl);
            watcher = watching;
        }
        return watching;
    }

    private Version next(@Nullable Version known, Snapshot snapshot) {
        try {
            return new Version(snapshot, definitions(snapshot), null);
        } catch (LarderException e) {
            if (known == null) {
                throw e;
            }
            return new Version(snapshot, known.definitions(), e);
        }
    }

    private ServedDefinitions definitions(Snapshot snapshot) {
        Registry proto = snapshot.proto();
        Set<String> onDemand = new HashSet<>();
        proto.getOnDemandFeatureViewsList().stream()
                .filter(view -> view.getSpec().getProject().equals(project))
                .forEach(view -> onDemand.add(view.getSpec().getName()));
        Set<String> disabled = new HashSet<>();
        proto.getFeatureViewsList().stream()
                .filter(view -> view.getSpec().getProject().equals(project))
                .filter(view -> view.getSpec().getDisabled())
                .forEach(view -> disabled.add(view.getSpec().getName()));
        proto.getStreamFeatureViewsList().stream()
                .filter(view -> view.getSpec().getProject().equals(project))
                .filter(view -> view.getSpec().getDisabled())
                .forEach(view -> disabled.add(view.getSpec().getName()));
        return new ServedDefinitions(snapshot.repository(project), onDemand, disabled);
    }
}
