package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.feast.ValueCodec;
import dev.larder.model.FeatureValue;
import dev.larder.onlinestore.OnlineStore.OnlineRow;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.onlinestore.OnlineStore.Retraction;
import dev.larder.onlinestore.OnlineStore.ViewRead;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Feast's Python SDK, unmodified, beside us on one Redis. */
final class FeastOnRedisTest {
    private static final Path SCRIPT = Path.of(
            Objects.requireNonNull(System.getProperty("larder.root"), "larder.root"),
            "core/online-store/src/test/python/feast_on_redis.py");
    private static final Instant NOON = OnlineStoreContract.NOON;
    private static final List<String> FEATURES = OnlineStoreContract.FEATURES;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void eachReadsWhatTheOtherHasWritten() throws IOException, InterruptedException {
        Path python = python();
        try (RedisServers servers = Redises.in(Files.createDirectory(folder.resolve("redis")))) {
            RedisServer server = servers.standalone("requirepass secret");
            String address = server.address() + ",password=secret";
            try (RedisOnlineStore store = Redises.open(address)) {
                store.put(
                        "week",
                        FEATURES,
                        List.of(
                                row(1, NOON.plusNanos(123_456_000), 1_772_000_000_000_001L, 7),
                                row(2, NOON, 1_772_000_000_000_002L, 8)));
                store.put("day", FEATURES, List.of(new OnlineWrite(key(1), NOON, -1, new byte[][] {
                    ValueCodec.nullValue(), ValueCodec.int64(70)
                })));

                JsonNode feast = run(python, Files.createDirectory(folder.resolve("repo")), address);

                JsonNode before = feast.get("before");
                assertThat(cell(before, 1, "week__total")).containsExactly(7L, micros(NOON) + 123_456);
                assertThat(cell(before, 2, "week__count")).containsExactly(8L, micros(NOON));
                assertThat(cell(before, 1, "day__count")).containsExactly(null, micros(NOON));
                assertThat(cell(before, 1, "day__total")).containsExactly(70L, micros(NOON));
                assertThat(cell(before, 3, "week__total")).containsExactly(null, 0L);
                JsonNode after = feast.get("after");
                assertThat(cell(after, 1, "week__total"))
                        .as("Feast skips its late row")
                        .containsExactly(7L, micros(NOON) + 123_456);
                assertThat(cell(after, 2, "week__total")).containsExactly(200L, micros(NOON) + 1_000_000);

                assertThat(totals(store)).containsExactlyInAnyOrderEntriesOf(Map.of(1, 7L, 2, 200L, 3, 300L));
                assertThat(store.put("week", FEATURES, List.of(row(2, NOON, 9, 9))))
                        .as("older than Feast's row")
                        .isZero();
                assertThat(store.put("week", FEATURES, List.of(row(3, NOON, 9, 9))))
                        .as("Feast's row has version 0")
                        .isEqualTo(1);
                assertThat(store.retract(
                                "week", FEATURES, List.of(new Retraction(key(2), NOON.plusSeconds(1), 0, null))))
                        .isEqualTo(1);
                assertThat(store.keys("week")).containsExactlyInAnyOrder(key(1), key(3));
            }
        }
    }

    /** In CI Feast must be there; on a user's machine a test that needs it is skipped and says what is missing. */
    private static Path python() {
        String python = System.getenv("LARDER_FEAST_PYTHON");
        boolean there = python != null && Files.isExecutable(Path.of(python));
        if (System.getenv("CI") == null) {
            assumeTrue(there, "Feast is missing: run the tests with ./setup_project.sh test, which prepares it");
        }
        assertThat(there).as("LARDER_FEAST_PYTHON names a Python with Feast").isTrue();
        return Path.of(String.valueOf(python));
    }

    private JsonNode run(Path python, Path repo, String address) throws IOException, InterruptedException {
        Path errors = folder.resolve("feast.err");
        Path answer = folder.resolve("feast.json");
        ProcessBuilder builder = new ProcessBuilder(python.toString(), SCRIPT.toString(), repo.toString(), address)
                .redirectOutput(answer.toFile())
                .redirectError(errors.toFile());
        builder.environment().putAll(Map.of("TZ", "UTC", "FEAST_USAGE", "False", "PYTHONWARNINGS", "ignore"));
        Process process = builder.start();
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
        List<String> lines = Files.readAllLines(answer);
        return new ObjectMapper().readTree(lines.get(lines.size() - 1));
    }

    private static List<@Nullable Long> cell(JsonNode users, int user, String feature) {
        JsonNode cell = users.get(Integer.toString(user)).get(feature);
        Long value = cell.get(0).isNull() ? null : cell.get(0).longValue();
        List<@Nullable Long> both = new ArrayList<>();
        both.add(value);
        both.add(cell.get(1).longValue());
        return both;
    }

    private static Map<Integer, Long> totals(OnlineStore store) {
        List<@Nullable OnlineRow> rows = store.read(
                        List.of(new ViewRead("week", List.of("total"), List.of(key(1), key(2), key(3)))))
                .get(0)
                .rows();
        return Map.of(1, total(rows.get(0)), 2, total(rows.get(1)), 3, total(rows.get(2)));
    }

    private static long total(@Nullable OnlineRow row) {
        byte[] value = Objects.requireNonNull(Objects.requireNonNull(row).values()[0]);
        return ((FeatureValue.Int64) ValueCodec.decode(value)).value();
    }

    private static long micros(Instant time) {
        return time.getEpochSecond() * 1_000_000;
    }

    private static byte[] key(int entity) {
        return OnlineStoreContract.key(entity);
    }

    private static OnlineWrite row(int entity, Instant time, long version, long value) {
        return OnlineStoreContract.row(entity, time, version, value);
    }
}
