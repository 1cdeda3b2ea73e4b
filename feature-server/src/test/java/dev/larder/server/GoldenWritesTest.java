package dev.larder.server;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.TestServer.Answer;
import dev.larder.server.TestServer.FeastError;
import dev.larder.server.online.Limits;
import dev.larder.servers.RedisServers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Replays the writing part of what Feast's own server was asked and what it answered, over each of its stores, in mode {@code
 * feast}: one request after the other, since each changes what the next ones read.
 */
final class GoldenWritesTest {
    private static final String FIRST = "push_online";
    private static final String LAST = "write_with_created_column";
    private static final int RECORDED = 41;

    /** Where Feast answers 500 for a mistake of the caller, who would repeat the request and never see the text. */
    private static final Map<String, Integer> MISTAKES = Map.ofEntries(
            entry("push_scalars_only", 400),
            entry("push_unequal_columns", 400),
            entry("push_missing_feature_column", 400),
            entry("push_missing_join_key", 400),
            entry("push_missing_timestamp", 400),
            entry("push_text_for_double", 400),
            entry("push_bad_mode", 400),
            // Feast fails on the time in the recorded row; we do not write to files at all yet.
            entry("push_offline", 501));

    /** What exists is appended to Feast's message. */
    private static final Set<String> LONGER_MESSAGE = Set.of("push_unknown_source", "write_unknown_view");

    /** Feast refuses with 500 what can only mean one thing: ISO text for a time, base64 for bytes, times of unequal precision. */
    private static final Set<String> ACCEPTED_HERE_ALONE =
            Set.of("write_basic_iso_text_for_timestamp_feature", "write_basic_text_for_bytes", "write_mixed_fractions");

    /** An entity that was never written: Feast's reader of Redis says PRESENT, with null and 1970. Reading is not this test's. */
    private static final String NEVER_WRITTEN = "push_text_for_double_read_back";

    /** Results that differ for a reason: the case, the feature, and what is answered of it instead. */
    private static final Map<String, Map<String, String>> OTHER_RESULTS = Map.of(
            // Feast drops rows of nothing but nulls, and keeps the old value.
            "push_all_null_read_back",
                    Map.of("score", "{\"values\": [null], \"event_timestamps\": [\"2024-06-02T00:00:00Z\"]}"),
            // One null makes floating-point numbers of a whole column, and -2^63 of every time in it.
            "write_basic_read_back",
                    Map.of(
                            "f_int64",
                            "{\"values\": [9007199254740993, null]}",
                            "f_ts",
                            "{\"values\": [1717200000, null]}"));

    /** Redis keeps the row before at an equal time, which Feast had rounded. */
    private static final Map<String, Map<String, String>> OTHER_RESULTS_OVER_REDIS = Map.of(
            "write_basic_int64_without_null_read_back",
            Map.of("f_int64", "{\"values\": [9007199254740993]}", "f_ts", "{\"values\": [1717200000]}"));

    private record Exchange(String name, JsonNode request, JsonNode response) {}

    @Test
    void overSqliteAsFeastDoes(@TempDir Path folder) throws IOException {
        replay("http_sqlite.jsonl", TestServer.goldenRepo(folder), OTHER_RESULTS);
    }

    @Test
    void overRedisAsFeastDoes(@TempDir Path folder) throws IOException {
        try (RedisServers servers = RedisRepos.servers(Files.createDirectory(folder.resolve("redis")))) {
            Map<String, Map<String, String>> others = new LinkedHashMap<>(OTHER_RESULTS);
            others.putAll(OTHER_RESULTS_OVER_REDIS);
            replay("http_redis.jsonl", RedisRepos.golden(folder.resolve("repo"), servers.standalone(), ""), others);
        }
    }

