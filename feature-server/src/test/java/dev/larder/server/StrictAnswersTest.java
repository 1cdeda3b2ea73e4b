package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.TestServer.Answer;
import dev.larder.server.online.Limits;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mode {@code strict} over Feast's golden rows; those of {@code driver_stale} are of 2024-03-02T12:00:00Z, with a ttl of an hour. */
final class StrictAnswersTest {
    private static final String STALE =
            """
            {"features": ["driver_stale:score"], "entities": {"driver_id": [1001, 9999]}}""";

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void golden() {
        TestServer.goldenRepo(folder);
    }

    @Test
    void aValueAsOldAsTheTtlIsPresent() {
        assertThat(result(Instant.parse("2024-03-02T13:00:00.999Z"), STALE, "score"))
                .isEqualTo(
                        json(
                                """
                                {"values": [0.25, null], "statuses": ["PRESENT", "NOT_FOUND"],
                                 "event_timestamps": ["2024-03-02T12:00:00Z", "1970-01-01T00:00:00Z"]}"""));
    }

    @Test
    void aValueOlderThanTheTtlIsGivenWithItsStatus() {
        assertThat(result(Instant.parse("2024-03-02T13:00:01Z"), STALE, "score"))
                .isEqualTo(
                        json(
                                """
                                {"values": [0.25, null], "statuses": ["OUTSIDE_MAX_AGE", "NOT_FOUND"],
                                 "event_timestamps": ["2024-03-02T12:00:00Z", "1970-01-01T00:00:00Z"]}"""));
    }

    @Test
    void aTtlOfZeroIsNoLimit() {
        String body = """
                {"features": ["driver_pushed:score"], "entities": {"driver_id": [1001]}}""";
        assertThat(result(Instant.parse("2124-03-02T12:00:00Z"), body, "score").path("statuses"))
                .isEqualTo(json("[\"PRESENT\"]"));
    }

    @Test
    void storedNullsAreNullValues() {
        // The second is what Feast stores for a null among times.
        for (String feature : List.of("f_double", "f_ts")) {
            JsonNode result = result(
                    TestServer.WHEN_FRESH,
                    """
                    {"features": ["driver_basic:%s"], "entities": {"driver_id": [1003, 1001]}}"""
                            .formatted(feature),
                    feature);
            assertThat(result.path("statuses")).as(feature).isEqualTo(json("[\"NULL_VALUE\", \"PRESENT\"]"));
            assertThat(result.path("values").get(0).isNull()).as(feature).isTrue();
            assertThat(result.path("event_timestamps").get(0).asText()).isEqualTo("2024-03-02T12:00:00Z");
        }
    }

    @Test
    void aNullOlderThanTheTtlIsTooOld() throws SQLException {
        change("UPDATE golden_driver_stale SET value = X''");
        assertThat(result(Instant.parse("2024-03-02T13:00:01Z"), STALE, "score").path("statuses"))
                .isEqualTo(json("[\"OUTSIDE_MAX_AGE\", \"NOT_FOUND\"]"));
    }

    @Test
    void aFeatureThatWasNeverWrittenIsNotFoundAtTheTimeOfItsRow() throws SQLException {
        change("DELETE FROM golden_driver_basic WHERE feature_name = 'f_bool'");
        assertThat(result(
                        TestServer.WHEN_FRESH,
                        """
                        {"features": ["driver_basic:f_bool", "driver_basic:f_int64"], "entities": {"driver_id": [1001]}}""",
                        "f_bool"))
                .isEqualTo(
                        json(
                                """
                                {"values": [null], "statuses": ["NOT_FOUND"], "event_timestamps": ["2024-03-01T12:00:00Z"]}"""));
    }

