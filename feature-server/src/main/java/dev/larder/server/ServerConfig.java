package dev.larder.server;

import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.server.online.Limits;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a feature server is started with.
 *
 * @param store the repository's {@code feature_store.yaml}
 * @param mode how statuses are answered; usually the repository's own
 * @param host address that requests are taken on; health checks and metrics are on 127.0.0.1 only
 * @param port 0: any free one
 * @param adminPort 0: any free one
 * @param registryTtl how often the registry is looked at; at least 10 ms lie between two looks
 * @param larderCommand the start script that materializes; null: this server does not
 * @param tls null: without
 * @param grpc null: HTTP alone
 */
public record ServerConfig(
        FeatureStoreConfig store,
        Mode mode,
        String host,
        int port,
        int adminPort,
        Duration registryTtl,
        Limits limits,
        @Nullable Path larderCommand,
        @Nullable Tls tls,
        @Nullable GrpcConfig grpc) {
    /** Where {@code feast serve} listens. */
    public static final String DEFAULT_HOST = "127.0.0.1";

    public static final int DEFAULT_PORT = 6566;
    public static final int DEFAULT_ADMIN_PORT = 8081;

    /** Looking at a file costs little, so a change is served almost at once; Feast's server waits 60 s. */
    public static final Duration DEFAULT_REGISTRY_TTL = Duration.ofSeconds(1);

    /** One that does not materialize and serves HTTP alone, in the clear. */
    public static ServerConfig plain(
            FeatureStoreConfig store,
            Mode mode,
            String host,
            int port,
            int adminPort,
            Duration registryTtl,
            Limits limits) {
        return new ServerConfig(store, mode, host, port, adminPort, registryTtl, limits, null, null, null);
    }

    public ServerConfig withLarderCommand(@Nullable Path command) {
        return new ServerConfig(store, mode, host, port, adminPort, registryTtl, limits, command, tls, grpc);
    }

    public ServerConfig withGrpc(GrpcConfig served, @Nullable Tls encryption) {
        return new ServerConfig(
                store, mode, host, port, adminPort, registryTtl, limits, larderCommand, encryption, served);
    }
}
