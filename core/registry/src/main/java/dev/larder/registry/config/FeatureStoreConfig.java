package dev.larder.registry.config;

import dev.larder.objectstorage.Location;
import java.nio.file.Path;

/**
 * What {@code feature_store.yaml} says, with defaults filled in; every path is absolute.
 *
 * @param repo folder of the feature repository
 * @param file the file itself, {@code feature_store.yaml} in that folder unless another one was chosen
 * @param registry where the registry file is
 * @param metricsListener {@code feature_server.metrics.enabled}: whether Feast's server would serve metrics on a port of their own
 * @param entityKeyVersion Feast's {@code entity_key_serialization_version}
 */
public record FeatureStoreConfig(
        Path repo,
        Path file,
        String project,
        String projectDescription,
        String provider,
        Location registry,
        OnlineStoreConfig onlineStore,
        boolean metricsListener,
        int entityKeyVersion,
        LarderConfig larder) {}
