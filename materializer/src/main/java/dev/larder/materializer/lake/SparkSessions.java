package dev.larder.materializer.lake;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.offlinestore.LakeLayout;
import dev.larder.offlinestore.LocalFileIO;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Opens the process's Spark session with the project's lake as a catalog. */
public final class SparkSessions {
    private static final String SQLITE = "jdbc:sqlite:";
    private static final String CATALOG = "spark.sql.catalog." + LakeLayout.CATALOG;

    private SparkSessions() {}

    /**
     * @param master Spark's master, for example {@code local[2]}
     * @param warehouse folder of the tables' files
     * @param catalog JDBC URL of the Iceberg catalog
     * @throws LarderException {@code PATH_UNUSABLE} if a folder of the lake cannot be made or written
     */
    public static SparkSession open(String master, Path warehouse, String catalog) {
        writable(warehouse, "larder.lake.warehouse");
        if (catalog.startsWith(SQLITE)) {
            Path file = Path.of(catalog.substring(SQLITE.length())).toAbsolutePath();
            writable(file.resolveSibling("."), "the folder of larder.lake.catalog");
        }
        SparkSession.Builder builder = SparkSession.builder()
                .appName("larder")
                .master(master)
                .config("spark.ui.enabled", "false")
                .config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.datetime.java8API.enabled", "true")
                .config("spark.sql.caseSensitive", "true")
                .config("spark.sql.ansi.enabled", "true")
                .config("spark.sql.adaptive.enabled", "true")
                .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
                // Other processes commit too: a cached table would hide what they did.
                .config(CATALOG + ".cache-enabled", "false")
                .config(CATALOG, "org.apache.iceberg.spark.SparkCatalog")
                .config(CATALOG + ".type", "jdbc")
                .config(CATALOG + ".uri", catalog)
                .config(CATALOG + ".warehouse", LocalFileIO.location(warehouse))
                .config(CATALOG + ".io-impl", LocalFileIO.class.getName())
                .config(CATALOG + ".jdbc.schema-version", "V1")
                .config(CATALOG + ".clients", "1");
        if (catalog.startsWith(SQLITE)) {
            builder.config(CATALOG + ".jdbc.busy_timeout", "30000");
        }
        if (master.startsWith("local")) {
            builder.config("spark.driver.bindAddress", "127.0.0.1")
                    .config("spark.driver.host", "127.0.0.1")
                    .config("spark.sql.shuffle.partitions", "4")
                    .config("spark.shuffle.compress", "false")
                    .config("spark.executor.heartbeatInterval", "1s");
        }
        return builder.getOrCreate();
    }

    private static void writable(Path folder, String key) {
        Path path = folder.toAbsolutePath().normalize();
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw unusable(path, key, e);
        }
        if (!Files.isWritable(path)) {
            throw unusable(path, key, null);
        }
    }

    private static LarderException unusable(Path path, String key, @org.jspecify.annotations.Nullable IOException e) {
        return new LarderException(
                ErrorCode.PATH_UNUSABLE,
                "Cannot write to %s (%s of feature_store.yaml). Make it a folder that you may write to, or name another one."
                        .formatted(path, key),
                e);
    }
}
