package dev.larder.onlinestore;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a Redis is and how to speak to it.
 *
 * @param nodes the server; some nodes of a cluster; or the sentinels
 * @param sentinelMaster the master's name, for sentinels
 * @param username null for Redis's default user
 * @param tls null for a connection in the clear
 * @param protocol 2 or 3; 0 lets the server decide
 * @param connectTimeout how long a connection may take
 * @param commandTimeout how long an answer may take
 * @param keyTtlSeconds after how long without a write Redis forgets an entity with all its views; 0: never
 * @param scanForDeletion whether a view that is no longer applied loses its rows, at the price of a walk over all keys
 */
public record RedisSettings(
        Topology topology,
        List<Node> nodes,
        String sentinelMaster,
        int database,
        @Nullable String username,
        @Nullable String password,
        @Nullable Tls tls,
        @Nullable String clientName,
        int protocol,
        Duration connectTimeout,
        Duration commandTimeout,
        int keyTtlSeconds,
        boolean scanForDeletion)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public RedisSettings {
        nodes = List.copyOf(nodes);
    }

    /**
     * Reads Feast's own keys of {@code online_store:}.
     *
     * @param redisType {@code redis}, {@code redis_cluster} or {@code redis_sentinel}
     * @param connectionString {@code host:port} once or more, then {@code name=value}, joined by commas
     * @param keyTtlSeconds empty: rows stay
     * @throws dev.larder.model.LarderException {@code DEFINITION_INVALID}, never with the password in it
     */
    public static RedisSettings parse(
            String redisType, String connectionString, String sentinelMaster, OptionalInt keyTtlSeconds) {
        return new RedisConnectionString(connectionString)
                .settings(Topology.named(redisType), sentinelMaster, keyTtlSeconds);
    }

    /** Feast's {@code full_scan_for_deletion: false}. */
    public RedisSettings withoutScanForDeletion() {
        return new RedisSettings(
                topology,
                nodes,
                sentinelMaster,
                database,
                username,
                password,
                tls,
                clientName,
                protocol,
                connectTimeout,
                commandTimeout,
                keyTtlSeconds,
                false);
    }

    /** The nodes, for people. */
    public String address() {
        String hosts = nodes.stream().map(Node::toString).collect(Collectors.joining(","));
        return topology == Topology.REDIS_SENTINEL ? hosts + " (sentinels of " + sentinelMaster + ")" : hosts;
    }

    /** Without what is secret. */
    @Override
    public String toString() {
        return "RedisSettings[%s %s, db %d%s%s]"
                .formatted(
                        topology,
                        address(),
                        database,
                        tls == null ? "" : ", tls",
                        password == null ? "" : ", password");
    }

    /** {@code redis_type}. */
    public enum Topology {
        REDIS,
        REDIS_CLUSTER,
        REDIS_SENTINEL;

        private static Topology named(String redisType) {
            return switch (redisType) {
                case "redis" -> REDIS;
                case "redis_cluster" -> REDIS_CLUSTER;
                case "redis_sentinel" -> REDIS_SENTINEL;
                default ->
                    throw RedisConnectionString.invalid(
                            "redis_type: '%s' (expected: redis, redis_cluster or redis_sentinel)".formatted(redisType));
            };
        }
    }

    /** One server. */
    public record Node(String host, int port) implements Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /**
     * An encrypted connection.
     *
     * @param authorities PEM file of the authorities that may vouch for the server; null: those that Java knows
     * @param certificate PEM file of our own certificate, with {@code key}; null if the server asks for none
     */
    public record Tls(
            Verification verification,
            @Nullable String authorities,
            @Nullable String certificate,
            @Nullable String key,
            @Nullable String keyPassword)
            implements Serializable {
        private static final long serialVersionUID = 1L;

        /** What the server's certificate must stand up to. */
        public enum Verification {
            NONE,
            AUTHORITY,
            AUTHORITY_AND_HOST
        }

        @Override
        public String toString() {
            return "Tls[%s, authorities=%s, certificate=%s]".formatted(verification, authorities, certificate);
        }
    }
}
