package dev.larder.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.larder.client.FeatureClientException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server behind {@code feast listen}, unmodified, answers this client. */
@Timeout(300)
final class FeastServerTest {
    private static final Path SCRIPT =
            Path.of(System.getProperty("larder.root"), "client/src/test/python/feast_grpc_server.py");

    private static @Nullable Process feast;

    @SuppressWarnings("NullAway.Init")
    private static FeatureClient client;

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        String python = System.getenv("LARDER_FEAST_PYTHON");
        boolean there = python != null && Files.isExecutable(Path.of(python));
        if (System.getenv("CI") == null) {
            assumeTrue(there, "Feast is missing: run the tests with ./setup_project.sh test, which prepares it");
        }
        assertThat(there).as("LARDER_FEAST_PYTHON names a Python with Feast").isTrue();
        Path repo = TestServer.goldenRepo(folder.resolve("repo"));
        Path errors = folder.resolve("errors");
        ProcessBuilder command = new ProcessBuilder(String.valueOf(python), SCRIPT.toString(), repo.toString())
                .redirectError(errors.toFile());
        command.environment().putAll(Map.of("TZ", "UTC", "FEAST_USAGE", "False", "PYTHONWARNINGS", "ignore"));
        Process started = command.start();
        feast = started;
        String port = started.inputReader().readLine();
        assertThat(port).as(Files.readString(errors)).isNotNull();
        client = FeatureClient.to("127.0.0.1", Integer.parseInt(port))
                .deadline(TestServer.PATIENCE)
                .build();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (client != null) {
            client.close();
        }
        if (feast != null) {
            assertThat(feast.destroyForcibly().waitFor(1, TimeUnit.MINUTES)).isTrue();
        }
    }

    @Test
    void itsAnswersAreRead() {
        FeatureTable table = client.getBlocking(FeatureRequest.features(
                        "driver_stale:score",
                        "driver_basic:f_string",
                        "driver_basic:l_int64",
                        "driver_rich:r_uuid",
                        "driver_rich:r_map",
                        "driver_rich:r_set_int64")
                .entities("driver_id", List.of(1001, 9999))
                .build());
        assertThat(table.featureNames())
                .as("Feast's own order is random")
                .containsExactly(
                        "driver_stale__score",
                        "driver_basic__f_string",
                        "driver_basic__l_int64",
                        "driver_rich__r_uuid",
                        "driver_rich__r_map",
                        "driver_rich__r_set_int64");
        FeatureRow row = table.row(0);
        assertThat(row.getDouble("driver_stale:score")).isEqualTo(0.25);
        assertThat(row.getString("driver_basic:f_string")).isEqualTo("naïve-日本");
        assertThat(row.getList("driver_basic:l_int64", Long.class)).containsExactly(1L, -1L, 1L << 40);
        assertThat(row.getUuid("driver_rich:r_uuid"))
                .isEqualTo(UUID.fromString("f47ac10b-58cc-4372-a567-0e02b2c3d479"));
        assertThat(row.getMap("driver_rich:r_map")).isEqualTo(Map.of("a", 1L));
        assertThat(row.getSet("driver_rich:r_set_int64", Long.class)).containsExactly(42L);
        assertThat(row.eventTimestamp("driver_stale:score")).isEqualTo("2024-03-02T12:00:00Z");
        assertThat(table.row(1).status("driver_stale:score")).isEqualTo(FeatureStatus.NOT_FOUND);
        assertThat(table.row(1).getDouble("driver_stale:score")).isNull();
    }

    @Test
    void itsFeatureServicesAreRead() {
        for (boolean full : List.of(true, false)) {
            FeatureTable table = client.getBlocking(FeatureRequest.featureService("basic_service")
                    .entity("driver_id", 1001)
                    .fullFeatureNames(full)
                    .build());
            assertThat(table.featureNames())
                    .containsExactlyInAnyOrderElementsOf(
                            full
                                    ? List.of("driver_basic__f_int64", "driver_basic__f_string", "driver_pushed__score")
                                    : List.of("f_int64", "f_string", "score"));
            assertThat(table.row(0).getLong(full ? "driver_basic:f_int64" : "f_int64"))
                    .isEqualTo(1L << 53);
        }
    }

    @Test
    void itTakesRows() {
        Instant time = Instant.parse("2024-06-01T00:00:00.5Z");
        client.pushBlocking(
                "driver_push", OnlineRow.at(time).set("driver_id", 5001).set("score", 0.5));
        client.writeBlocking(
                "driver_pushed", OnlineRow.at(time).set("driver_id", 5002).set("score", 0.75));
        FeatureTable table = client.getBlocking(FeatureRequest.features("driver_pushed:score")
                .entities("driver_id", List.of(5001, 5002))
                .build());
        assertThat(table.rows()).extracting(row -> row.getDouble("score")).containsExactly(0.5, 0.75);
        assertThat(table.row(0).eventTimestamp("score"))
                .as("SQLite keeps whole seconds")
                .isEqualTo("2024-06-01T00:00:00Z");
    }

    @Test
    void itsErrorsKeepTheirWords() {
        ReadTest.assertFails(
                Reason.INVALID_REQUEST,
                "Unable to find push source 'nope'.",
                () -> client.pushBlocking(
                        "nope", OnlineRow.at(Instant.EPOCH).set("driver_id", 1).set("score", 1.0)));
        assertThatThrownBy(() -> client.getBlocking(
                        FeatureRequest.features("nope:x").entity("driver_id", 1).build()))
                .hasMessageContaining("Feature view nope does not exist in project golden")
                .isInstanceOfSatisfying(FeatureClientException.class, e -> assertThat(e.reason())
                        .isEqualTo(Reason.INTERNAL));
    }
}
