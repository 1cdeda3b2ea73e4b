package dev.larder.registry.config;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The block {@code online_store:} under the keys that Feast reads. */
public sealed interface OnlineStoreConfig {
    /** Feast's name of the store's type. */
    String type();

    /** A SQLite file; Feast's default is {@code data/online.db}. */
    record Sqlite(Path path) implements OnlineStoreConfig {
        @Override
        public String type() {
            return "sqlite";
        }
    }

    /**
     * A Redis server, cluster, or servers behind sentinels.
     *
     * @param redisType {@code redis}, {@code redis_cluster} or {@code redis_sentinel}
     * @param connectionString Feast's: {@code host:port} once or more, then {@code name=value}, joined by commas; may hold a
     *     password
     * @param sentinelMaster the master's name, for sentinels
     * @param keyTtlSeconds after how long without a write Redis forgets an entity; empty: never
     * @param fullScanForDeletion whether a view that is no longer applied loses its rows
     * @param skipDedup whether a row that is pushed in mode {@code feast} replaces a newer one
     */
    record Redis(
            String redisType,
            String connectionString,
            String sentinelMaster,
            OptionalInt keyTtlSeconds,
            boolean fullScanForDeletion,
            boolean skipDedup)
            implements OnlineStoreConfig {
        private static final Pattern NODE = Pattern.compile("[A-Za-z0-9._-]+(:[0-9]+)?");

        @Override
        public String type() {
            return "redis";
        }

        /** The nodes that the connection string begins with; what comes after them may be secret. */
        public String address() {
            return Arrays.stream(connectionString.split(",", -1))
                    .map(String::strip)
                    .takeWhile(part -> NODE.matcher(part).matches())
                    .collect(Collectors.joining(","));
        }

        @Override
        public String toString() {
            return "Redis[redisType=%s, connectionString=%s, sentinelMaster=%s, keyTtlSeconds=%s, fullScanForDeletion=%s, skipDedup=%s]"
                    .formatted(redisType, address(), sentinelMaster, keyTtlSeconds, fullScanForDeletion, skipDedup);
        }
    }
}
