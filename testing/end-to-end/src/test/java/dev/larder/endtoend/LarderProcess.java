package dev.larder.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs {@code ./larder} as a user does: as a process, on a chosen JDK and repository. */
final class LarderProcess {
    static final Path ROOT = Path.of(System.getProperty("larder.root"));
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Path javaHome;
    private final Path repo;
    private final Map<String, String> environment;

    LarderProcess(Path javaHome, Path repo) {
        this(javaHome, repo, Map.of());
    }

    /** @param environment variables beside those of the test */
    LarderProcess(Path javaHome, Path repo, Map<String, String> environment) {
        this.javaHome = javaHome;
        this.repo = repo;
        this.environment = Map.copyOf(environment);
    }

    /** What a finished command left: exit code and everything that it printed. */
    record Outcome(int exitCode, String output) {}

    /** Runs to the end and demands success. */
    String run(String... arguments) {
        Outcome outcome = tryRun(arguments);
        assertThat(outcome.exitCode())
                .as("larder %s printed:%n%s", String.join(" ", arguments), outcome.output())
                .isZero();
        return outcome.output();
    }

    Outcome tryRun(String... arguments) {
        try {
            Path output = Files.createTempFile("larder", ".out");
            Process process = builder(List.of(arguments), output).start();
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError("larder " + String.join(" ", arguments) + " still ran after " + LIMIT + ":\n"
                        + Files.readString(output));
            }
            String text = Files.readString(output);
            Files.delete(output);
            System.out.printf("$ larder %s%n%s", String.join(" ", arguments), text);
            return new Outcome(process.exitValue(), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Starts and does not wait. */
    Process start(Path output, String... arguments) throws IOException {
        return builder(List.of(arguments), output).start();
    }

    private ProcessBuilder builder(List<String> arguments, Path output) {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("larder").toString(), "-c", repo.toString()));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("LARDER_JAVA", javaHome.resolve("bin/java").toString());
        builder.environment().remove("LARDER_TERMINAL");
        builder.environment().putAll(environment);
        return builder;
    }
}
