package dev.larder.cli;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.servers.EmbeddedStack;
import dev.larder.servers.Part;
import dev.larder.servers.ServerClassPath;
import dev.larder.servers.StackEndpoints;
import dev.larder.servers.StackOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The parts that a company runs, as processes on this machine: PostgreSQL, Kafka, Kafka Connect, Redis, MinIO and Trino. Where
 * they answer is written as variables, which feature_store.stack.yaml names.
 */
final class NativeStack {
    private static final String STACK_FILE = "feature_store.stack.yaml";
    /** As that file says. */
    private static final String DATA = "data/full";

    private NativeStack() {}

    /** Beside the embedded stack's folder; the same whichever feature_store file is chosen. */
    static Path folder(Path repo) {
        return repo.resolve("data/native");
    }

    /** Starts what does not run; an interrupt meanwhile stops all of it again. */
    static void start(LarderCommand larder) {
        Path repo = larder.repo();
        Path folder = folder(repo);
        Thread undo = new Thread(() -> EmbeddedStack.stop(folder), "stop-stack");
        boolean ran = EmbeddedStack.running(folder).isPresent();
        if (!ran) {
            Runtime.getRuntime().addShutdownHook(undo);
        }
        StackEndpoints endpoints = EmbeddedStack.start(
                folder,
                ServerClassPath.read(larder.home().root().resolve("testing/servers/target/classpath")),
                StackOptions.full().without(Part.AIRFLOW),
                larder.progress());
        Map<String, String> variables = new LinkedHashMap<>(endpoints.environment());
        variables.put("FEAST_S3_ENDPOINT_URL", variables.getOrDefault("LARDER_S3_ENDPOINT", ""));
        variables.put("FEAST_FS_YAML_FILE_PATH", repo.resolve(STACK_FILE).toString());
        Path file = folder.resolve("environment");
        write(file, variables);
        if (!ran) {
            Runtime.getRuntime().removeShutdownHook(undo);
        }
        System.out.printf(
                "Commands find these parts after:  set -a; . %s; set +a%n",
                Path.of("").toAbsolutePath().relativize(file.toAbsolutePath()));
    }

    /** Stops the parts and the server that the demo has left on them, whichever feature_store file is chosen now. */
    static void stop(Path repo) {
        FeatureServer.stopThatOf(repo.resolve(DATA));
        EmbeddedStack.stop(folder(repo));
    }

    /** As the shell reads it; only the owner may, for it holds passwords. */
    private static void write(Path file, Map<String, String> variables) {
        String text = variables.entrySet().stream()
                .map(variable -> variable.getKey() + "='" + variable.getValue().replace("'", "'\\''") + "'\n")
                .collect(Collectors.joining());
        try {
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new LarderException(ErrorCode.PATH_UNUSABLE, "Cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
