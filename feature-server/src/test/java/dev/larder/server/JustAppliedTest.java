package dev.larder.server;

import static dev.larder.server.GrpcClient.int64;
import static dev.larder.server.GrpcClient.vector;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.feast.proto.serving.GetOnlineFeaturesRequest;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.TestServer.Answer;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.server.online.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was applied a moment ago is served at once, however seldom the registry is looked at. */
@Timeout(60)
final class JustAppliedTest {
    private static final Duration SELDOM = Duration.ofHours(1);

    private static final String SCORE =
            """
            {"features": ["driver_stale:score"], "entities": {"driver_id": [1001]}}""";

    private static final String SERVICE =
            """
            {"feature_service": "scores", "entities": {"driver_id": [1001]}}""";

    private static final String ROW =
            """
            {"push_source_name": "driver_push", "to": "online",
             "df": {"driver_id": [1001], "score": [0.5], "event_timestamp": ["2024-03-02T12:00:00"]}}""";

    @TempDir
    private Path folder = Path.of("");

    @Test
    void theFirstDefinitionsAreServedAtOnce() {
        try (TestServer server = withoutDefinitions()) {
            assertThat(server.ask(SCORE).status()).isEqualTo(503);
            TestServer.copyGolden("registry.db", folder);
            assertThat(firstValue(server.ask(SCORE))).isEqualTo("0.25");
        }
    }

    @Test
    void aNewFeatureServiceIsServedAtOnce() throws IOException {
        try (TestServer server = withDefinitions()) {
            assertThat(server.ask(SERVICE).feastError().feastClass()).isEqualTo("FeatureServiceNotFoundException");
            addService();
            assertThat(firstValue(server.ask(SERVICE))).isEqualTo("0.25");
        }
    }

    @Test
    void aNewFeatureServiceIsServedOverGrpcAtOnce() throws IOException {
        try (TestServer server = withDefinitions();
                GrpcClient client = GrpcClient.of(server)) {
            GetOnlineFeaturesRequest request = GetOnlineFeaturesRequest.newBuilder()
                    .setFeatureService("scores")
                    .putEntities("driver_id", int64(1001))
                    .build();
            assertThat(client.refusal(GrpcClient.PYTHON_SERVER, request).getDescription())
                    .contains("scores");
            addService();
            assertThat(vector(client.ask(GrpcClient.PYTHON_SERVER, request), "score")
                            .getValues(0)
                            .getDoubleVal())
                    .isEqualTo(0.25);
        }
    }

    @Test
    void aNewViewIsLookedUpAtOnce() {
        try (TestServer server = withoutDefinitions()) {
            assertThat(server.get("/api/v1/features/driver_stale/1001").status())
                    .isEqualTo(503);
            TestServer.copyGolden("registry.db", folder);
            assertThat(server.get("/api/v1/features/driver_stale/1001")
                            .json()
                            .at("/score/value")
                            .asDouble())
                    .isEqualTo(0.25);
        }
    }

    @Test
    void rowsAreTakenForANewPushSourceAtOnce() {
        try (TestServer server = withoutDefinitions()) {
            assertThat(server.post("/push", ROW).status()).isEqualTo(503);
            TestServer.copyGolden("registry.db", folder);
            Answer answer = server.post("/push", ROW);
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        }
    }

    private void addService() throws IOException {
        Registries.change(
                folder,
                registry -> registry.addFeatureServices(
                        Registries.service("scores", Registries.projection("driver_stale", "", Map.of(), "score"))));
    }

    private static String firstValue(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json().at("/results/1/values/0").asText();
    }

    private TestServer withDefinitions() {
        return start(TestServer.goldenRepo(folder));
    }

    private TestServer withoutDefinitions() {
        TestServer.repo(folder);
        TestServer.copyGolden("online_store.db", folder);
        return start(folder);
    }

    private static TestServer start(Path repo) {
        ServerConfig config = TestServer.config(repo, Mode.STRICT, Limits.DEFAULT);
        ServerConfig seldom =
                ServerConfig.plain(config.store(), config.mode(), config.host(), 0, 0, SELDOM, config.limits());
        return TestServer.start(TestServer.withGrpc(seldom, GrpcConfig.Names.PYTHON, null), TestServer.WHEN_FRESH);
    }
}
