package dev.larder.registry.config;

import dev.larder.objectstorage.Location;
import dev.larder.objectstorage.S3Settings;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The block {@code larder:} of {@code feature_store.yaml}: what Feast has no key for.
 *
 * @param data folder of everything that Larder writes on this machine
 * @param s3 how to reach S3, for whatever lies there
 * @param postgres the source database; empty: the embedded one
 * @param kafka the change log; empty: the embedded one
 * @param connect Kafka Connect; empty: the embedded one
 * @param trino empty: there is none
 */
public record LarderConfig(
        Mode mode,
        Path data,
        S3Settings s3,
        LakeConfig lake,
        Optional<PostgresConfig> postgres,
        Optional<KafkaConfig> kafka,
        Optional<ConnectConfig> connect,
        Optional<TrinoConfig> trino) {

    /**
     * How online requests are answered where Feast's servers do not agree, and which of two rows stays that are pushed for one
     * entity. Materialization is the same in both.
     */
    public enum Mode {
        /** The ttl holds, every status says what is really so, and the latest row stays. */
        STRICT,
        /** As Feast's Python server answers, and as it writes to the store in use. */
        FEAST
    }

    /**
     * Where the Iceberg tables lie.
     *
     * @param warehouse folder or prefix of the tables' files
     * @param catalog JDBC URL of the catalog; a SQLite file in it is absolute
     * @param user of the catalog's database; empty: none, or as the URL says
     * @param cacheBytes how much of a lake in S3 is kept on this machine, at most
     */
    public record LakeConfig(
            Location warehouse, String catalog, Optional<String> user, Optional<String> password, long cacheBytes) {
        private static final Pattern SECRETS =
                Pattern.compile("(?i)(password=|pwd=|secret=)[^&;]*|(//[^:/@]*:)[^@/]*(?=@)");

        /** The JDBC URL without its secrets. */
        public String catalogAddress() {
            return SECRETS.matcher(catalog).replaceAll("$1$2***");
        }

        @Override
        public String toString() {
            return "LakeConfig[warehouse=%s, catalog=%s, user=%s, password=%s, cacheBytes=%d]"
                    .formatted(
                            warehouse,
                            catalogAddress(),
                            user.orElse(""),
                            password.map(p -> "***").orElse(""),
                            cacheBytes);
        }
    }

    /** How to reach the source database. */
    public record PostgresConfig(String host, int port, String database, String user, String password) {
        public String jdbcUrl() {
            return "jdbc:postgresql://" + host + ":" + port + "/" + database;
        }

        @Override
        public String toString() {
            return "PostgresConfig[host=%s, port=%d, database=%s, user=%s, password=***]"
                    .formatted(host, port, database, user);
        }
    }

    /** How to reach the change log. */
    public record KafkaConfig(String bootstrapServers) {}

    /**
     * How to reach Kafka Connect.
     *
     * @param connector name of the connector
     */
    public record ConnectConfig(String url, String connector) {}

    /**
     * How to reach Trino.
     *
     * @param url {@code http://HOST:PORT} or {@code https://}
     * @param catalog Trino's name of the lake's catalog
     */
    public record TrinoConfig(String url, String user, String catalog) {}
}
