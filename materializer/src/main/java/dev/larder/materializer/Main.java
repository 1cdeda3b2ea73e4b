package dev.larder.materializer;

import dev.larder.materializer.lake.Lake;
import dev.larder.materializer.lake.SparkSessions;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.offlinestore.LakeAddress;
import dev.larder.progress.ConsoleProgress;
import dev.larder.registry.RepositoryLoader;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import dev.larder.registry.config.LarderConfig;
import dev.larder.registry.config.LarderConfig.LakeConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Clock;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** Runs the steps of the command line one after the other in one Spark session; see {@link Arguments#USAGE}. */
public final class Main {
    private static final int FAILED = 1;
    private static final int MISTAKE = 2;

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.out, System.err));
    }

    /** @return the exit code: 0, 2 for a mistake of the caller's, 1 for any other failure */
    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        try {
            run(Arguments.parse(arguments), out);
            return 0;
        } catch (Exception e) {
            LarderException failure = Failures.of(e);
            err.println("error " + failure.code() + ": " + failure.getMessage());
            if ("1".equals(System.getenv("LARDER_DEBUG"))) {
                e.printStackTrace(err);
            }
            return failure.code().kind() == ErrorCode.Kind.CALLER ? MISTAKE : FAILED;
        }
    }

    private static void run(Arguments arguments, PrintStream out) throws IOException {
        FeatureStoreConfig config = FeatureStoreConfigLoader.load(arguments.repo(), arguments.file());
        Repository repository = RepositoryLoader.load(config);
        Steps.check(arguments.steps(), repository);
        LakeAddress address = address(config.larder());
        try (SparkSession spark = SparkSessions.open(arguments.master(), address)) {
            Lake lake = Lake.open(spark, config.project());
            Steps steps = new Steps(
                    config, repository, lake, arguments.kafka(), new ConsoleProgress(out), Clock.systemUTC(), out);
            arguments.steps().forEach(steps::run);
        } catch (RuntimeException e) {
            throw Failures.of(e, address);
        }
    }

    private static LakeAddress address(LarderConfig larder) {
        LakeConfig lake = larder.lake();
        return new LakeAddress(lake.catalog(), lake.user(), lake.password(), lake.warehouse(), larder.s3());
    }
}
