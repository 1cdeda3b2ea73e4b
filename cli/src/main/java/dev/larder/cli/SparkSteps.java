package dev.larder.cli;

import dev.larder.registry.config.FeatureStoreConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Steps of the materializer, run one after the other in one Spark process. */
final class SparkSteps {
    private final List<String> arguments = new ArrayList<>();

    SparkSteps add(List<String> step) {
        if (!arguments.isEmpty()) {
            arguments.add("then");
        }
        arguments.addAll(step);
        return this;
    }

    /** @return the process's exit code; it has said on the screen what went wrong */
    int run(Home home, FeatureStoreConfig config, @Nullable String kafka) {
        List<String> command = new ArrayList<>(List.of(Home.java()));
        command.addAll(home.jvmOptions("materializer"));
        if (Runtime.version().feature() >= 24) {
            command.addAll(List.of("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"));
        }
        command.add("-Xmx" + environment("LARDER_SPARK_MEMORY", "1g"));
        command.addAll(List.of("-cp", home.classPath("materializer"), "dev.larder.materializer.Main"));
        command.addAll(
                List.of("-c", config.repo().toString(), "-f", config.file().toString()));
        if (kafka != null) {
            command.addAll(List.of("--kafka", kafka));
        }
        String master = System.getenv("LARDER_SPARK_MASTER");
        if (master != null) {
            command.addAll(List.of("--master", master));
        }
        command.addAll(arguments);
        return ChildProcess.run(command);
    }

    private static String environment(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null || value.isBlank() ? otherwise : value;
    }
}
