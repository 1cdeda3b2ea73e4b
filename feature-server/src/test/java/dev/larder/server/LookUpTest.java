package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.TestServer.Answer;
import dev.larder.server.TestServer.FeastError;
import dev.larder.server.online.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What people and simple clients ask with a browser or curl, over Feast's golden rows. */
final class LookUpTest {
    private static final String FEATURES = "/api/v1/features";
    private static TestServer server;

    @BeforeAll
    static void start(@TempDir Path folder) {
        server = TestServer.strict(TestServer.goldenRepo(folder));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void whatIsServedIsListed() throws IOException {
        Answer answer = server.get(FEATURES);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.contentType()).isEqualTo("application/json");
        assertThat(answer.text()).as("for people").contains("\n  \"feature_views\"");
        JsonNode catalog = answer.json();
        assertThat(catalog.path("project").asText()).isEqualTo("golden");
        assertThat(catalog.path("registry_version").asText()).isEqualTo("f781220f-726f-4d76-918b-837f87a4aaa2");
        assertThat(catalog.path("registry_last_updated").asText()).isEqualTo("2026-11-21T08:01:17.617129Z");
        assertThat(names(catalog.path("feature_views")))
                .containsExactly(
                        "driver_basic",
                        "driver_batch_agg",
                        "driver_pushed",
                        "driver_rich",
                        "driver_stale",
                        "driver_stream_agg",
                        "global_stats",
                        "pair_stats");
        assertThat(names(catalog.path("feature_services")))
                .containsExactly("alias_service", "basic_service", "odfv_service");
        assertThat(catalog.path("on_demand_feature_views").toString()).contains("\"basic_pandas\"");
        JsonNode pair = view(catalog, "pair_stats");
        assertThat(pair.path("entities"))
                .isEqualTo(
                        json(
                                """
                                [{"name": "driver", "join_key": "driver_id", "type": "Int64"},
                                 {"name": "customer", "join_key": "customer_id", "type": "String"}]"""));
        assertThat(pair.path("look_up").asText()).isEqualTo("/api/v1/features/pair_stats/{driver_id}/{customer_id}");
        assertThat(pair.path("last_materialization").isNull()).isTrue();
        assertThat(view(catalog, "driver_stale").path("ttl_seconds").asLong()).isEqualTo(3_600);
        assertThat(names(view(catalog, "driver_stale").path("features"))).containsExactly("score");
        assertThat(view(catalog, "global_stats").path("look_up").asText()).isEqualTo("/api/v1/features/global_stats");
    }

    @Test
    void howFarAViewIsMaterializedAndWhetherItIsServedIsListed(@TempDir Path folder) throws IOException {
        TestServer.repo(folder);
        TestServer.copyGolden("registry_after_materialize.db", folder);
        Files.move(folder.resolve("registry_after_materialize.db"), folder.resolve("registry.db"));
        Registries.change(folder, registry -> registry.getFeatureViewsBuilderList().stream()
                .filter(view -> view.getSpec().getName().equals("driver_rich"))
                .forEach(view -> view.getSpecBuilder().setDisabled(true).putTags("team", "risk")));
        try (TestServer materialized = TestServer.strict(folder)) {
            JsonNode catalog = materialized.get(FEATURES).json();
            assertThat(view(catalog, "driver_basic")
                            .path("last_materialization")
                            .asText())
                    .isEqualTo("2024-12-31T00:00:00Z");
            assertThat(view(catalog, "driver_basic").path("online").asBoolean()).isTrue();
            assertThat(view(catalog, "driver_rich").path("online").asBoolean()).isFalse();
            assertThat(view(catalog, "driver_rich").path("tags")).isEqualTo(json("{\"team\": \"risk\"}"));
        }
    }

