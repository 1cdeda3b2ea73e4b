package dev.larder.registry.config;

import dev.larder.objectstorage.Location;
import java.nio.file.Path;

/**
 * What {@code feature_store.yaml} says, with defaults filled in; every path is absolute.
 *
 * @param repo folder of the feature repository
 * @param file the file itself, {@code feature_store.yaml} in that folder unless another one was chosen
 * @param registry where the registry file is
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
        int entityKeyVersion,
        LarderConfig larder) {}
