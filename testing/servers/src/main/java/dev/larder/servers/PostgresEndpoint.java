package dev.larder.servers;

/** Where PostgreSQL answers; it trusts everyone on this machine, so there is no password. */
public record PostgresEndpoint(String host, int port, String database, String user) {

    public String jdbcUrl() {
        return "jdbc:postgresql://%s:%s/%s".formatted(host, Integer.toString(port), database);
    }
}
