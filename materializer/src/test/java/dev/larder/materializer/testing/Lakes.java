package dev.larder.materializer.testing;

import dev.larder.materializer.lake.Lake;
import dev.larder.materializer.lake.SparkSessions;
import dev.larder.offlinestore.LakeAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.SparkSession;

/** Lakes that are new and empty, all in the one Spark session of the test JVM. */
public final class Lakes {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private Lakes() {}

    public static Lake create() {
        return Lake.open(Session.SPARK, "test" + COUNT.incrementAndGet());
    }

    /** Opened when first used. The folder's name has what URIs would encode. */
    private static final class Session {
        static final SparkSession SPARK = open();

        private static SparkSession open() {
            try {
                Path folder = Files.createTempDirectory("larder lake 100%");
                return SparkSessions.open(
                        "local[2]",
                        LakeAddress.local("jdbc:sqlite:" + folder.resolve("catalog.db"), folder.resolve("lake")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
