package dev.larder.servers;

/** Where Redis answers; it trusts everyone on this machine, so there is no password. */
public record RedisEndpoint(String host, int port) {

    /** The value of {@code online_store: connection_string:}. */
    public String connectionString() {
        return host + ":" + port;
    }
}
