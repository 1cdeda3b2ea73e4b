package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.feast.proto.core.FeatureSpecV2;
import dev.larder.feast.proto.core.FeatureView;
import dev.larder.feast.proto.core.StreamFeatureView;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.TestServer.Answer;
import dev.larder.server.TestServer.FeastError;
import dev.larder.server.online.Limits;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code POST /push} and {@code POST /write-to-online-store}, in mode {@code strict}. */
final class WriteRequestsTest {
    private static final Duration VERY_LONG = Duration.ofDays(1);

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void golden() {
        TestServer.goldenRepo(folder);
    }

    static Stream<Arguments> wrongShapes() {
        return Stream.of(
                arguments("/push", "", "{'type':'missing','loc':['body'],'msg':'Field required','input':null}"),
                arguments(
                        "/push",
                        "[]",
                        "{'type':'model_attributes_type','loc':['body'],'msg':'Input should be a valid dictionary or object to extract fields from','input':[]}"),
                arguments(
                        "/push",
                        "{'df': [], 'to': 5}",
                        "{'type':'missing','loc':['body','push_source_name'],'msg':'Field required','input':{'df': [], 'to': 5}},{'type':'dict_type','loc':['body','df'],'msg':'Input should be a valid dictionary','input':[]},{'type':'string_type','loc':['body','to'],'msg':'Input should be a valid string','input':5}"),
                arguments(
                        "/push",
                        "{'push_source_name': null, 'df': {}, 'allow_registry_cache': 'perhaps', 'to': null, 'transform_on_write': 2}",
                        "{'type':'string_type','loc':['body','push_source_name'],'msg':'Input should be a valid string','input':null},{'type':'bool_parsing','loc':['body','allow_registry_cache'],'msg':'Input should be a valid boolean, unable to interpret input','input':'perhaps'},{'type':'string_type','loc':['body','to'],'msg':'Input should be a valid string','input':null},{'type':'bool_parsing','loc':['body','transform_on_write'],'msg':'Input should be a valid boolean, unable to interpret input','input':2}"),
                arguments(
                        "/write-to-online-store",
                        "{'push_source_name': 'driver_push', 'to': 5}",
                        "{'type':'missing','loc':['body','feature_view_name'],'msg':'Field required','input':{'push_source_name': 'driver_push', 'to': 5}},{'type':'missing','loc':['body','df'],'msg':'Field required','input':{'push_source_name': 'driver_push', 'to': 5}}"));
    }

