package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.online.Limits;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Feast's writes left in Redis, step by step, against what the same writes through our server leave in mode {@code
 * feast}: every byte of the entity's hash, and its time to live. The recording's last steps delete views and the store, which
 * is not writing.
 */
final class RedisSemanticsTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final int WRITING_STEPS = 14;
    private static final String KEY_TTL = "key_ttl_seconds: 3600";

    /** One write, as the recording's step names it. */
    private record Step(String name, String view, List<@Nullable Double> scores, List<String> times, String options) {
        Step(String name, Double score, String time) {
            this(name, "driver_pushed", List.of(score), List.of(time), "");
        }

        Step with(String storeOptions) {
            return new Step(name, view, scores, times, storeOptions);
        }
    }

    private static final List<Step> STEPS = List.of(
            new Step("write 1.0 at T1", 1.0, "2024-03-02T12:00:00+00:00"),
            new Step("write 2.0 one second earlier (late row): kept old", 2.0, "2024-03-02T11:59:59Z"),
            new Step("write 3.0 at the same instant: kept old", 3.0, "2024-03-02T12:00:00Z"),
            new Step("write 4.0 one microsecond later: overwritten", 4.0, "2024-03-02T12:00:00.000001Z"),
            new Step(
                    "batch 5.0 at +9s then 6.0 at +8s: the newer one stays",
                    "driver_pushed",
                    List.of(5.0, 6.0),
                    List.of("2024-03-02T12:00:09Z", "2024-03-02T12:00:08Z"),
                    ""),
            new Step(
                    "write null later: empty value bytes",
                    "driver_pushed",
                    Collections.singletonList(null),
                    List.of("2024-03-02T12:00:20Z"),
                    ""),
            new Step("naive timestamp is UTC", 7.0, "2024-04-01T00:00:00"),
            new Step("row before 1970 is older: skipped", 8.0, "1969-12-31T00:00:00Z"),
            new Step("fresh key, event time 1970-01-01: empty _ts", 8.5, "1970-01-01T00:00:00Z"),
            new Step("stored time 0 counts as absent: an older row overwrites", 8.6, "1969-12-31T00:00:00Z"),
            new Step("key_ttl_seconds=3600 (EXPIRE on the whole key)", 9.0, "2024-05-01T00:00:00Z").with(KEY_TTL),
            new Step("skipped row does not renew the expiry", 9.5, "2024-04-30T00:00:00Z").with(KEY_TTL),
            new Step("write without key_ttl_seconds leaves the old expiry", 10.0, "2024-05-02T00:00:00Z"),
            new Step(
                    "second view, same entity: same hash",
                    "driver_stale",
                    List.of(0.5),
                    List.of("2024-03-02T12:00:00Z"),
                    ""));

    @Test
    void eachWriteLeavesFeastsBytes(@TempDir Path folder) throws IOException {
        List<JsonNode> recorded = recording();
        assertThat(STEPS).hasSize(WRITING_STEPS);
        try (RedisServers servers = RedisRepos.servers(Files.createDirectory(folder.resolve("redis")))) {
            RedisServer redis = servers.standalone();
            RedisClient client = RedisClient.create("redis://" + redis.address());
            RedisCommands<byte[], byte[]> commands =
                    client.connect(ByteArrayCodec.INSTANCE).sync();
            for (int i = 0; i < STEPS.size(); i++) {
                Step step = STEPS.get(i);
                JsonNode golden = recorded.get(i);
                byte[] key = HEX.parseHex(golden.path("key_hex").asText());
                assertThat(golden.path("step").asText()).isEqualTo(step.name());
                if (step.name().startsWith("fresh key")) {
                    commands.del(key);
                }

                write(RedisRepos.golden(folder.resolve("repo"), redis, step.options()), step);

                assertThat(hash(commands, key)).as(step.name()).isEqualTo(fields(golden));
                long secondsToLive = golden.path("ttl").asLong();
                assertThat(commands.ttl(key)).as(step.name()).isBetween(Math.min(-1, secondsToLive), secondsToLive);
                assertThat(commands.ttl(key) > 0).as(step.name()).isEqualTo(secondsToLive > 0);
            }
            client.shutdown();
        }
    }

    private static void write(Path repo, Step step) {
        Map<String, Object> df = new LinkedHashMap<>();
        df.put("driver_id", step.scores().stream().map(score -> 777).toList());
        df.put("score", step.scores());
        df.put("event_timestamp", step.times());
        try (TestServer server =
                TestServer.start(TestServer.config(repo, Mode.FEAST, Limits.DEFAULT), TestServer.WHEN_FRESH)) {
            TestServer.Answer answer =
                    server.post("/write-to-online-store", Map.of("feature_view_name", step.view(), "df", df));
            assertThat(answer.status()).as(step.name() + answer.text()).isEqualTo(200);
        }
    }

    private static List<JsonNode> recording() throws IOException {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(TestServer.golden("redis_semantics.jsonl"), StandardCharsets.UTF_8))) {
            return lines.lines()
                    .map(line -> new TestServer.Answer(200, "", line).json())
                    .toList();
        }
    }

    private static Map<String, String> fields(JsonNode golden) {
        Map<String, String> fields = new TreeMap<>();
        golden.path("fields")
                .properties()
                .forEach(field -> fields.put(field.getKey(), field.getValue().asText()));
        return fields;
    }

    private static Map<String, String> hash(RedisCommands<byte[], byte[]> commands, byte[] key) {
        Map<String, String> fields = new TreeMap<>();
        commands.hgetall(key)
                .forEach((field, value) ->
                        fields.put(HEX.formatHex(field), HEX.formatHex(Objects.requireNonNull(value))));
        return fields;
    }
}
