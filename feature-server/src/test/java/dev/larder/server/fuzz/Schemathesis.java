package dev.larder.server.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Schemathesis, which makes requests of an OpenAPI document and checks the answers by it. */
public final class Schemathesis {
    private static final Path CHECKS =
            Path.of(System.getProperty("larder.root"), "feature-server/src/test/python/fuzz/checks.py");
    private static final String WANTED =
            "no_server_error,no_stack_trace,status_code_conformance,content_type_conformance,"
                    + "response_schema_conformance,unsupported_method";

    private final Path program;

    private Schemathesis(Path program) {
        this.program = program;
    }

    /** In CI it must be there; on a user's machine a test that needs it is skipped and says what is missing. */
    public static Schemathesis required() {
        String program = System.getenv("LARDER_SCHEMATHESIS");
        boolean there = program != null && Files.isExecutable(Path.of(program));
        if (System.getenv("CI") == null) {
            assumeTrue(there, "Schemathesis is missing: run the tests with ./setup_project.sh test, which prepares it");
        }
        assertThat(there).as("LARDER_SCHEMATHESIS names the program").isTrue();
        return new Schemathesis(Path.of(String.valueOf(program)));
    }

    /**
     * Asks the server whatever its document allows and forbids. Fails with what it prints if an answer is not as it should be.
     *
     * @param perOperation requests to make for each method and path that take parameters, about
     * @param minutes after which it should have ended
     */
    public void run(URI server, long seed, long perOperation, long minutes, Path scratch)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile(scratch, "schemathesis", ".out");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        program.toString(),
                        "run",
                        server + "/openapi.json",
                        "--seed=" + seed,
                        "--max-examples=" + perOperation,
                        "--phases=examples,coverage,fuzzing",
                        "--checks=" + WANTED,
                        "--request-timeout=" + Fuzz.PATIENCE.toSeconds(),
                        "--suppress-health-check=all",
                        "--generation-database=none",
                        "--continue-on-failure",
                        "--output-truncate=false",
                        "--warnings=off",
                        "--no-color"))
                .directory(scratch.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().put("SCHEMATHESIS_HOOKS", CHECKS.toString());
        builder.environment().put("LARDER_URL", server.toString());
        Process process = builder.start();
        try {
            assertThat(process.waitFor(minutes, TimeUnit.MINUTES))
                    .as(() -> "Schemathesis has not ended within " + minutes + " minutes")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as(Files.readString(out)).isZero();
    }
}
