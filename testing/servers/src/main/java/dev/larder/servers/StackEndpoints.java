package dev.larder.servers;

/** Where the parts of a running stack answer. */
public record StackEndpoints(PostgresEndpoint postgres, KafkaEndpoint kafka, ConnectEndpoint connect) {}
