package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.onlinestore.SqliteLock;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.TestServer.Answer;
import dev.larder.server.TestServer.FeastError;
import dev.larder.server.materialize.FakeLarder;
import dev.larder.server.online.Limits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code POST /materialize} and {@code /materialize-incremental} with a command that stands where larder does. */
@Timeout(60)
final class MaterializeTest {
    private static final String INTERVAL = "\"start_ts\": \"2024-01-01T00:00:00\", \"end_ts\": \"2024-12-31T00:00:00\"";

    private final Path folder;
    private final FakeLarder larder;
    private final String options;
    private final TestServer server;

    MaterializeTest(@TempDir Path folder, @TempDir Path bin) {
        this.folder = ShopRepository.repo(folder, ShopRepository.TWO_VIEWS);
        this.larder = FakeLarder.in(bin);
        this.options = "-c %s -f %s ".formatted(folder, folder.resolve("feature_store.yaml"));
        this.server = TestServer.start(
                TestServer.config(folder, Mode.STRICT, Limits.DEFAULT).withLarderCommand(larder.program()),
                TestServer.WHEN_FRESH);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theAnswerComesWhenTheCommandHasEnded() throws Exception {
        larder.hold();
        CompletableFuture<Answer> answer = CompletableFuture.supplyAsync(
                () -> post("/materialize", "{%s, \"feature_views\": [\"orders_7d\"]}".formatted(INTERVAL)));
        Awaitility.await().until(() -> !larder.calls().isEmpty());
        assertThat(larder.calls())
                .containsExactly(options + "materialize 2024-01-01T00:00:00Z 2024-12-31T00:00:00Z --view=orders_7d");
        assertThat(Thread.getAllStackTraces().values().stream()
                        .flatMap(Arrays::stream)
                        .map(StackTraceElement::getClassName))
                .as("no thread of the server is held meanwhile")
                .doesNotContain(PostMaterialize.class.getName());
        assertThat(answer.isDone()).isFalse();
        larder.release();
        assertThat(answer.get()).isEqualTo(new Answer(200, "application/json", "null"));
    }

    @Test
    void withoutViewsAllThatAreOnlineAreMeant() {
        assertThat(post("/materialize-incremental", "{\"end_ts\": \"2024-12-31T00:00:00+00:00\"}")
                        .text())
                .isEqualTo("null");
        assertThat(post(
                                "/materialize",
                                "{%s, \"feature_views\": null, \"full_feature_names\": true}".formatted(INTERVAL))
                        .text())
                .isEqualTo("null");
        assertThat(post("/materialize", "{\"disable_event_timestamp\": true, \"feature_views\": [\"orders_1d\"]}")
                        .text())
                .isEqualTo("null");
        assertThat(post("/materialize", "{%s, \"feature_views\": []}".formatted(INTERVAL))
                        .text())
                .isEqualTo("null");
        assertThat(larder.calls())
                .containsExactly(
                        options + "materialize-incremental 2024-12-31T00:00:00Z --view=orders_7d --view=orders_1d",
                        options
                                + "materialize 2024-01-01T00:00:00Z 2024-12-31T00:00:00Z --view=orders_7d --view=orders_1d",
                        options + "materialize 1970-01-01T00:00:00Z " + TestServer.WHEN_FRESH + " --view=orders_1d");
    }

    @Test
    void timesAreIsoAndUtcUnlessTheySayOtherwise() {
        Map<String, String> times = new LinkedHashMap<>();
        times.put("2024-12-31", "2024-12-31T00:00:00Z");
        times.put("2024-12-31T06:30", "2024-12-31T06:30:00Z");
        times.put("2024-12-31 06:30:15", "2024-12-31T06:30:15Z");
        times.put("2024-12-31T06:30:15.123456", "2024-12-31T06:30:15.123456Z");
        times.put("2024-12-31T06:30:15.123456+05:45", "2024-12-31T00:45:15.123456Z");
        times.put("2024-12-31t06:30:15z", "2024-12-31T06:30:15Z");
        times.put("2024-12-31T06:30:15+0545", "2024-12-31T00:45:15Z");
        times.put("2024-12-31T06:30:15-08", "2024-12-31T14:30:15Z");
        times.forEach((sent, meant) -> {
            Answer answer = post(
                    "/materialize-incremental",
                    "{\"end_ts\": \"%s\", \"feature_views\": [\"orders_7d\"]}".formatted(sent));
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(larder.calls())
                    .last()
                    .isEqualTo(options + "materialize-incremental " + meant + " --view=orders_7d");
        });
    }

    @Test
    void wrongTimesAreTheCallersToMend() {
        String expected = "expected: ISO, for example 2026-11-01T06:00:00+00:00; without an offset UTC is meant";
        String required = expected + "; start_ts and end_ts are required when disable_event_timestamp is False";
        assertMistake("/materialize", "{}", "start_ts: is missing (" + required + ")");
        assertMistake(
                "/materialize",
                "{\"start_ts\": \"2024-01-01\", \"end_ts\": null}",
                "end_ts: is missing (" + required + ")");
        assertMistake(
                "/materialize",
                "{\"start_ts\": \"x\", \"end_ts\": \"2024-01-01\"}",
                "start_ts: 'x' is no time (" + expected + ")");
        assertMistake(
                "/materialize",
                "{\"start_ts\": \"2024-02-30\", \"end_ts\": \"2024-03-01\"}",
                "start_ts: '2024-02-30' is no time (" + expected + ")");
        assertMistake(
                "/materialize-incremental",
                "{\"end_ts\": \"+12024-01-01\"}",
                "end_ts: '+12024-01-01' is no time (" + expected + ")");
        assertMistake(
                "/materialize",
                "{\"start_ts\": \"2024-12-31T00:00:00\", \"end_ts\": \"2024-01-01T00:00:00\"}",
                "start_ts (2024-12-31T00:00:00Z) must be before end_ts (2024-01-01T00:00:00Z)");
        assertMistake(
                "/materialize",
                "{%s, \"version\": \"v2\"}".formatted(INTERVAL),
                "version: 'v2' is not kept (expected: none, or 'latest', which alone is served)");
        assertMistake(
                "/materialize",
                "{%s, \"feature_views\": [\"offline_only\"]}".formatted(INTERVAL),
                "Feature view offline_only is not online, so it is not materialized. Change its definition and apply it, or leave it out.");
        assertThat(larder.calls()).isEmpty();
    }

    private void assertMistake(String path, String body, String message) {
        assertThat(post(path, body).feastError()).isEqualTo(new FeastError(400, "FeastError", message));
    }

    @Test
    void anUnknownViewIsNamedWithThoseThatExist() {
        assertThat(post("/materialize", "{%s, \"feature_views\": [\"orders_7d\", \"nope\"]}".formatted(INTERVAL))
                        .feastError())
                .isEqualTo(
                        new FeastError(
                                404,
                                "FeatureViewNotFoundException",
                                "Feature view nope does not exist in project shop (known: offline_only, orders_1d, orders_7d)"));
        assertThat(larder.calls()).isEmpty();
    }

    @Test
    void aBodyOfTheWrongShapeIsAnsweredAsFeastDoes() throws IOException {
        for (String line : goldenCases()) {
            var recorded = TestServer.JSON.readTree(line);
            if (recorded.path("case").asText().equals("materialize_incremental_missing_end")) {
                Answer answer = post(
                        recorded.at("/request/path").asText(),
                        recorded.at("/request/json").toString());
                assertThat(answer.status())
                        .isEqualTo(recorded.at("/response/status").asInt());
                assertThat(answer.json()).isEqualTo(recorded.at("/response/json"));
            }
        }
        assertThat(post(
                                "/materialize",
                                "{\"start_ts\": 5, \"feature_views\": [1], \"disable_event_timestamp\": \"oops\"}")
                        .text())
                .isEqualTo(
                        "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\",\"start_ts\"],\"msg\":\"Input should be a valid string\",\"input\":5},"
                                + "{\"type\":\"bool_parsing\",\"loc\":[\"body\",\"disable_event_timestamp\"],\"msg\":\"Input should be a valid boolean, unable to interpret input\",\"input\":\"oops\"},"
                                + "{\"type\":\"string_type\",\"loc\":[\"body\",\"feature_views\",0],\"msg\":\"Input should be a valid string\",\"input\":1}]}");
        assertThat(post("/materialize?async=maybe", "{}").text())
                .isEqualTo(
                        "{\"detail\":[{\"type\":\"bool_parsing\",\"loc\":[\"query\",\"async\"],\"msg\":\"Input should be a valid boolean, unable to interpret input\",\"input\":\"maybe\"}]}");
        assertThat(post("/materialize", "").status()).isEqualTo(422);
        assertThat(post("/materialize", "[]").status()).isEqualTo(422);
        assertThat(post("/materialize", "{").status()).isEqualTo(422);
    }

    private static List<String> goldenCases() throws IOException {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(TestServer.golden("http_sqlite.jsonl"), StandardCharsets.UTF_8))) {
            return lines.lines().filter(line -> line.contains("\"materialize")).toList();
        }
    }

    @Test
    void withAsyncTheAnswerComesAtOnceAndASecondRunMustWaitOrIsRefused() throws IOException {
        larder.hold();
        String body = "{%s, \"feature_views\": [\"orders_7d\"]}".formatted(INTERVAL);
        Answer accepted = post("/materialize?async=true", body);
        assertThat(accepted)
                .isEqualTo(new Answer(
                        202, "application/json", "{\"status\":\"accepted\",\"feature_views\":[\"orders_7d\"]}"));
        Answer refused = post("/materialize-incremental?async=true", "{\"end_ts\": \"2025-01-01\"}");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().path("feature_views").toString()).isEqualTo("[\"orders_7d\"]");
        assertThat(refused.json().path("error").asText())
                .isEqualTo(
                        "Feature view orders_7d: a materialization is going on already. Wait for its end, or send force=true to run after it.");

        assertThat(post("/materialize?async=true&force=true", body).status()).isEqualTo(202);
        assertThat(post("/materialize?async=1", body.replace("7d", "1d")).status())
                .isEqualTo(202);
        Awaitility.await().until(() -> larder.calls().size() == 1);
        assertThat(server.get("/materialize").json().at("/materializations").findValuesAsText("state"))
                .containsExactly("waiting", "waiting", "running");
        larder.release();
        Awaitility.await().until(() -> server.get("/materialize")
                .json()
                .at("/materializations")
                .findValuesAsText("state")
                .equals(List.of("succeeded", "succeeded", "succeeded")));
        assertThat(larder.calls()).hasSize(3);
        assertThat(post("/materialize?async=true", body).status()).isEqualTo(202);
    }

    @Test
    void whatAnotherProcessMaterializesIsRefusedOrWaitedFor() throws Exception {
        String body = "{%s, \"feature_views\": [\"orders_7d\"]}".formatted(INTERVAL);
        SqliteLock lock = SqliteLock.take(folder.resolve("online_store.db")).orElseThrow();
        assertThat(post("/materialize?async=true", body).status()).isEqualTo(409);
        CompletableFuture<Answer> waiting = CompletableFuture.supplyAsync(() -> post("/materialize", body));
        Thread.sleep(700);
        assertThat(waiting.isDone()).isFalse();
        assertThat(larder.calls()).isEmpty();
        lock.close();
        assertThat(waiting.get().status()).isEqualTo(200);
    }

    @Test
    void theCommandsErrorIsTheAnswer() throws IOException {
        String body = "{%s}".formatted(INTERVAL);
        larder.fail("echo 'error ONLINE_STORE_UNAVAILABLE: Redis at redis:6379 is away.' >&2; exit 1");
        assertThat(post("/materialize", body).feastError())
                .isEqualTo(new FeastError(503, "FeastError", "Redis at redis:6379 is away."));
        larder.fail("echo 'error STEP_MISSING: Run compute first.' >&2; exit 2");
        assertThat(post("/materialize", body).feastError())
                .isEqualTo(new FeastError(503, "FeastError", "Run compute first."));
        larder.fail("echo 'Exception in thread main'; echo '  at dev.larder.Main.main(Main.java:1)'; exit 1");
        assertThat(post("/materialize", body).feastError())
                .isEqualTo(
                        new FeastError(
                                500,
                                "FeastError",
                                "larder materialize ended with exit code 1. Its last lines: materialize  12 rows\nException in thread main"));
        assertThat(server.get("/materialize").json().at("/materializations").findValuesAsText("error"))
                .contains("STEP_MISSING: Run compute first.");
    }

    @Test
    void aServerThatStopsEndsTheCommandAndSaysSo() throws Exception {
        larder.hold();
        CompletableFuture<Answer> answer =
                CompletableFuture.supplyAsync(() -> post("/materialize", "{%s}".formatted(INTERVAL)));
        Awaitility.await().until(() -> !larder.calls().isEmpty());
        server.close();
        assertThat(answer.get().feastError())
                .isEqualTo(
                        new FeastError(
                                503,
                                "FeastError",
                                "The server stops, so the materialization was ended. Run it again: what is done is not done twice."));
        assertThat(larder.calls()).last().isEqualTo("ended by a signal");
    }

    @Test
    void aServerWithoutTheCommandSaysHowItGetsOne() {
        try (TestServer without = TestServer.strict(folder)) {
            FeastError error = without.send(post("/materialize", "{%s}".formatted(INTERVAL), without))
                    .feastError();
            assertThat(error.status()).isEqualTo(501);
            assertThat(error.message()).contains("--larder-command");
        }
    }

    @Test
    void viewsOfFeastsOwnSourcesAreNotMaterializedHere(@TempDir Path golden) {
        TestServer.goldenRepo(golden);
        try (TestServer python = TestServer.start(
                TestServer.config(golden, Mode.STRICT, Limits.DEFAULT).withLarderCommand(larder.program()),
                TestServer.WHEN_FRESH)) {
            String body = "{%s, \"feature_views\": [\"driver_pushed\", \"order_python\"]}".formatted(INTERVAL);
            FeastError error = python.send(post("/materialize", body, python)).feastError();
            assertThat(error)
                    .isEqualTo(
                            new FeastError(
                                    501,
                                    "FeastError",
                                    "Larder has no rows of feature views driver_pushed, order_python: only views that it computes are materialized by this server, none of file or other sources and none on demand. Materialize them with Feast, or name other views in feature_views."));
        }
    }

    @Test
    void aViewThatWasAppliedAMomentAgoIsKnown() throws IOException {
        Files.writeString(
                folder.resolve("definitions.yaml"), ShopRepository.TWO_VIEWS.replace("orders_1d", "orders_new"));
        ShopRepository.apply(FeatureStoreConfigLoader.load(folder));
        assertThat(post("/materialize", "{%s, \"feature_views\": [\"orders_new\"]}".formatted(INTERVAL))
                        .status())
                .isEqualTo(200);
    }

    private Answer post(String path, String body) {
        return server.send(post(path, body, server));
    }

    private static HttpRequest.Builder post(String path, String body, TestServer to) {
        return HttpRequest.newBuilder(to.uri().resolve(path))
                .header("Content-Type", path.contains("?") ? "application/x-www-form-urlencoded" : "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }
}
