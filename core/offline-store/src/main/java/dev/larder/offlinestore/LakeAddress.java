package dev.larder.offlinestore;

import dev.larder.objectstorage.Location;
import dev.larder.objectstorage.S3Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.iceberg.CatalogProperties;

/**
 * Where a lake is and how it is entered: the JDBC database of its Iceberg catalog and the place of its files.
 *
 * @param catalogUrl JDBC URL, for example {@code jdbc:sqlite:/path/catalog.db} or {@code jdbc:postgresql://host/database}
 * @param user of the catalog's database; empty: none, or as the URL says
 * @param warehouse folder or prefix of the tables' files
 * @param s3 how to reach S3, if the files are there
 */
public record LakeAddress(
        String catalogUrl, Optional<String> user, Optional<String> password, Location warehouse, S3Settings s3) {
    private static final String SQLITE = "jdbc:sqlite:";
    private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    /** A commit waits for others of the same table; each of them takes milliseconds. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(5);

    private static final Pattern SECRETS =
            Pattern.compile("(?i)(password=|pwd=|secret=)[^&;]*|(//[^:/@]*:)[^@/]*(?=@)");

    /** A lake on this machine, its catalog in SQLite. */
    public static LakeAddress local(String catalogUrl, Path warehouse) {
        return new LakeAddress(
                catalogUrl,
                Optional.empty(),
                Optional.empty(),
                new Location.Local(warehouse.toAbsolutePath().normalize()),
                S3Settings.aws());
    }

    /** The SQLite file of the catalog, if it is one. */
    public Optional<Path> sqliteFile() {
        if (!catalogUrl.startsWith(SQLITE)) {
            return Optional.empty();
        }
        String rest = catalogUrl.substring(SQLITE.length());
        int parameters = rest.indexOf('?');
        return Optional.of(LocalFileIO.path(parameters < 0 ? rest : rest.substring(0, parameters))
                .toAbsolutePath());
    }

    /** The JDBC URL without its secrets. */
    public String catalogName() {
        return SECRETS.matcher(catalogUrl).replaceAll("$1$2***");
    }

    /** Properties of the Iceberg JDBC catalog, the same for every engine; they hold the password. */
    public Map<String, String> catalogProperties() {
        Map<String, String> properties = new HashMap<>();
        properties.put(CatalogProperties.URI, catalogUrl);
        properties.put("jdbc.schema-version", "V1");
        user.ifPresent(name -> properties.put("jdbc.user", name));
        password.ifPresent(secret -> properties.put("jdbc.password", secret));
        if (sqliteFile().isPresent()) {
            // SQLite has one writer at a time; more connections would only wait for each other.
            properties.put(CatalogProperties.CLIENT_POOL_SIZE, "1");
            properties.put("jdbc.busy_timeout", Long.toString(BUSY_TIMEOUT.toMillis()));
        } else {
            properties.put(CatalogProperties.CLIENT_POOL_SIZE, "2");
            properties.put("jdbc.connectTimeout", Long.toString(CONNECT_TIMEOUT.toSeconds()));
            properties.put("jdbc.socketTimeout", Long.toString(ANSWER_TIMEOUT.toSeconds()));
            properties.put("jdbc.tcpKeepAlive", "true");
            properties.put("jdbc.ApplicationName", "larder");
        }
        if (warehouse instanceof Location.S3) {
            properties.put(CatalogProperties.WAREHOUSE_LOCATION, warehouse.text());
            properties.put(CatalogProperties.FILE_IO_IMPL, "org.apache.iceberg.aws.s3.S3FileIO");
            properties.putAll(S3Clients.properties(s3));
        } else {
            properties.put(
                    CatalogProperties.WAREHOUSE_LOCATION, LocalFileIO.location(((Location.Local) warehouse).path()));
            properties.put(CatalogProperties.FILE_IO_IMPL, LocalFileIO.class.getName());
        }
        return properties;
    }

    @Override
    public String toString() {
        return "LakeAddress[catalog=%s, warehouse=%s]".formatted(catalogName(), warehouse);
    }
}