    @Test
    void oneEntitysValuesAreOneFlatObject() throws IOException {
        Answer answer = server.get(FEATURES + "/driver_stale/1001");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json())
                .isEqualTo(
                        json(
                                """
                                {"score": {"value": 0.25, "status": "PRESENT", "event_timestamp": "2024-03-02T12:00:00Z"}}"""));
    }

    /** The same request in Feast's form is the oracle, for every type of value. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void valuesAndStatusesAreThoseOfTheOnlineRequest(Mode mode, @TempDir Path folder) {
        try (TestServer other = TestServer.start(
                TestServer.config(TestServer.goldenRepo(folder), mode, Limits.DEFAULT), TestServer.WHEN_FRESH)) {
            for (String view : List.of("driver_basic", "driver_rich")) {
                for (int driver : new int[] {1001, 1002}) {
                    JsonNode flat =
                            other.get(FEATURES + "/" + view + "/" + driver).json();
                    List<String> features = new ArrayList<>();
                    flat.fieldNames().forEachRemaining(features::add);
                    assertThat(features).hasSizeGreaterThan(5);
                    JsonNode online = other.ask(Map.of(
                                    "features",
                                    features.stream()
                                            .map(name -> view + ":" + name)
                                            .toList(),
                                    "entities",
                                    Map.of("driver_id", List.of(driver))))
                            .json();
                    for (int i = 0; i < features.size(); i++) {
                        JsonNode shown = flat.path(features.get(i));
                        JsonNode result = online.path("results").path(i + 1);
                        assertThat(shown.path("value")).isEqualTo(result.at("/values/0"));
                        assertThat(shown.path("status")).isEqualTo(result.at("/statuses/0"));
                        assertThat(shown.path("event_timestamp")).isEqualTo(result.at("/event_timestamps/0"));
                    }
                }
            }
        }
    }

    @Test
    void chosenFeaturesComeInTheOrderOfTheQuestion() {
        JsonNode values = server.get(FEATURES + "/driver_basic/1001?feature=f_string&feature=f_int64")
                .json();
        List<String> names = new ArrayList<>();
        values.fieldNames().forEachRemaining(names::add);
        assertThat(names).containsExactly("f_string", "f_int64");
    }

    @Test
    void severalJoinKeysAreSeveralSegmentsInTheOrderOfTheView() throws IOException {
        assertThat(server.get(FEATURES + "/pair_stats/1001/c1")
                        .json()
                        .path("trips")
                        .path("status")
                        .asText())
                .isEqualTo("PRESENT");
        assertThat(server.get(FEATURES + "/pair_stats/1002/c1").status()).isEqualTo(404);
    }

    @Test
    void aViewWithoutEntitiesHasNoKey() throws IOException {
        JsonNode values = server.get(FEATURES + "/global_stats").json();
        assertThat(values.size()).isPositive();
        values.forEach(value -> assertThat(value.path("status").asText()).isEqualTo("PRESENT"));
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments(
                        "/nope/1",
                        404,
                        "FeatureViewNotFoundException",
                        "Feature view nope does not exist in project golden (known: driver_basic, driver_batch_agg, driver_pushed, driver_rich, driver_stale, driver_stream_agg, global_stats, pair_stats)"),
                arguments(
                        "/driver_stale/9999",
                        404,
                        "FeastObjectNotFoundException",
                        "Feature view driver_stale holds nothing for driver_id = 9999: it was never written. Run materialize if it should be there."),
                arguments(
                        "/pair_stats/1/a%2Fb%20%C3%A9%25+%5C..",
                        404,
                        "FeastObjectNotFoundException",
                        "Feature view pair_stats holds nothing for driver_id = 1, customer_id = a/b é%+\\..: it was never written. Run materialize if it should be there."),
                arguments(
                        "/pair_stats/1/",
                        404,
                        "FeastObjectNotFoundException",
                        "Feature view pair_stats holds nothing for driver_id = 1, customer_id = : it was never written. Run materialize if it should be there."),
                arguments(
                        "/driver_stale/1001?feature=nope",
                        404,
                        "FeastObjectNotFoundException",
                        "Feature nope not found in feature view driver_stale (known: score)"),
                arguments(
                        "/driver_stale/1001?feature=score&feature=score",
                        400,
                        "FeatureNameCollisionError",
                        "Duplicate features named score found: driver_stale:score, driver_stale:score. Name it once."),
                arguments(
                        "/driver_stale/1001?features=score",
                        400,
                        "FeastError",
                        "Query parameter features is not known (known: feature, as often as there are features to choose: ?feature=a&feature=b)"),
                arguments(
                        "/driver_stale/1001?feature=%ff",
                        400, "FeastError", "The query after ? cannot be read: Unable to parse URI query"),
                arguments(
                        "/driver_stale",
                        400,
                        "FeastError",
                        "Feature view driver_stale is looked up by driver_id: GET /api/v1/features/driver_stale/{driver_id} (given: 0 values)"),
                arguments(
                        "/pair_stats/1001",
                        400,
                        "FeastError",
                        "Feature view pair_stats is looked up by driver_id, customer_id: GET /api/v1/features/pair_stats/{driver_id}/{customer_id} (given: 1 values)"),
                arguments(
                        "/global_stats/1",
                        400,
                        "FeastError",
                        "Feature view global_stats is looked up by no key: GET /api/v1/features/global_stats (given: 1 values)"),
                arguments(
                        "/driver_stale/abc",
                        400,
                        "FeastError",
                        "Column driver_id, row 0: \"abc\" cannot be read as Int64 (accepted: a number, which is cut to a whole one, true, false, or text of a whole number)"),
                arguments(
                        "/basic_pandas/1",
                        501,
                        "FeastError",
                        "On-demand feature view basic_pandas is Python code, which this server does not run. Ask for the features that it is computed from, and compute it in the caller."));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakesAreFeastErrors(String path, int status, String feastClass, String message) {
        Answer answer = server.get(FEATURES + path);
        assertThat(answer.contentType()).isEqualTo("application/json");
        assertThat(answer.feastError()).isEqualTo(new FeastError(status, feastClass, message));
    }

    @Test
    void anOldValueIsShownWithItsStatus(@TempDir Path folder) {
        try (TestServer later = TestServer.start(
                TestServer.config(TestServer.goldenRepo(folder), Mode.STRICT, Limits.DEFAULT),
                TestServer.WHEN_FRESH.plusSeconds(7_200))) {
            assertThat(later.get(FEATURES + "/driver_stale/1001")
                            .json()
                            .at("/score/status")
                            .asText())
                    .isEqualTo("OUTSIDE_MAX_AGE");
        }
    }

    private static JsonNode view(JsonNode catalog, String name) {
        for (JsonNode view : catalog.path("feature_views")) {
            if (view.path("name").asText().equals(name)) {
                return view;
            }
        }
        throw new AssertionError(name + " in " + catalog);
    }

    private static List<String> names(JsonNode list) {
        List<String> names = new ArrayList<>();
        list.forEach(each -> names.add(each.path("name").asText()));
        return names;
    }

    private static JsonNode json(String text) throws IOException {
        return TestServer.JSON.readTree(text);
    }
}