    @Test
    void featuresComeInTheOrderOfTheRequestViewByView() {
        try (TestServer server = TestServer.strict(folder)) {
            Answer answer = server.ask(
                    """
                    {"features": ["driver_basic:f_string", "driver_stale:score", "driver_basic:f_bool", "driver_basic:f_int64"],
                     "entities": {"customer_id": ["c1"], "junk": [[1]], "driver_id": [1001]}, "full_feature_names": true}""");
            assertThat(answer.json().at("/metadata/feature_names"))
                    .isEqualTo(
                            json(
                                    """
                                    ["customer_id", "driver_id", "driver_basic__f_string", "driver_basic__f_bool",
                                     "driver_basic__f_int64", "driver_stale__score"]"""));
        }
    }

    @Test
    void valuesFollowTheRowsWhateverTheirOrder() {
        try (TestServer server = TestServer.strict(folder)) {
            Answer answer = server.ask(
                    """
                    {"features": ["pair_stats:trips"],
                     "entities": {"customer_id": ["c2", "c1", "c2", "c1"], "driver_id": ["1001", 1001.0, 1001, 1002]}}""");
            assertThat(answer.json().at("/results/0/values")).isEqualTo(json("[\"c2\", \"c1\", \"c2\", \"c1\"]"));
            assertThat(answer.json().at("/results/1/values")).isEqualTo(json("[1001, 1001, 1001, 1002]"));
            assertThat(answer.json().at("/results/2/values").get(1)).isEqualTo(json("3"));
            assertThat(answer.json().at("/results/2/statuses").get(0))
                    .isEqualTo(answer.json().at("/results/2/statuses").get(2));
        }
    }

    @Test
    void oneViewUnderTwoAliasesIsReadWithTheKeysOfEach() throws Exception {
        Registries.change(
                folder,
                registry -> registry.addFeatureServices(Registries.service(
                        "trip",
                        Registries.projection("driver_stale", "origin", Map.of("driver_id", "origin_id"), "score"),
                        Registries.projection(
                                "driver_stale", "destination", Map.of("driver_id", "destination_id"), "score"))));
        try (TestServer server = TestServer.strict(folder)) {
            Answer answer = server.ask(
                    """
                    {"feature_service": "trip", "full_feature_names": true,
                     "entities": {"destination_id": [9999, 1001], "origin_id": [1001, 9999]}}""");
            assertThat(answer.json().at("/metadata/feature_names"))
                    .isEqualTo(
                            json(
                                    """
                                    ["destination_id", "origin_id", "origin__score", "destination__score"]"""));
            assertThat(answer.json().at("/results/2/values")).isEqualTo(json("[0.25, null]"));
            assertThat(answer.json().at("/results/3/values")).isEqualTo(json("[null, 0.25]"));
        }
    }

    @Test
    void moreRowsThanOneQueryTakesComeBackInOrder() {
        int rows = 3_000;
        StringBuilder ids = new StringBuilder("1001");
        for (int i = 1; i < rows; i++) {
            ids.append(", ").append(i % 7 == 0 ? 1001 : 100_000 + i);
        }
        JsonNode result = result(
                TestServer.WHEN_FRESH,
                """
                {"features": ["driver_stale:score"], "entities": {"driver_id": [%s]}}"""
                        .formatted(ids),
                "score");
        assertThat(result.path("values")).hasSize(rows);
        for (int i = 0; i < rows; i++) {
            assertThat(result.path("statuses").get(i).asText())
                    .as("row %d", i)
                    .isEqualTo(i % 7 == 0 ? "PRESENT" : "NOT_FOUND");
        }
    }

    private JsonNode result(Instant now, String body, String feature) {
        try (TestServer server = TestServer.start(TestServer.config(folder, Mode.STRICT, Limits.DEFAULT), now)) {
            JsonNode answer = server.ask(body).json();
            JsonNode names = answer.at("/metadata/feature_names");
            for (int i = 0; i < names.size(); i++) {
                if (names.get(i).asText().equals(feature)) {
                    return answer.path("results").get(i);
                }
            }
            throw new AssertionError(answer);
        }
    }

    private void change(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("online_store.db"));
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isPositive();
        }
    }

    private static JsonNode json(String text) {
        return new Answer(200, "", text).json();
    }
}
