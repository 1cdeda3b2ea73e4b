package dev.larder.servers;

/** Where the Kafka broker answers. */
public record KafkaEndpoint(String host, int port) {

    /** The value of {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return host + ":" + port;
    }
}
