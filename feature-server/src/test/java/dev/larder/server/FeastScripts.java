package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the scripts beside the tests with Feast's own Python SDK, unmodified. */
final class FeastScripts {
    private static final Path SCRIPTS = Path.of(System.getProperty("larder.root"), "feature-server/src/test/python");

    private final Path python;
    private final Path scratch;

    private FeastScripts(Path python, Path scratch) {
        this.python = python;
        this.scratch = scratch;
    }

    /**
     * In CI Feast must be there; on a user's machine a test that needs it is skipped and says what is missing.
     *
     * @param scratch for what the scripts print
     */
    static FeastScripts required(Path scratch) {
        String python = System.getenv("LARDER_FEAST_PYTHON");
        boolean there = python != null && Files.isExecutable(Path.of(python));
        if (System.getenv("CI") == null) {
            assumeTrue(there, "Feast is missing: run the tests with ./setup_project.sh test, which prepares it");
        }
        assertThat(there).as("LARDER_FEAST_PYTHON names a Python with Feast").isTrue();
        return new FeastScripts(Path.of(String.valueOf(python)), scratch);
    }

    /** A script that runs. */
    record Running(Process process, Path out, Path err) {
        /** Waits for its end and reads the JSON that its last line is. */
        JsonNode result() throws IOException, InterruptedException {
            assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(err)).isZero();
            List<String> lines = Files.readAllLines(out);
            return TestServer.JSON.readTree(lines.get(lines.size() - 1));
        }
    }

    Running start(String script, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(python.toString(), SCRIPTS.resolve(script).toString()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(scratch, script, ".out");
        Path err = Files.createTempFile(scratch, script, ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().putAll(Map.of("TZ", "UTC", "FEAST_USAGE", "False", "PYTHONWARNINGS", "ignore"));
        return new Running(builder.start(), out, err);
    }

    JsonNode run(String script, String... arguments) throws IOException, InterruptedException {
        return start(script, arguments).result();
    }
}
