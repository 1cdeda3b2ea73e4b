package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.TestServer.Answer;
import dev.larder.server.TestServer.FeastError;
import dev.larder.server.online.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starting, serving while things change around the server, and stopping. */
@Timeout(60)
final class ServerLifeTest {
    private static final String SCORE =
            """
            {"features": ["driver_stale:score"], "entities": {"driver_id": [1001]}}""";

    @TempDir
    private Path folder = Path.of("");

    @Test
    void aServerWithoutARegistrySaysWhatToRunAndServesOnceItIsThere() {
        try (TestServer server = TestServer.strict(TestServer.repo(folder))) {
            FeastError nothing = new FeastError(
                    503,
                    "FeastError",
                    "The registry %s does not exist yet. Run 'larder apply' first."
                            .formatted(folder.resolve("registry.db")));
            assertThat(server.ask(SCORE).feastError()).isEqualTo(nothing);
            assertThat(server.get("/health").feastError()).isEqualTo(nothing);
            assertThat(server.admin("/healthcheck")
                            .json()
                            .at("/registry/message")
                            .asText())
                    .isEqualTo(nothing.message());

            TestServer.copyGolden("registry.db", folder);
            server.refreshRegistry();
            FeastError noStore = new FeastError(
                    503,
                    "FeastError",
                    "The online store %s does not exist: run apply, then materialize"
                            .formatted(folder.resolve("online_store.db")));
            assertThat(server.ask(SCORE).feastError()).isEqualTo(noStore);
            assertThat(server.get("/health").feastError()).isEqualTo(noStore);

            TestServer.copyGolden("online_store.db", folder);
            assertThat(server.ask(SCORE).status()).isEqualTo(200);
            assertThat(server.get("/health")).isEqualTo(new Answer(200, "", ""));
        }
    }

    @Test
    void aProjectThatWasNotAppliedIsNamed() throws IOException {
        TestServer.goldenRepo(folder);
        Path config = folder.resolve("feature_store.yaml");
        Files.writeString(config, Files.readString(config).replace("project: golden", "project: banking"));
        try (TestServer server = TestServer.strict(folder)) {
            assertThat(server.ask(SCORE).feastError())
                    .isEqualTo(new FeastError(
                            503,
                            "FeastError",
                            "Project banking is not in the registry (known: golden). Run 'larder apply' first."));
        }
    }

    @Test
    void aChangedRegistryIsServedWithoutARestart() throws IOException {
        try (TestServer server = TestServer.strict(TestServer.goldenRepo(folder))) {
            String body = "{\"feature_service\": \"added\", \"entities\": {\"driver_id\": [1001]}}";
            assertThat(server.ask(body).status()).isEqualTo(404);
            Registries.change(
                    folder,
                    registry -> registry.addFeatureServices(
                            Registries.service("added", Registries.projection("driver_stale", "", Map.of(), "score"))));
            server.refreshRegistry();
            assertThat(server.ask(body).status()).isEqualTo(200);
        }
    }

    @Test
    void theLastGoodRegistryStaysWhileANewOneCannotBeRead() throws IOException {
        try (TestServer server = TestServer.strict(TestServer.goldenRepo(folder))) {
            assertThat(server.ask(SCORE).status()).isEqualTo(200);
            Registries.replace(folder.resolve("registry.db"), new byte[] {1, 2, 3});
            server.refreshRegistry();
            assertThat(server.ask(SCORE).status()).isEqualTo(200);
            assertThat(server.get("/health").status()).isEqualTo(200);
            String why =
                    server.admin("/healthcheck").json().at("/registry/message").asText();
            assertThat(why).startsWith(folder.resolve("registry.db") + " is not a Feast registry");
            assertThat(server.admin("/metrics").text()).contains("\nlarder_registry_stale 1.0\n");
        }
    }

    @Test
    void aDisabledViewIsRefused() throws IOException {
        TestServer.goldenRepo(folder);
        Registries.change(folder, registry -> {
            for (int i = 0; i < registry.getFeatureViewsCount(); i++) {
                registry.getFeatureViewsBuilder(i).getSpecBuilder().setDisabled(true);
            }
        });
        try (TestServer server = TestServer.strict(folder)) {
            assertThat(server.ask(SCORE).feastError())
                    .isEqualTo(
                            new FeastError(
                                    400,
                                    "FeastError",
                                    "Feature view driver_stale is disabled and cannot serve features. Enable it in its definition and apply, or ask for another view."));
        }
    }

    @Test
    void aStoreThatIsNoDatabaseIsAFaultOfTheServerAndTellsNoStackTrace() throws IOException {
        TestServer.goldenRepo(folder);
        Files.writeString(
                folder.resolve("online_store.db"), "not a database, but long enough to be looked at".repeat(40));
        try (TestServer server = TestServer.strict(folder)) {
            FeastError corrupt = new FeastError(
                    500,
                    "FeastError",
                    "The online store %s is not an intact SQLite file: remove it, run apply and materialize"
                            .formatted(folder.resolve("online_store.db")));
            assertThat(server.ask(SCORE).feastError()).isEqualTo(corrupt);
            assertThat(server.get("/health").feastError())
                    .isEqualTo(new FeastError(503, corrupt.feastClass(), corrupt.message()));
        }
    }

