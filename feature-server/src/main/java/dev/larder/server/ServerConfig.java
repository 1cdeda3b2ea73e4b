package dev.larder.server;

import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.server.online.Limits;
import dev.larder.server.ports.ListenPort;
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
 * @param registryTtl how often the registry is looked at; at least 10 ms lie between two looks
 * @param larderCommand the start script that materializes; null: this server does not
 * @param http what the HTTP server takes on at once
 * @param tls null: without
 * @param grpc null: HTTP alone
 * @param metricsPort port of a listener for metrics alone, on the same address; 0: any free one; null: none
 */
public record ServerConfig(
        FeatureStoreConfig store,
        Mode mode,
        String host,
        int port,
        ListenPort adminPort,
        Duration registryTtl,
        Limits limits,
        HttpLimits http,
        @Nullable Path larderCommand,
        @Nullable Tls tls,
        @Nullable GrpcConfig grpc,
        @Nullable Integer metricsPort) {
    /** Where {@code feast serve} listens. */
    public static final String DEFAULT_HOST = "127.0.0.1";

    public static final int DEFAULT_PORT = 6566;
    public static final int DEFAULT_ADMIN_PORT = 8081;

    /** Of the listener for metrics alone, as in Feast. */
    public static final int DEFAULT_METRICS_PORT = 8000;

    /** Looking at a file costs little, so a change is served almost at once; Feast's server waits 60 s. */
    public static final Duration DEFAULT_REGISTRY_TTL = Duration.ofSeconds(1);

    /**
     * One that does not materialize and serves HTTP alone, in the clear, with the usual limits.
     *
     * @param adminPort 0: any free one
     */
    public static ServerConfig plain(
            FeatureStoreConfig store,
            Mode mode,
            String host,
            int port,
            int adminPort,
            Duration registryTtl,
            Limits limits) {
        return new ServerConfig(
                store,
                mode,
                host,
                port,
                ListenPort.exactly(adminPort),
                registryTtl,
                limits,
                HttpLimits.DEFAULT,
                null,
                null,
                null,
                null);
    }

    public ServerConfig withHttp(HttpLimits limitsOfHttp) {
        return new ServerConfig(
                store,
                mode,
                host,
                port,
                adminPort,
                registryTtl,
                limits,
                limitsOfHttp,
                larderCommand,
                tls,
                grpc,
                metricsPort);
    }

    public ServerConfig withLarderCommand(@Nullable Path command) {
        return new ServerConfig(
                store, mode, host, port, adminPort, registryTtl, limits, http, command, tls, grpc, metricsPort);
    }

    /** Over HTTP and gRPC alike. */
    public ServerConfig withTls(@Nullable Tls encryption) {
        return new ServerConfig(
                store,
                mode,
                host,
                port,
                adminPort,
                registryTtl,
                limits,
                http,
                larderCommand,
                encryption,
                grpc,
                metricsPort);
    }

    public ServerConfig withGrpc(@Nullable GrpcConfig served) {
        return new ServerConfig(
                store, mode, host, port, adminPort, registryTtl, limits, http, larderCommand, tls, served, metricsPort);
    }

    public ServerConfig withMetricsPort(@Nullable Integer portOfMetrics) {
        return new ServerConfig(
                store, mode, host, port, adminPort, registryTtl, limits, http, larderCommand, tls, grpc, portOfMetrics);
    }
}
