package dev.larder.materializer.lake;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.objectstorage.Bucket;
import dev.larder.objectstorage.Location;
import dev.larder.offlinestore.LakeAddress;
import dev.larder.offlinestore.LakeLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Opens the process's Spark session with the project's lake as a catalog. */
public final class SparkSessions {
    private static final String CATALOG = "spark.sql.catalog." + LakeLayout.CATALOG;

    private SparkSessions() {}

    /**
     * @param master Spark's master, for example {@code local[2]}
     * @throws LarderException {@code PATH_UNUSABLE} if a folder of the lake cannot be made or written; {@code
     *     LAKE_UNAVAILABLE} if its bucket cannot
     */
    public static SparkSession open(String master, LakeAddress lake) {
        if (lake.warehouse() instanceof Location.S3 s3) {
            try (Bucket bucket = Bucket.open(lake.s3(), s3.bucket(), ErrorCode.LAKE_UNAVAILABLE)) {
                bucket.prepare(s3.key());
            }
        } else {
            writable(((Location.Local) lake.warehouse()).path(), "larder.lake.warehouse");
        }
        lake.sqliteFile().ifPresent(file -> writable(file.resolveSibling("."), "the folder of larder.lake.catalog"));
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
                .config(CATALOG + ".type", "jdbc");
        lake.catalogProperties().forEach((key, value) -> builder.config(CATALOG + "." + key, value));
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
