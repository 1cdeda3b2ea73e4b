package dev.larder.server;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.TestServer.Answer;
import dev.larder.server.online.Limits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Replays what Feast's own server was asked over its SQLite store, on the same files, in mode {@code feast}. Features are
 * compared by name, because Feast's order of them is random. The recording is read up to its first push: later answers depend
 * on rows that the store's file does not hold.
 */
final class GoldenHttpTest {
    private static final int RECORDED = 60;

    /** Where Feast answers 500 for a mistake of the caller, who would repeat the request and never see the text. */
    private static final Map<String, Integer> MISTAKES = Map.ofEntries(
            entry("unknown_feature", 404),
            entry("ref_without_colon", 400),
            entry("empty_features", 400),
            entry("missing_features_field", 400),
            entry("empty_entities_object", 400),
            entry("empty_entity_list", 400),
            entry("wrong_entity_name", 400),
            entry("unequal_lengths", 400),
            entry("duplicate_features", 400),
            entry("name_collision_short", 400),
            entry("entityless_no_entities", 400),
            entry("entity_as_text", 400),
            entry("entity_null", 400),
            entry("entity_null_and_value", 400),
            entry("version_pinned_ref", 400),
            // Feast looks half a key up and finds nothing, which hides the mistake.
            entry("two_entities_one_missing", 400));

    /** On-demand views are Python code, which cannot be run here: 501 instead of values. */
    private static final Set<String> ON_DEMAND = Set.of(
            "odfv_python_request_data",
            "odfv_full_names",
            "odfv_missing_request_data",
            "odfv_pandas",
            "odfv_service",
            "request_data_null");

    /** The names that exist are appended to Feast's message. */
    private static final Set<String> LONGER_MESSAGE = Set.of("unknown_service", "unknown_view");

    /** Results that differ for a reason: the case, the feature, and the values that are answered instead. */
    private static final Map<String, Map<String, String>> OTHER_VALUES = Map.of(
            // -2^63 seconds is what Feast stores for a null among times.
            "all_types_present_null_missing", Map.of("f_ts", "[1709380800,0,null,null]"),
            // Feast gives up on maps with scalar keys.
            "rich_types", Map.of("r_scalar_map", "[{\"1\":\"one\"},null]"));

    private static TestServer server;

    record Exchange(String name, JsonNode request, JsonNode response) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void start(@TempDir Path folder) {
        // Long after the rows, so that a ttl that is heeded shows itself.
        server = TestServer.start(
                TestServer.config(TestServer.goldenRepo(folder), Mode.FEAST, Limits.DEFAULT),
                Instant.parse("2026-11-21T00:00:00Z"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static List<Exchange> exchanges() throws IOException {
        List<Exchange> exchanges = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(TestServer.golden("http_sqlite.jsonl"), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode exchange = TestServer.JSON.readTree(line);
                if (exchange.at("/request/path").asText().equals("/push")) {
                    break;
                }
                exchanges.add(new Exchange(
                        exchange.path("case").asText(), exchange.path("request"), exchange.path("response")));
            }
        }
        return exchanges;
    }

    @Test
    void theRecordingIsAllThere() throws IOException {
        List<String> names = exchanges().stream().map(Exchange::name).toList();
        assertThat(names).hasSize(RECORDED).containsAll(MISTAKES.keySet()).containsAll(ON_DEMAND);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("exchanges")
    void answersAsFeastDoes(Exchange exchange) throws IOException {
        Answer answer = send(exchange.request());
        int recorded = exchange.response().path("status").asInt();
        String body = exchange.response().path("text").asText();
        if (MISTAKES.containsKey(exchange.name())) {
            assertThat(answer.feastError().status()).isEqualTo(MISTAKES.get(exchange.name()));
        } else if (ON_DEMAND.contains(exchange.name())) {
            assertThat(answer.feastError().status()).isEqualTo(501);
        } else if (LONGER_MESSAGE.contains(exchange.name())) {
            TestServer.FeastError golden = new Answer(recorded, "", body).feastError();
            assertThat(answer.feastError().status()).isEqualTo(golden.status());
            assertThat(answer.feastError().feastClass()).isEqualTo(golden.feastClass());
            assertThat(answer.feastError().message()).startsWith(golden.message());
        } else {
            assertThat(answer.status()).as(answer.text()).isEqualTo(recorded);
            assertSameBody(exchange, body, answer);
        }
    }

    private static void assertSameBody(Exchange exchange, String recorded, Answer answer) throws IOException {
        if (recorded.isEmpty()) {
            assertThat(answer.text()).isEmpty();
            assertThat(answer.contentType()).isEmpty();
            return;
        }
        assertThat(answer.contentType())
                .isEqualTo(exchange.response().path("content_type").asText());
        JsonNode golden = TestServer.JSON.readTree(recorded);
        JsonNode ours = answer.json();
        if (golden.has("results")) {
            assertThat(byName(ours)).isEqualTo(withOtherValues(exchange.name(), byName(golden)));
            assertThat(withoutNames(ours)).isEqualTo(withoutNames(golden));
        } else {
            // The words of a JSON parser are its own.
            assertThat(withoutParserText(ours)).isEqualTo(withoutParserText(golden));
        }
    }

    private static Answer send(JsonNode request) throws IOException {
        HttpRequest.Builder http =
                HttpRequest.newBuilder(server.uri().resolve(request.path("path").asText()));
        String body = request.has("raw")
                ? request.path("raw").asText()
                : TestServer.JSON.writeValueAsString(request.path("json"));
        boolean post = request.path("method").asText().equals("POST");
        return server.send(
                post
                        ? http.header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                        : http.GET());
    }

    private static Map<String, JsonNode> byName(JsonNode answer) {
        Map<String, JsonNode> results = new LinkedHashMap<>();
        JsonNode names = answer.at("/metadata/feature_names");
        assertThat(answer.path("results")).hasSameSizeAs(names);
        for (int i = 0; i < names.size(); i++) {
            results.put(names.get(i).asText(), answer.path("results").get(i));
        }
        return results;
    }

    private static Map<String, JsonNode> withOtherValues(String exchange, Map<String, JsonNode> golden)
            throws IOException {
        Map<String, JsonNode> expected = new LinkedHashMap<>(golden);
        for (Map.Entry<String, String> other :
                OTHER_VALUES.getOrDefault(exchange, Map.of()).entrySet()) {
            ObjectNode result =
                    Objects.requireNonNull(golden.get(other.getKey())).deepCopy();
            JsonNode values = TestServer.JSON.readTree(other.getValue());
            assertThat(result.path("values")).isNotEqualTo(values);
            expected.put(other.getKey(), result.set("values", values));
        }
        return expected;
    }

    private static JsonNode withoutNames(JsonNode answer) {
        ObjectNode metadata = answer.path("metadata").deepCopy();
        metadata.remove("feature_names");
        return metadata;
    }

    private static JsonNode withoutParserText(JsonNode body) {
        JsonNode copy = body.deepCopy();
        if (copy.path("detail") instanceof ArrayNode details) {
            for (JsonNode detail : details) {
                if (detail.path("ctx") instanceof ObjectNode context) {
                    context.put("error", "");
                }
            }
        }
        return copy;
    }
}
