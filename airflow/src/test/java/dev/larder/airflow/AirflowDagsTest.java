package dev.larder.airflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Python tests of the DAGs, in the environment that deploy/native/prepare.sh makes. */
final class AirflowDagsTest {
    private static final Path ROOT = Path.of(Objects.requireNonNull(System.getProperty("larder.root")));
    private static final int LIMIT_MINUTES = 8;

    @BeforeAll
    static void airflowIsThere() {
        boolean there = Files.isExecutable(python());
        if (System.getenv("CI") == null) {
            assumeTrue(there, "Airflow is missing: run deploy/native/prepare.sh airflow");
        }
        assertThat(there)
                .as("%s (run deploy/native/prepare.sh airflow)", python())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"test_dags", "test_dags_test", "test_backfill"})
    void passes(String module, @TempDir Path folder) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(python().toString(), "-B", "-m", "unittest", "-v", module)
                .directory(ROOT.resolve("airflow/tests").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = false;
        try {
            ended = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String said = Files.readString(output);
        assertThat(ended)
                .as("ended within %s minutes: %s%n%s", LIMIT_MINUTES, module, said)
                .isTrue();
        assertThat(process.exitValue()).as("%s%n%s", module, said).isZero();
        assertThat(said).containsPattern("(?m)^Ran [1-9]\\d* tests? in ").doesNotContain("skipped=");
    }

    private static Path python() {
        String tools = System.getenv("LARDER_TOOLS");
        Path folder = tools == null || tools.isEmpty() ? ROOT.resolve(".larder/tools") : Path.of(tools);
        return folder.resolve("airflow/bin/python");
    }
}
