package dev.larder.cli;

import dev.larder.cdc.PostgresSource;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.LarderConfig.ConnectConfig;
import dev.larder.registry.config.LarderConfig.KafkaConfig;
import dev.larder.servers.EmbeddedStack;
import dev.larder.servers.StackEndpoints;
import java.net.URI;
import java.nio.file.Path;

/** Where PostgreSQL, Kafka and Kafka Connect are: as feature_store.yaml says, or else the embedded ones. */
final class Parts {
    private final FeatureStoreConfig config;

    Parts(FeatureStoreConfig config) {
        this.config = config;
    }

    static Path stackFolder(FeatureStoreConfig config) {
        return config.larder().data().resolve("stack");
    }

    /** Whether none of the embedded parts is needed. */
    static boolean areYours(FeatureStoreConfig config) {
        return config.larder().postgres().isPresent()
                && config.larder().kafka().isPresent()
                && config.larder().connect().isPresent();
    }

    PostgresSource postgres() {
        return config.larder()
                .postgres()
                .map(p -> new PostgresSource(p.host(), p.port(), p.database(), p.user(), p.password()))
                .orElseGet(() -> {
                    var endpoint = embedded("postgres").postgres();
                    return new PostgresSource(
                            endpoint.host(), endpoint.port(), endpoint.database(), endpoint.user(), null);
                });
    }

    /** The brokers as {@code bootstrap.servers} takes them. */
    String kafka() {
        return config.larder().kafka().map(KafkaConfig::bootstrapServers).orElseGet(() -> embedded("kafka")
                .kafka()
                .bootstrapServers());
    }

    /** Where Kafka Connect answers. */
    URI connect() {
        return config.larder()
                .connect()
                .map(connect -> URI.create(connect.url()))
                .orElseGet(() -> embedded("connect").connect().url());
    }

    String connectorName() {
        return config.larder().connect().map(ConnectConfig::connector).orElse(config.project());
    }

    private StackEndpoints embedded(String block) {
        return EmbeddedStack.running(stackFolder(config))
                .orElseThrow(() -> new LarderException(
                        ErrorCode.STEP_MISSING,
                        "The embedded PostgreSQL, Kafka and Kafka Connect of %s do not run. Start them with larder start, or say in feature_store.yaml where your own are (larder: %s:)."
                                .formatted(config.repo(), block)));
    }
}
