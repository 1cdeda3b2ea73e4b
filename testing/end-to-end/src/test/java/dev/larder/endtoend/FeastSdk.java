package dev.larder.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Feast's own Python SDK and server, unmodified, from the virtual environment that setup_project.sh prepares. */
final class FeastSdk {
    private final Path python;

    private FeastSdk(Path python) {
        this.python = python;
    }

    /** In CI Feast must be there; on a user's machine a test that needs it is skipped and says what is missing. */
    static FeastSdk required() {
        String python = System.getenv("LARDER_FEAST_PYTHON");
        boolean there = python != null && Files.isExecutable(Path.of(python));
        if (System.getenv("CI") == null) {
            assumeTrue(there, "Feast is missing: run the tests with ./setup_project.sh test, which prepares it");
        }
        assertThat(there).as("LARDER_FEAST_PYTHON names a Python with Feast").isTrue();
        return new FeastSdk(Path.of(String.valueOf(python)));
    }

    JsonNode read(Path repo, String service, JsonNode request, Path scratch) throws IOException, InterruptedException {
        return read(repo, service, request, scratch, Map.of());
    }

    /** @param environment variables beside those of the test, for example which feature_store.yaml Feast reads */
    JsonNode read(Path repo, String service, JsonNode request, Path scratch, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path question = Files.writeString(scratch.resolve("request.json"), request.toString());
        Path answer = run(scratch, environment, "feast_read.py", repo.toString(), service, question.toString());
        return Answer.JSON.readTree(answer.toFile());
    }

    /**
     * Materializes all views of the banking project through a server, as a client whose online store that server is.
     *
     * @param repo where the registry of the server's repository is
     */
    void materializeIncremental(Path repo, String url, Instant end, Path scratch)
            throws IOException, InterruptedException {
        Path client = Files.createDirectories(scratch.resolve("feast-client"));
        Path unused = run(
                scratch,
                Map.of(),
                "feast_materialize.py",
                client.toString(),
                "banking",
                repo.resolve("data/registry.db").toString(),
                url,
                end.toString());
    }

    /** @return what the script has printed */
    private Path run(Path scratch, Map<String, String> environment, String script, String... arguments)
            throws IOException, InterruptedException {
        Path output = scratch.resolve("feast.json");
        Path errors = scratch.resolve("feast.err");
        List<String> command = new ArrayList<>(List.of(
                python.toString(),
                LarderProcess.ROOT
                        .resolve("testing/end-to-end/src/test/python")
                        .resolve(script)
                        .toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
        quietUtc(builder);
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
        return output;
    }

    /** A running {@code feast serve}. */
    record Server(Process process, String url) implements AutoCloseable {
        @Override
        public void close() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    Server serve(Path repo, Path scratch) throws IOException {
        int port = freePort();
        ProcessBuilder builder = new ProcessBuilder(
                        python.resolveSibling("feast").toString(),
                        "-c",
                        repo.toString(),
                        "serve",
                        "--host",
                        "127.0.0.1",
                        "--port",
                        Integer.toString(port),
                        "--no-access-log")
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("feast-serve.log").toFile());
        quietUtc(builder);
        Server server = new Server(builder.start(), "http://127.0.0.1:" + port);
        awaitHealth(server.url(), server.process(), scratch.resolve("feast-serve.log"));
        return server;
    }

    static void awaitHealth(String url, Process process, Path log) {
        HttpClient http = HttpClient.newHttpClient();
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> {
                    assertThat(process.isAlive())
                            .as("server ended: " + Files.readString(log))
                            .isTrue();
                    return http.send(
                                            HttpRequest.newBuilder(URI.create(url + "/health"))
                                                    .build(),
                                            HttpResponse.BodyHandlers.ofString())
                                    .statusCode()
                            == 200;
                });
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void quietUtc(ProcessBuilder builder) {
        builder.environment().put("TZ", "UTC");
        builder.environment().put("FEAST_USAGE", "False");
        builder.environment().put("PYTHONWARNINGS", "ignore");
    }
}
