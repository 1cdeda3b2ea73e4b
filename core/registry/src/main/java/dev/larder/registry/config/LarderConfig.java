package dev.larder.registry.config;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The block {@code larder:} of {@code feature_store.yaml}: what Feast has no key for.
 *
 * @param data folder of everything that Larder writes
 * @param postgres the source database; empty: the embedded one
 * @param kafka the change log; empty: the embedded one
 * @param connect Kafka Connect; empty: the embedded one
 */
public record LarderConfig(
        Mode mode,
        Path data,
        LakeConfig lake,
        Optional<PostgresConfig> postgres,
        Optional<KafkaConfig> kafka,
        Optional<ConnectConfig> connect) {

    /** How online requests are answered where Feast's servers do not agree; writing is the same in both. */
    public enum Mode {
        /** The ttl holds and every status says what is really so. */
        STRICT,
        /** As Feast's Python server answers. */
        FEAST
    }

    /**
     * Where the Iceberg tables lie.
     *
     * @param warehouse folder of the tables' files
     * @param catalog JDBC URL of the catalog; a SQLite file in it is absolute
     */
    public record LakeConfig(Path warehouse, String catalog) {
        private static final Pattern SECRETS =
                Pattern.compile("(?i)(password=|pwd=|secret=)[^&;]*|(//[^:/@]*:)[^@/]*(?=@)");

        @Override
        public String toString() {
            return "LakeConfig[warehouse=%s, catalog=%s]"
                    .formatted(warehouse, SECRETS.matcher(catalog).replaceAll("$1$2***"));
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
}
