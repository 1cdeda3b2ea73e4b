package dev.larder.registry.config;

import java.nio.file.Path;

/**
 * What {@code feature_store.yaml} says, with defaults filled in; every path is absolute.
 *
 * @param repo folder of the feature repository
 * @param registry the registry file
 * @param entityKeyVersion Feast's {@code entity_key_serialization_version}
 */
public record FeatureStoreConfig(
        Path repo,
        String project,
        String projectDescription,
        String provider,
        Path registry,
        OnlineStoreConfig onlineStore,
        int entityKeyVersion,
        LarderConfig larder) {}