    @Test
    void manyCallersGetTheirOwnAnswersWhileTheRegistryChanges() throws Exception {
        int callers = 8;
        int calls = 60;
        ExecutorService threads = Executors.newFixedThreadPool(callers + 1);
        try (TestServer server = TestServer.strict(TestServer.goldenRepo(folder))) {
            Future<?> changing = threads.submit(() -> {
                for (int i = 0; i < calls; i++) {
                    String name = "service_" + i;
                    Registries.change(
                            folder,
                            registry -> registry.addFeatureServices(Registries.service(
                                    name, Registries.projection("driver_stale", "", Map.of(), "score"))));
                }
                return null;
            });
            List<Future<Void>> asking = new ArrayList<>();
            for (int caller = 0; caller < callers; caller++) {
                long own = 5_000L + caller;
                asking.add(threads.submit(() -> {
                    for (int i = 0; i < calls; i++) {
                        Answer answer = server.ask(
                                """
                                {"features": ["driver_stale:score", "driver_basic:f_string"],
                                 "entities": {"driver_id": [%d, 1001]}}"""
                                        .formatted(own));
                        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
                        assertThat(answer.json().at("/results/0/values").toString())
                                .isEqualTo("[" + own + ",1001]");
                        assertThat(answer.json().at("/results/1/values").toString())
                                .isEqualTo("[null,0.25]");
                    }
                    return null;
                }));
            }
            for (Future<Void> each : asking) {
                each.get();
            }
            changing.get();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aTakenPortIsNamedWithTheWayOut() throws IOException {
        TestServer.goldenRepo(folder);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> start(port, 0))
                    .isInstanceOfSatisfying(
                            LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PORT_TAKEN))
                    .hasMessageMatching(
                            "Cannot listen on 127\\.0\\.0\\.1:%d: .+\\. Stop the program that has the port, perhaps another Larder server, or choose another port with --port \\(0: any free one\\)\\."
                                    .formatted(port));
            assertThatThrownBy(() -> start(0, port))
                    .isInstanceOfSatisfying(
                            LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PORT_TAKEN))
                    .hasMessageEndingWith("or choose another port with --admin-port (0: any free one).");
        }
    }

    @Test
    void theCommandFailsWithOneLineAndAnExitCode() throws IOException {
        TestServer.goldenRepo(folder);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            assertThat(run("-c" + folder, "serve", "--port", port, "--admin-port", "0"))
                    .matches("2 error PORT_TAKEN: [^\n]*" + port + "[^\n]*\n");
        }
        assertThat(run("--chdir", folder.resolve("nope").toString(), "serve"))
                .matches("2 error PATH_UNUSABLE: [^\n]*\n");
        assertThat(run("-c", folder.toString(), "serve", "--port", "70000"))
                .isEqualTo("2 error ARGUMENT_INVALID: --port: 70000 (expected: 0 to 65535)\n");
        assertThat(run("-c", folder.toString(), "serve", "-r", "-1"))
                .isEqualTo("2 error ARGUMENT_INVALID: --registry_ttl_sec: -1 (expected: 0 or more)\n");
        assertThat(run("-c", folder.toString(), "serve", "--grpc-port", "-1"))
                .isEqualTo("2 error ARGUMENT_INVALID: --grpc-port: -1 (expected: 0 to 65535)\n");
        assertThat(run("-c", folder.toString(), "serve", "--grpc-names", "go"))
                .isEqualTo(
                        "2 error ARGUMENT_INVALID: Invalid value for option '--grpc-names': 'go' are no names (expected: java or python)\n");
        assertThat(run("-c", folder.toString(), "serve", "--key", "server.key"))
                .isEqualTo("2 error ARGUMENT_INVALID: --key without --cert (expected: both, to serve over TLS)\n");
        assertThat(run("-c", folder.toString(), "serve", "--max-rows", "0"))
                .isEqualTo("2 error ARGUMENT_INVALID: Invalid limit: rows: 0 (expected: >= 1)\n");
        assertThat(run("-c", folder.toString(), "serve", "--mode", "lax"))
                .isEqualTo(
                        "2 error ARGUMENT_INVALID: Invalid value for option '--mode': 'lax' is no mode (expected: strict or feast)\n");
    }

    private FeatureServer start(int port, int adminPort) {
        ServerConfig config = TestServer.config(folder, Mode.STRICT, Limits.DEFAULT);
        return FeatureServer.start(
                ServerConfig.plain(
                        config.store(), config.mode(), config.host(), port, adminPort, Duration.ZERO, config.limits()),
                Clock.systemUTC());
    }

    /** The exit code, and what was written to standard error. */
    private static String run(String... args) {
        PrintStream err = System.err;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
        try {
            int exitCode = Main.run(args);
            return exitCode + " " + written.toString(StandardCharsets.UTF_8);
        } finally {
            System.setErr(err);
        }
    }
}