    private static void replay(String recording, Path repo, Map<String, Map<String, String>> others)
            throws IOException {
        List<Exchange> exchanges = exchanges(recording);
        assertThat(exchanges.stream().map(Exchange::name))
                .hasSize(RECORDED)
                .containsAll(MISTAKES.keySet())
                .containsAll(LONGER_MESSAGE)
                .containsAll(ACCEPTED_HERE_ALONE)
                .containsAll(others.keySet())
                .contains(NEVER_WRITTEN);
        try (TestServer server = TestServer.start(
                TestServer.config(repo, Mode.FEAST, Limits.DEFAULT), Instant.parse("2026-11-21T09:00:00Z"))) {
            for (Exchange exchange : exchanges) {
                assertAnswer(
                        exchange, send(server, exchange.request()), others.getOrDefault(exchange.name(), Map.of()));
            }
        }
    }

    private static List<Exchange> exchanges(String recording) throws IOException {
        List<Exchange> exchanges = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(TestServer.golden(recording), StandardCharsets.UTF_8))) {
            boolean within = false;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode exchange = TestServer.JSON.readTree(line);
                String name = exchange.path("case").asText();
                within |= name.equals(FIRST);
                if (within) {
                    exchanges.add(new Exchange(name, exchange.path("request"), exchange.path("response")));
                }
                within &= !name.equals(LAST);
            }
        }
        return exchanges;
    }

    private static Answer send(TestServer server, JsonNode request) throws IOException {
        return server.send(HttpRequest.newBuilder(
                        server.uri().resolve(request.path("path").asText()))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(TestServer.JSON.writeValueAsString(request.path("json")))));
    }

    private static void assertAnswer(Exchange exchange, Answer answer, Map<String, String> others) throws IOException {
        String name = exchange.name();
        int recorded = exchange.response().path("status").asInt();
        String body = exchange.response().path("text").asText();
        if (MISTAKES.containsKey(name)) {
            assertThat(recorded).as(name).isEqualTo(500);
            assertThat(answer.feastError().status()).as(name).isEqualTo(MISTAKES.get(name));
        } else if (ACCEPTED_HERE_ALONE.contains(name)) {
            assertThat(recorded).as(name).isEqualTo(500);
            assertThat(answer.status()).as(name + answer.text()).isEqualTo(200);
        } else if (LONGER_MESSAGE.contains(name)) {
            FeastError golden = new Answer(recorded, "", body).feastError();
            assertThat(answer.feastError().status()).as(name).isEqualTo(golden.status());
            assertThat(answer.feastError().feastClass()).as(name).isEqualTo(golden.feastClass());
            assertThat(answer.feastError().message()).as(name).startsWith(golden.message());
        } else {
            assertThat(answer.status()).as(name + answer.text()).isEqualTo(recorded);
            assertThat(answer.contentType())
                    .as(name)
                    .isEqualTo(exchange.response().path("content_type").asText(""));
            if (body.isEmpty()) {
                assertThat(answer.text()).as(name).isEmpty();
            } else {
                assertSameJson(name, TestServer.JSON.readTree(body), answer.json(), others);
            }
        }
    }

    private static void assertSameJson(String name, JsonNode golden, JsonNode ours, Map<String, String> others)
            throws IOException {
        if (!golden.has("results")) {
            assertThat(ours).as(name).isEqualTo(golden);
            return;
        }
        Map<String, JsonNode> expected = byName(golden);
        for (Map.Entry<String, String> other : others.entrySet()) {
            ObjectNode result =
                    Objects.requireNonNull(expected.get(other.getKey())).deepCopy();
            result.setAll((ObjectNode) TestServer.JSON.readTree(other.getValue()));
            assertThat(result).as(name).isNotEqualTo(expected.get(other.getKey()));
            expected.put(other.getKey(), result);
        }
        Map<String, JsonNode> answered = byName(ours);
        if (name.equals(NEVER_WRITTEN)) {
            expected.replaceAll((feature, result) -> result.path("values"));
            answered.replaceAll((feature, result) -> result.path("values"));
        }
        assertThat(answered).as(name).isEqualTo(expected);
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
}
