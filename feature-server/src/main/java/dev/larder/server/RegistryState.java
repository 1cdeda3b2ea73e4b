package dev.larder.server;

import dev.larder.model.LarderException;
import dev.larder.registry.Snapshot;
import dev.larder.server.metrics.RegistryGauges;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** What metrics tell of the definitions in service. */
record RegistryState(ServedRegistry registry, String project, Clock clock) implements RegistryGauges.Source {
    @Override
    public Optional<RegistryGauges.Served> served() {
        try {
            Snapshot snapshot = registry.served().snapshot();
            return Optional.of(new RegistryGauges.Served(
                    project, snapshot.versionId(), snapshot.lastUpdated(), snapshot.materializedUntil(project)));
        } catch (LarderException e) {
            // The health check says so, with the reason.
            return Optional.empty();
        }
    }

    @Override
    public long refreshFailures() {
        return registry.refreshFailures();
    }

    @Override
    public boolean isStale() {
        return registry.staleBecause().isPresent() && served().isPresent();
    }

    @Override
    public Instant now() {
        return clock.instant();
    }
}
