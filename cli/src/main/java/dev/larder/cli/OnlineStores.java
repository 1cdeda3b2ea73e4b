package dev.larder.cli;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.RedisOnlineStore;
import dev.larder.onlinestore.RedisSettings;
import dev.larder.onlinestore.SqliteOnlineStore;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import dev.larder.registry.config.OnlineStoreConfig;

/** The online store that feature_store.yaml names. */
final class OnlineStores {
    private OnlineStores() {}

    static OnlineStore open(FeatureStoreConfig config) {
        return config.onlineStore() instanceof OnlineStoreConfig.Redis redis
                ? RedisOnlineStore.open(settings(config, redis), config.project())
                : SqliteOnlineStore.open(((OnlineStoreConfig.Sqlite) config.onlineStore()).path(), config.project());
    }

    /**
     * Reads the settings; nothing is connected to.
     *
     * @throws LarderException {@code DEFINITION_INVALID} with file and line
     */
    static void check(FeatureStoreConfig config) {
        if (config.onlineStore() instanceof OnlineStoreConfig.Redis redis) {
            RedisSettings unused = settings(config, redis);
        }
    }

    private static RedisSettings settings(FeatureStoreConfig config, OnlineStoreConfig.Redis redis) {
        try {
            RedisSettings settings = RedisSettings.parse(
                    redis.redisType(), redis.connectionString(), redis.sentinelMaster(), redis.keyTtlSeconds());
            return redis.fullScanForDeletion() ? settings : settings.withoutScanForDeletion();
        } catch (LarderException e) {
            if (e.code() != ErrorCode.DEFINITION_INVALID) {
                throw e;
            }
            throw FeatureStoreConfigLoader.mistake(
                    config, String.valueOf(e.getMessage()), "online_store", "connection_string");
        }
    }
}
