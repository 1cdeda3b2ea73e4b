package dev.larder.server;

import dev.larder.feast.proto.core.Registry;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.registry.FileRegistry;
import dev.larder.registry.RegistryWatcher;
import dev.larder.registry.Snapshot;
import dev.larder.server.online.Definitions;
import dev.larder.server.online.ServedDefinitions;
import dev.larder.server.write.WriteDefinitions;
import dev.larder.server.write.WriteRegistry;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The definitions that requests are answered from, read and decoded by one thread of its own. A server may start before anything
 * is applied; once something was, the last content that could be read stays until a newer one can be. Safe for use by many
 * threads.
 */
final class ServedRegistry implements Definitions, AutoCloseable {
    private static final Duration TIME_FOR_FIRST_LOOK = Duration.ofSeconds(5);

    private static final Duration TIME_TO_REFRESH = Duration.ofSeconds(2);

    private final FileRegistry registry;
    private final RegistryWatcher<Served> watcher;

    /**
     * One content, for those who read and those who write.
     *
     * @param snapshot what the definitions were read from
     */
    record Served(Snapshot snapshot, ServedDefinitions definitions, WriteDefinitions writes) {}

    /** @param interval at which the registry is looked at */
    ServedRegistry(FileRegistry registry, String project, Duration interval) {
        this.registry = registry;
        this.watcher = RegistryWatcher.start(registry, interval, snapshot -> decoded(snapshot, project));
    }

    /** The same object until the definitions change; never waits, and throws only as long as there never were any. */
    @Override
    public ServedDefinitions get() {
        return watcher.current().definitions();
    }

    @Override
    public void lookAgain() {
        Optional<LarderException> failure = watcher.lastFailure();
        // Who is known not to answer is not waited for by every request.
        if (failure.isEmpty() || failure.get().code() == ErrorCode.STEP_MISSING) {
            try {
                watcher.refresh(TIME_TO_REFRESH);
            } catch (LarderException e) {
                // The last good definitions serve, if there are any.
            }
        }
    }

    /** With the content that the definitions were read from; as {@link #get} otherwise. */
    Served served() {
        return watcher.current();
    }

    /**
     * The definitions as they are now, for callers that have just changed them ({@code allow_registry_cache: false}).
     *
     * @param limit how long the registry may take to answer
     * @throws LarderException if it does not, or what it holds cannot be used
     */
    ServedDefinitions refreshed(Duration limit) {
        watcher.refresh(limit);
        return get();
    }

    /** The same definitions, for those who write. */
    WriteRegistry writes() {
        return new WriteRegistry() {
            @Override
            public WriteDefinitions current() {
                return watcher.current().writes();
            }

            @Override
            public WriteDefinitions fresh() {
                lookAgain();
                return current();
            }
        };
    }

    /** Gives a first look some seconds to end; whatever it found, or if it did not end, {@link #get} tells it. */
    void awaitFirstLook() {
        try {
            watcher.refresh(TIME_FOR_FIRST_LOOK);
        } catch (LarderException e) {
            // A server starts without definitions too.
        }
    }

    /** Why the definitions in use are perhaps not those of the registry, if so. */
    Optional<LarderException> staleBecause() {
        return watcher.lastFailure();
    }

    /** How often the registry could not be read again, or what it held not be understood. */
    long refreshFailures() {
        return watcher.failures();
    }

    @Override
    public void close() {
        watcher.close();
        registry.close();
    }

    private static Served decoded(Snapshot snapshot, String project) {
        ServedDefinitions definitions = definitions(snapshot, project);
        return new Served(
                snapshot,
                definitions,
                new WriteDefinitions(
                        definitions.repository(),
                        definitions.onDemandViews(),
                        snapshot.viewSources(project),
                        snapshot.pushSources(project)));
    }

    private static ServedDefinitions definitions(Snapshot snapshot, String project) {
        if (snapshot.isEmpty()) {
            return new ServedDefinitions(
                    new Repository(project, List.of(), List.of(), List.of(), List.of()), Set.of(), Set.of());
        }
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