    @ParameterizedTest
    @MethodSource("wrongShapes")
    void wrongShapesAreToldAsFastApiTellsThem(String path, String body, String details) throws IOException {
        try (TestServer server = TestServer.strict(folder)) {
            Answer answer = server.post(path, body.replace('\'', '"'));

            assertThat(answer.status()).isEqualTo(422);
            assertThat(answer.json())
                    .isEqualTo(TestServer.JSON.readTree("{\"detail\":[%s]}".formatted(details.replace('\'', '"'))));
        }
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments(
                        "/push",
                        "{'push_source_name': 'nope', 'df': {}}",
                        422,
                        "PushSourceNotFoundException",
                        "Unable to find push source 'nope'. Push sources that feed feature views: driver_push."),
                arguments(
                        "/push",
                        "{'push_source_name': 'trip_events', 'df': {}}",
                        422,
                        "PushSourceNotFoundException",
                        "Unable to find push source 'trip_events'. Push sources that feed feature views: driver_push."),
                arguments(
                        "/push",
                        "{'push_source_name': 'driver_push', 'df': {}, 'to': 'Online'}",
                        400,
                        "FeastError",
                        "Online is not a supported push format. Please specify one of these ['online', 'offline', 'online_and_offline']."),
                arguments(
                        "/push",
                        "{'push_source_name': 'driver_push', 'df': {}, 'to': 'offline'}",
                        501,
                        "FeastError",
                        "\"to\": \"offline\" would write to the source of driver_pushed, too, which this server does not do: that will be the offline server's part. Nothing was written. Use \"to\": \"online\"."),
                arguments(
                        "/push",
                        "{'push_source_name': 'driver_push', 'df': {'driver_id': 1, 'score': 0.5}}",
                        400,
                        "FeastError",
                        "df: all columns are single values (expected: {\"driver_id\": [...], ...})"),
                arguments(
                        "/write-to-online-store",
                        "{'feature_view_name': 'nope', 'df': {}}",
                        404,
                        "FeastObjectNotFoundException",
                        "Can't recognize feast object with a name nope (known: driver_basic, driver_batch_agg, driver_pushed, driver_rich, driver_stale, driver_stream_agg, global_stats, pair_stats)"),
                arguments(
                        "/write-to-online-store",
                        "{'feature_view_name': 'basic_pandas', 'df': {}}",
                        501,
                        "FeastError",
                        "On-demand feature view basic_pandas is Python code, which this server does not run. Write the features that it is computed from."),
                arguments(
                        "/write-to-online-store",
                        "{'feature_view_name': 'pair_stats', 'df': {'driver_id': [1], 'trips': [2], 'event_timestamp': ['2024-06-01']}}",
                        400,
                        "FeastError",
                        "Column customer_id is missing, which is a join key of feature view pair_stats (given: driver_id, event_timestamp, trips)"),
                arguments(
                        "/write-to-online-store",
                        "{'feature_view_name': 'driver_stale', 'df': {'driver_id': [1, 2], 'score': [0.5, 'x'], 'event_timestamp': ['2024-06-01', '2024-06-01']}}",
                        400,
                        "FeastError",
                        "Feature view driver_stale, column score, row 1: \"x\" cannot be read as Float64 (accepted: a number)"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void theCallersMistakesAreFeastErrors(String path, String body, int status, String feastClass, String message) {
        try (TestServer server = TestServer.strict(folder)) {
            Answer answer = server.post(path, body.replace('\'', '"'));

            assertThat(answer.contentType()).isEqualTo("application/json");
            assertThat(answer.feastError()).isEqualTo(new FeastError(status, feastClass, message));
        }
    }

    @Test
    void successIsAnsweredAsFeastDoes() {
        try (TestServer server = TestServer.strict(folder)) {
            String df = "{\"driver_id\": [7], \"score\": [0.5], \"event_timestamp\": [\"2024-06-01\"]}";

            assertThat(server.post("/push", "{\"push_source_name\": \"driver_push\", \"df\": %s}".formatted(df)))
                    .isEqualTo(new Answer(200, "", ""));
            assertThat(server.post(
                            "/write-to-online-store",
                            "{\"feature_view_name\": \"driver_stale\", \"df\": %s}".formatted(df)))
                    .isEqualTo(new Answer(200, "application/json", "null"));
            assertThat(server.get("/push").status()).isEqualTo(405);
        }
    }

    @Test
    void notANumberIsNullAsToPandas() {
        try (TestServer server = TestServer.strict(folder)) {
            assertThat(server.post(
                                    "/push",
                                    "{\"push_source_name\": \"driver_push\", \"df\": {\"driver_id\": [7, 8], \"score\": [NaN, -Infinity], \"event_timestamp\": \"2024-06-01\"}}")
                            .status())
                    .isEqualTo(200);

            assertThat(result(server, "driver_pushed:score", 7, 8).path("statuses"))
                    .isEqualTo(json("[\"NULL_VALUE\", \"PRESENT\"]"));
            assertThat(result(server, "driver_pushed:score", 7, 8).path("values"))
                    .isEqualTo(json("[null, \"-Infinity\"]"));
        }
    }

    @Test
    void aPushFeedsPlainAndStreamViewsOfItsSource() throws IOException {
        Registries.change(folder, registry -> {
            FeatureView pushed = registry.getFeatureViewsList().stream()
                    .filter(view -> view.getSpec().getName().equals("driver_pushed"))
                    .findFirst()
                    .orElseThrow();
            StreamFeatureView.Builder stream = registry.getStreamFeatureViewsBuilder(0);
            stream.getSpecBuilder().setStreamSource(pushed.getSpec().getStreamSource());
        });
        try (TestServer server = TestServer.strict(folder)) {
            assertThat(server.post(
                                    "/push",
                                    Map.of(
                                            "push_source_name",
                                            "driver_push",
                                            "df",
                                            Map.of(
                                                    "driver_id", List.of(7),
                                                    "score", List.of(0.5),
                                                    "sum_fare_1h", List.of(2.5),
                                                    "count_fare_1d", List.of(3),
                                                    "event_timestamp", List.of("2024-06-01"))))
                            .status())
                    .isEqualTo(200);

            assertThat(result(server, "driver_pushed:score", 7).path("values")).isEqualTo(json("[0.5]"));
            assertThat(result(server, "driver_stream_agg:sum_fare_1h", 7).path("values"))
                    .isEqualTo(json("[2.5]"));
            assertThat(result(server, "driver_stream_agg:count_fare_1d", 7).path("values"))
                    .isEqualTo(json("[3]"));
        }
    }

    @Test
    void whoAllowsNoCachedRegistryWritesToAFeatureThatWasJustApplied() throws IOException {
        ServerConfig config = TestServer.config(folder, Mode.STRICT, Limits.DEFAULT);
        ServerConfig patient =
                ServerConfig.plain(config.store(), config.mode(), config.host(), 0, 0, VERY_LONG, config.limits());
        try (TestServer server = TestServer.start(patient, TestServer.WHEN_FRESH)) {
            String write =
                    "{\"feature_view_name\": \"driver_stale\", \"allow_registry_cache\": %s, \"df\": {\"driver_id\": [7], \"newcomer\": [0.5], \"event_timestamp\": [\"2024-06-01\"]}}";
            Registries.change(folder, registry -> {
                for (FeatureView.Builder view : registry.getFeatureViewsBuilderList()) {
                    if (view.getSpec().getName().equals("driver_stale")) {
                        FeatureSpecV2 score = view.getSpec().getFeatures(0);
                        view.getSpecBuilder().addFeatures(score.toBuilder().setName("newcomer"));
                    }
                }
            });

            assertThat(server.post("/write-to-online-store", write.formatted(true))
                            .feastError()
                            .message())
                    .startsWith("No column is a feature of driver_stale (given: driver_id, event_timestamp, newcomer;");
            assertThat(server.post("/write-to-online-store", write.formatted(false))
                            .status())
                    .isEqualTo(200);
            assertThat(result(server, "driver_stale:newcomer", 7).path("values"))
                    .isEqualTo(json("[0.5]"));
        }
    }

    @Test
    void aFileThatSomebodyKeepsLockedIs503AndIsStillRead() throws SQLException {
        try (TestServer server = TestServer.strict(folder);
                Connection feast = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("online_store.db"));
                Statement statement = feast.createStatement()) {
            String push =
                    "{\"push_source_name\": \"driver_push\", \"df\": {\"driver_id\": [7], \"score\": [0.5], \"event_timestamp\": [\"2024-06-01\"]}}";
            assertThat(server.post("/push", push).status()).isEqualTo(200);
            feast.setAutoCommit(false);
            statement.executeUpdate("DELETE FROM golden_driver_stale");

            FeastError error = server.post("/push", push.replace("0.5", "0.75")).feastError();
            assertThat(error.status()).isEqualTo(503);
            assertThat(error.message())
                    .startsWith("The online store ")
                    .endsWith(
                            "stayed locked for feature view driver_pushed: another process keeps a transaction open; end it and try again");
            assertThat(result(server, "driver_pushed:score", 7).path("values")).isEqualTo(json("[0.5]"));

            feast.rollback();
            assertThat(server.post("/push", push.replace("0.5", "0.75")).status())
                    .isEqualTo(200);
            assertThat(result(server, "driver_pushed:score", 7).path("values")).isEqualTo(json("[0.75]"));
        }
    }

    @Test
    void aRedisThatIsAwayIs503AndIsUsedAgain() throws IOException {
        try (RedisServers servers = RedisRepos.servers(Files.createDirectory(folder.resolve("redis")))) {
            RedisServer redis = servers.standalone();
            Path repo = RedisRepos.golden(folder.resolve("repo"), redis, "");
            String push =
                    "{\"push_source_name\": \"driver_push\", \"df\": {\"driver_id\": [7], \"score\": [0.5], \"event_timestamp\": [\"2024-06-01\"]}}";
            try (TestServer server = TestServer.strict(repo)) {
                assertThat(server.post("/push", push).status()).isEqualTo(200);
                redis.stop();

                FeastError error = server.post("/push", push).feastError();
                assertThat(error.status()).isEqualTo(503);
                assertThat(error.message()).contains("Redis at " + redis.address());

                redis.start();
                Awaitility.await()
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> server.post("/push", push).status() == 200);
                assertThat(result(server, "driver_pushed:score", 7).path("values"))
                        .isEqualTo(json("[0.5]"));
            }
        }
    }

    private static JsonNode result(TestServer server, String feature, int... drivers) {
        Answer answer = server.ask(Map.of("features", List.of(feature), "entities", Map.of("driver_id", drivers)));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json().path("results").get(1);
    }

    private static JsonNode json(String text) {
        return new Answer(200, "", text).json();
    }
}
