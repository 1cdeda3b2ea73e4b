package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.feast.ValueCodec;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore.MaterializationState;
import dev.larder.onlinestore.OnlineStore.OnlineRow;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.onlinestore.OnlineStore.PushRule;
import dev.larder.onlinestore.OnlineStore.Retraction;
import dev.larder.onlinestore.OnlineStore.ViewRead;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RedisOnlineStoreTest extends OnlineStoreContract {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HexFormat HEX = HexFormat.of();
    private static final String PROJECT_OF_GOLDEN = "golden";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static RedisServers servers;

    @SuppressWarnings("NullAway.Init")
    private static RedisServer server;

    @SuppressWarnings("NullAway.Init")
    private static RedisClient client;

    /** Redis as everyone else sees it. */
    @SuppressWarnings("NullAway.Init")
    private static RedisCommands<byte[], byte[]> redis;

    @BeforeAll
    static void startRedis() {
        servers = Redises.in(folder);
        server = servers.standalone();
        client = RedisClient.create("redis://" + server.address());
        redis = client.connect(ByteArrayCodec.INSTANCE).sync();
    }

    @AfterAll
    static void stopRedis() {
        if (servers != null) {
            client.shutdown();
            servers.close();
        }
    }

    @AfterEach
    void empty() {
        redis.flushall();
    }

    @Override
    protected OnlineStore openStore() {
        return Redises.open(server.address());
    }

    @Override
    protected AutoCloseable takeTurn(String view) {
        return Redises.takeTurn(store(), view);
    }

    @Test
    void whatOthersKeepUnderTheEntitysKeyGoesOnlyWithAllOfIt() {
        put("week", row(1, NOON, 10, 7));
        byte[] hash = new RedisLayout("banking").key(key(1));
        redis.hset(hash, "_ts:of_feast".getBytes(StandardCharsets.UTF_8), new byte[0]);
        redis.hset(hash, new byte[] {1, 2, 3, 4}, new byte[] {32, 1});

        assertThat(store().delete(List.of(view("week")), key(1))).containsExactly("week");
        assertThat(redis.hlen(hash)).isEqualTo(2);
        assertThat(store().deleteEverywhere(List.of(view("week"), view("day")), key(1)))
                .isEmpty();
        assertThat(redis.exists(hash)).isZero();
    }

    @Test
    void deletingFromAViewTakesTheFeaturesThatItOnceHad() {
        store().prepare(List.of(view("week", List.of("old", "count", "total")), view("day")));
        store().put("week", List.of("old", "count", "total"), List.of(new OnlineWrite(key(1), NOON, 10, new byte[][] {
            ValueCodec.int64(1), ValueCodec.int64(2), ValueCodec.int64(3)
        })));
        put("day", row(1, NOON, 10, 8));
        store().prepare(List.of(view("week"), view("day")));

        assertThat(store().delete(List.of(view("week")), key(1))).containsExactly("week");
        assertThat(redis.hlen(new RedisLayout("banking").key(key(1))))
                .as("fields of the view day")
                .isEqualTo(3);
    }

    // ------------------------------------------------------------------ Feast's layout

    @Test
    void theHashesAreFeastsByteForByteButForTheVersion() throws IOException {
        Map<String, JsonNode> dump = dump();
        Map<String, List<JsonNode>> rows = new TreeMap<>();
        for (JsonNode row : lines("online_store_rows.jsonl")) {
            rows.computeIfAbsent(view(row) + "/" + row.get("entity_key_hex").textValue(), k -> new ArrayList<>())
                    .add(row);
        }
        redis.flushall();
        try (OnlineStore golden = open(PROJECT_OF_GOLDEN)) {
            rows.values().forEach(features -> putGolden(golden, dump, features));
        }

        Map<String, Map<String, String>> written = new TreeMap<>();
        for (byte[] key : redis.keys("*")) {
            Map<String, String> fields = new TreeMap<>();
            redis.hgetall(key)
                    .forEach((field, value) -> fields.put(HEX.formatHex(field), withoutVersion(field, value)));
            written.put(HEX.formatHex(key), fields);
        }
        Map<String, Map<String, String>> expected = new TreeMap<>();
        dump.forEach((key, node) -> {
            Map<String, String> fields = new TreeMap<>();
            node.get("fields")
                    .properties()
                    .forEach(f -> fields.put(f.getKey(), f.getValue().textValue()));
            expected.put(key, fields);
        });
        assertThat(written).isEqualTo(expected).hasSizeGreaterThan(5);
    }

    @Test
    void whatFeastWroteIsRead() throws IOException {
        Map<String, JsonNode> dump = dump();
        dump.forEach((key, node) -> node.get("fields")
                .properties()
                .forEach(field -> redis.hset(
                        HEX.parseHex(key),
                        HEX.parseHex(field.getKey()),
                        HEX.parseHex(field.getValue().textValue()))));

        try (OnlineStore golden = open(PROJECT_OF_GOLDEN)) {
            for (JsonNode row : lines("online_store_rows.jsonl")) {
                byte[] key = HEX.parseHex(row.get("entity_key_hex").textValue());
                OnlineRow read = Objects.requireNonNull(golden.read(List.of(new ViewRead(
                                view(row), List.of(row.get("feature_name").textValue()), List.of(key))))
                        .get(0)
                        .rows()
                        .get(0));

                assertThat(read.eventSeconds()).isEqualTo(row.get("event_ts").longValue());
                assertThat(read.values()[0])
                        .isEqualTo(HEX.parseHex(row.get("value_hex").textValue()));
            }
            assertThat(golden.keys("driver_basic")).hasSize(3);
        }
    }

    @Test
    void aRowOfFeastsHasVersion0() {
        byte[] time = RedisTime.of(NOON, 0).bytes();
        redis.hset(hash(1), RedisLayout.utf8("_ts:week"), time);

        assertThat(put("week", row(1, NOON, 0, 3))).isZero();
        assertThat(put("week", row(1, NOON, 1, 8))).isEqualTo(1);
        assertThat(read("week", 1)).isEqualTo(stored(NOON, 8));

        redis.hset(hash(1), RedisLayout.utf8("_ts:week"), time);
        assertThat(retract("week", new Retraction(key(1), NOON, 1, null))).isZero();
        assertThat(retract("week", new Retraction(key(1), NOON, 0, null))).isEqualTo(1);
    }

    @Test
    void aTimeThatAnotherProgramWroteDifferentlyIsComparedByItsMeaning() {
        // Seconds, then nanos written out although they are 0, then a field that nobody knows.
        byte[] seconds = RedisTime.of(NOON, 0).bytes();
        byte[] odd = Arrays.copyOf(seconds, seconds.length + 4);
        System.arraycopy(new byte[] {0x10, 0, 0x30, 5}, 0, odd, seconds.length, 4);
        redis.hset(hash(1), RedisLayout.utf8("_ts:week"), odd);

        assertThat(put("week", row(1, NOON, 0, 3))).isZero();
        assertThat(retract("week", new Retraction(key(1), NOON, 0, row(1, NOON.minusSeconds(1), 4, 5))))
                .isEqualTo(1);
        assertThat(read("week", 1)).isEqualTo(stored(NOON.minusSeconds(1), 5));
    }

    @Test
    void theYear1970IsAnEmptyTimeAndNotAMissingOne() {
        assertThat(put("week", row(1, Instant.EPOCH, 0, 7))).isEqualTo(1);

        assertThat(redis.hget(hash(1), RedisLayout.utf8("_ts:week"))).isEmpty();
        assertThat(read("week", 1)).isEqualTo(stored(Instant.EPOCH, 7));
        assertThat(put("week", row(1, Instant.EPOCH.minusSeconds(1), 5, 8))).isZero();
    }

    @Test
    void microsecondsAreKept() {
        put("week", row(1, NOON.plusNanos(123_456_000), 10, 7));

        assertThat(readRows("week", FEATURES, List.of(key(1))))
                .singleElement()
                .extracting(OnlineRow::eventNanos)
                .isEqualTo(123_456_000);
    }

    @Test
    void aPushWithoutAVersionLeavesTheBytesThatFeastWouldWrite() {
        push("week", PushRule.LATER, row(1, NOON.plusNanos(1_000), 0, 7));

        assertThat(redis.hget(hash(1), RedisLayout.utf8("_ts:week"))).isEqualTo(HEX.parseHex("08c0d490cd0610e807"));
    }

    @Test
    void aPushOfSomeFeaturesWritesTheseAlone() {
        pushTotal(PushRule.LATEST, 1, NOON, 10, 7);

        assertThat(redis.hlen(hash(1))).isEqualTo(2);
    }

    @Test
    void aTimeThatIsNoneGivesWayToWhateverIsPushed() {
        for (PushRule rule : PushRule.values()) {
            put("week", row(1, NOON, 10, 7));
            damage(1);

            assertThat(push("week", rule, row(1, NOON.minusSeconds(60), 1, 8))).isEqualTo(1);
            assertThat(read("week", 1)).isEqualTo(stored(NOON.minusSeconds(60), 8));
            redis.del(hash(1));
        }
    }

    @Test
    void oneViewsColumnsStayWhenAnotherViewIsWritten() {
        put("week", row(1, NOON, 10, 7));
        put("day", row(1, NOON.minusSeconds(100), 9, 8));

        assertThat(redis.dbsize()).isEqualTo(2 /* the hash and what prepare remembers */);
        assertThat(redis.hlen(hash(1))).isEqualTo(6);
        assertThat(read("week", 1)).isEqualTo(stored(NOON, 7));
    }

    @Test
    void theHashGoesWithItsLastRow() {
        put("week", row(1, NOON, 10, 7));
        put("day", row(1, NOON, 10, 8));

        retract("week", new Retraction(key(1), NOON, 10, null));
        assertThat(redis.hlen(hash(1))).isEqualTo(3);
        retract("day", new Retraction(key(1), NOON, 10, null));

        assertThat(redis.exists(hash(1))).isZero();
    }

    @Test
    void aViewOfThousandsOfFeaturesIsWritten() {
        List<String> wide = IntStream.range(0, 5_000).mapToObj(i -> "f" + i).toList();
        byte[][] values = IntStream.range(0, 5_000).mapToObj(ValueCodec::int64).toArray(byte[][]::new);

        assertThat(store().put("week", wide, List.of(new OnlineWrite(key(1), NOON, 10, values))))
                .isEqualTo(1);
        assertThat(Objects.requireNonNull(
                                readRows("week", wide, List.of(key(1))).get(0))
                        .values())
                .isDeepEqualTo(values);
        assertThat(store().retract("week", wide, List.of(new Retraction(key(1), NOON, 10, null))))
                .isEqualTo(1);
        assertThat(redis.exists(hash(1))).isZero();
    }

    @Test
    void fewFeaturesOfALargeHashAreStillRead() {
        List<String> wide = IntStream.range(0, 700).mapToObj(i -> "f" + i).toList();
        byte[][] values = IntStream.range(0, 700).mapToObj(ValueCodec::int64).toArray(byte[][]::new);
        store().put("week", wide, List.of(new OnlineWrite(key(1), NOON, 10, values)));

        // The first reads the hash whole and learns its size; the second looks the fields up.
        for (int i = 0; i < 2; i++) {
            assertThat(Objects.requireNonNull(readRows("week", wide.subList(100, 140), List.of(key(1)))
                                    .get(0))
                            .values())
                    .isDeepEqualTo(Arrays.copyOfRange(values, 100, 140));
        }
        assertThat(server.cli("INFO", "commandstats")).contains("cmdstat_hgetall:calls=", "cmdstat_hmget:calls=");
    }

    // ------------------------------------------------------------------ time to live

    @Test
    void aWriteRenewsTheTimeToLiveAndASkippedOneDoesNot() {
        try (OnlineStore expiring = RedisOnlineStore.open(
                RedisSettings.parse("redis", server.address(), "", OptionalInt.of(3_600)), Redises.PROJECT)) {
            expiring.put("week", FEATURES, List.of(row(1, NOON, 10, 7)));
            assertThat(redis.ttl(hash(1))).isBetween(3_590L, 3_600L);
            redis.expire(hash(1), 100);

            expiring.put("week", FEATURES, List.of(row(1, NOON, 10, 7)));
            assertThat(redis.ttl(hash(1))).isBetween(90L, 100L);
            expiring.put("day", FEATURES, List.of(row(1, NOON, 10, 7)));
            assertThat(redis.ttl(hash(1))).isBetween(3_590L, 3_600L);
        }
        redis.expire(hash(1), 100);
        put("week", row(1, NOON, 11, 7));
        assertThat(redis.ttl(hash(1))).isBetween(90L, 100L);
    }

    // ------------------------------------------------------------------ projects, views, state

    @Test
    void projectsWhoseNamesEndAlikeAreKeptApart() {
        try (OnlineStore longer = open("investment" + Redises.PROJECT)) {
            longer.prepare(List.of(view("week")));
            longer.put("week", FEATURES, List.of(row(9, NOON, 10, 9)));
            longer.saveState("week", new MaterializationState(1, NOON, "hash"));
            put("week", row(1, NOON, 10, 7));

            assertThat(store().keys("week")).containsExactly(key(1));
            assertThat(longer.keys("week")).containsExactly(key(9));
            store().prepare(List.of(view("day")));
            assertThat(store().keys("week")).isEmpty();
            assertThat(longer.keys("week")).containsExactly(key(9));
            assertThat(longer.state("week")).isPresent();
        }
    }

    @Test
    void aProjectsNameIsNoPattern() {
        try (OnlineStore odd = open("b[a]nk*")) {
            odd.put("week", FEATURES, List.of(row(1, NOON, 10, 7)));
            assertThat(odd.keys("week")).containsExactly(key(1));
        }
    }

    @Test
    void keysOfOtherProgramsThatEndLikeTheProjectAreLeftAlone() {
        redis.set(RedisLayout.utf8("session:" + Redises.PROJECT), new byte[] {1});
        redis.lpush(RedisLayout.utf8("queue:" + Redises.PROJECT), new byte[] {1});
        redis.hset(RedisLayout.utf8("shop:" + Redises.PROJECT), RedisLayout.utf8("_ts:week"), new byte[] {8, 1});
        put("week", row(1, NOON, 10, 7));

        assertThat(store().keys("week")).containsExactly(key(1));
        store().prepare(List.of(view("day")));

        assertThat(store().keys("week")).isEmpty();
        assertThat(redis.keys("*:" + Redises.PROJECT)).hasSize(3);
    }

    @Test
    void anotherDatabaseIsAnotherStore() {
        try (RedisOnlineStore third = Redises.open(server.address() + ",db=3")) {
            third.put("week", FEATURES, List.of(row(1, NOON, 10, 7)));
            third.saveState("week", new MaterializationState(1, NOON, "hash"));

            assertThat(third.keys("week")).containsExactly(key(1));
            assertThat(third.state("week")).isPresent();
        }
        assertThat(server.cli("-n", "3", "DBSIZE")).isEqualTo("2");
        assertThat(read("week", 1)).isNull();
        assertThat(store().state("week")).isEmpty();
    }

    @Test
    void removingAViewTakesAllFeaturesThatItEverHad() {
        store().put("week", List.of("count", "total"), List.of(row(1, NOON, 10, 7)));
        put("day", row(1, NOON, 10, 7));
        store().prepare(List.of(view("week", List.of("total", "newcomer")), view("day")));

        store().prepare(List.of(view("day")));

        assertThat(redis.hlen(hash(1))).isEqualTo(3);
        assertThat(read("day", 1)).isEqualTo(stored(NOON, 7));
    }

    @Test
    void withoutFullScanTheRowsStayAndTheStateGoes() {
        put("week", row(1, NOON, 10, 7));
        store().saveState("week", new MaterializationState(1, NOON, "hash"));
        redis.configResetstat();
        try (OnlineStore quick =
                RedisOnlineStore.open(Redises.settings(server.address()).withoutScanForDeletion(), Redises.PROJECT)) {
            quick.prepare(List.of(view("day")));

            assertThat(redis.info("commandstats")).doesNotContain("cmdstat_scan");
            assertThat(redis.hlen(hash(1))).isEqualTo(3);
            assertThat(quick.state("week")).isEmpty();
        }
    }

    @Test
    void preparingTheSameViewsLooksAtNoRow() {
        redis.configResetstat();

        store().prepare(List.of(view("week"), view("day")));

        assertThat(redis.info("commandstats"))
                .contains("cmdstat_hgetall:calls=1")
                .doesNotContain("cmdstat_scan", "cmdstat_hset");
    }

    @Test
    void aStoreThatWasEmptiedHasNoState() {
        store().saveState("week", new MaterializationState(1, NOON, "hash"));

        redis.flushall();

        assertThat(store().state("week")).isEmpty();
    }

    @Test
    void aStoreThatIsEmptiedAfterItsStateWasAskedForTakesNoNewOne() {
        MaterializationState state = new MaterializationState(1, NOON, "hash");
        store().saveState("week", state);
        OnlineStore next = open();
        assertThat(next.state("week")).contains(state);

        redis.flushall();

        assertFails(
                () -> next.saveState("week", state),
                ErrorCode.ONLINE_STORE_UNAVAILABLE,
                "Redis at %s was emptied meanwhile. Run this again.".formatted(server.address()));
        assertThat(open().state("week")).isEmpty();
    }

    @Test
    void aNewStoreThatIsEmptiedWhileItIsFilledIsNotTakenForFull() {
        MaterializationState state = new MaterializationState(1, NOON, "hash");
        OnlineStore first = open();
        assertThat(first.state("week")).isEmpty();
        first.saveState("week", new MaterializationState(1, NOON, "writing"));

        redis.flushall();
        OnlineStore other = open();
        other.saveState("day", state);

        assertFails(() -> first.saveState("week", state), ErrorCode.ONLINE_STORE_UNAVAILABLE, "was emptied meanwhile");
        assertThat(other.state("week")).isEmpty();
        assertThat(other.state("day")).contains(state);
    }

    @Test
    void twoViewsThatFillANewStoreAtTheSameTimeDoNotDisturbEachOther() {
        MaterializationState state = new MaterializationState(1, NOON, "hash");
        OnlineStore one = open();
        OnlineStore other = open();
        assertThat(one.state("week")).isEmpty();
        assertThat(other.state("day")).isEmpty();

        one.saveState("week", state);
        other.saveState("day", state);
        one.saveState("week", state);

        assertThat(store().state("week")).contains(state);
        assertThat(store().state("day")).contains(state);
    }

    @Test
    void ourOwnKeysDoNotLookLikeFeasts() {
        store().saveState("week", new MaterializationState(1, NOON, "hash"));

        assertThat(redis.keys("*").stream()
                        .map(key -> new String(key, StandardCharsets.UTF_8))
                        .toList())
                .containsExactlyInAnyOrder("larder:{banking}:state", "larder:{banking}:views");
        assertThat(store().keys("week")).isEmpty();
    }

    // ------------------------------------------------------------------ a server with troubles

    @Test
    void aScriptThatTheServerHasForgottenIsLoadedAgain() {
        put("week", row(1, NOON, 10, 7));
        redis.scriptFlush();

        assertThat(put("week", row(1, NOON, 11, 8))).isEqualTo(1);
        assertThat(put("week", row(1, NOON, 12, 9))).isEqualTo(1);
    }

    @Test
    void aTimeThatIsNoneIsNamed() {
        damage(1);

        assertFails(
                () -> read("week", 1),
                ErrorCode.ONLINE_STORE_CORRUPT,
                "row of feature view week without a usable time (expected: as Feast writes it). Run redis-cli HDEL 'larder:{banking}:state' week, then materialize");
    }

    @Test
    void aTimeThatIsNoneGivesWayToWhateverIsWritten() {
        damage(1);
        assertThat(put("week", row(1, Instant.EPOCH.minusSeconds(1), 0, 7))).isEqualTo(1);
        assertThat(read("week", 1)).isEqualTo(stored(Instant.EPOCH.minusSeconds(1), 7));

        damage(1);
        assertThat(retract("week", new Retraction(key(1), NOON, 1, row(1, NOON, 1, 8))))
                .isEqualTo(1);
        assertThat(read("week", 1)).isEqualTo(stored(NOON, 8));

        damage(1);
        assertThat(retract("week", new Retraction(key(1), NOON, 1, null))).isEqualTo(1);
        assertThat(redis.exists(hash(1))).isZero();
        assertThat(retract("week", new Retraction(key(1), NOON, 1, null))).isZero();

        damage(1);
        store().prepare(List.of(view("day")));
        assertThat(redis.exists(hash(1))).isZero();
    }

    @Test
    void aKeyThatIsNoHashIsNamed() {
        redis.set(hash(1), new byte[] {1});

        for (Runnable call : List.<Runnable>of(() -> read("week", 1), () -> put("week", row(1, NOON, 1, 1)))) {
            assertFails(call, ErrorCode.ONLINE_STORE_CORRUPT, "holds something else than a hash");
        }
    }

    @Test
    void aUserWithoutAPasswordLogsIn() {
        RedisServer guarded = servers.standalone("requirepass horse");
        guarded.cli("ACL", "SETUSER", "guest", "on", "nopass", "~*", "+@all");
        try (OnlineStore store = Redises.open(guarded.address() + ",username=guest")) {
            assertThat(store.put("week", FEATURES, List.of(row(1, NOON, 10, 7))))
                    .isEqualTo(1);
        }
    }

    @Test
    void aUserWithTheCommandsThatTheErrorNamesMayDoEverything() {
        RedisServer guarded = servers.standalone("requirepass horse");
        assertThat(guarded.cli(Redises.addUser("larder", "horse"))).isEqualTo("OK");
        try (RedisOnlineStore store = Redises.open(guarded.address() + ",username=larder,password=horse");
                Lease lease = store.lease("materialize", Duration.ofMinutes(1)).orElseThrow();
                RedisOnlineStore writing = RedisOnlineStore.open(
                        RedisSettings.parse(
                                "redis",
                                guarded.address() + ",username=larder,password=horse",
                                "",
                                OptionalInt.of(3_600)),
                        Redises.PROJECT,
                        lease.token())) {
            List<String> wide = IntStream.range(0, 50).mapToObj(i -> "f" + i).toList();
            writing.prepare(List.of(view("week"), view("day", wide)));
            assertThat(writing.state("week")).isEmpty();
            writing.saveState("week", new MaterializationState(1, NOON, "hash"));
            writing.put("week", FEATURES, List.of(row(1, NOON, 10, 7), row(2, NOON, 10, 7)));
            writing.retract("week", FEATURES, List.of(new Retraction(key(1), NOON, 10, null)));
            assertThat(store.keys("week")).containsExactly(key(2));
            assertThat(store.read(List.of(
                            new ViewRead("week", FEATURES, List.of(key(2))),
                            new ViewRead("day", wide, List.of(key(2))))))
                    .hasSize(2);
            store.saveState("week", new MaterializationState(2, NOON, "hash"));
            writing.prepare(List.of(view("day")));
            assertThat(store.keys("week")).isEmpty();
        }
    }

    @Test
    void aServerThatIsNotThereIsNamedAndTriedAgain() {
        RedisServer another = servers.standalone();
        another.stop();
        try (OnlineStore store = Redises.open(another.address() + ",password=horse")) {
            assertFails(
                    () -> store.state("week"),
                    ErrorCode.ONLINE_STORE_UNAVAILABLE,
                    "Redis at " + another.address() + " does not take connections");
        }
        try (OnlineStore store = Redises.open(another.address())) {
            assertFails(() -> store.state("week"), ErrorCode.ONLINE_STORE_UNAVAILABLE, "Start it, or correct");
            another.start();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .ignoreExceptionsInstanceOf(LarderException.class)
                    .untilAsserted(() -> assertThat(store.state("week")).isEmpty());
        }
    }

    @Test
    void aServerThatIsStartedAgainIsUsedAgain() {
        RedisServer another = servers.standalone();
        try (OnlineStore store = Redises.open(another.address())) {
            store.put("week", FEATURES, List.of(row(1, NOON, 10, 7)));
            store.saveState("week", new MaterializationState(1, NOON, "hash"));
            another.stop();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertFails(
                            () -> store.read(List.of(new ViewRead("week", FEATURES, List.of(key(1))))),
                            ErrorCode.ONLINE_STORE_UNAVAILABLE,
                            another.address()));
            another.start();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .ignoreExceptionsInstanceOf(LarderException.class)
                    .untilAsserted(() -> assertThat(store.state("week")).isEmpty());
            assertThat(store.put("week", FEATURES, List.of(row(1, NOON, 10, 7))))
                    .isEqualTo(1);
        }
    }

    @Test
    void aServerThatStandsStillIsNotWaitedForForever() {
        RedisServer another = servers.standalone();
        try (OnlineStore store = Redises.open(another.address() + ",socket_timeout=0.4,socket_connect_timeout=0.4")) {
            store.put("week", FEATURES, List.of(row(1, NOON, 10, 7)));
            another.freeze();

            assertFails(
                    () -> store.read(List.of(new ViewRead("week", FEATURES, List.of(key(1))))),
                    ErrorCode.ONLINE_STORE_UNAVAILABLE,
                    "did not answer within 0.4 s");
            another.thaw();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .ignoreExceptionsInstanceOf(LarderException.class)
                    .untilAsserted(() -> assertThat(store.keys("week")).hasSize(1));
        }
    }

    @Test
    void aServerThatIsFullSaysSo() {
        RedisServer full = servers.standalone("maxmemory 1mb");
        try (OnlineStore store = Redises.open(full.address())) {
            assertFails(
                    () -> store.put("week", List.of("text"), List.of(new OnlineWrite(key(1), NOON, 1, new byte[][] {
                        new byte[2_000_000]
                    }))),
                    ErrorCode.ONLINE_STORE_UNAVAILABLE,
                    "has reached its maxmemory");
        }
    }

    @Test
    void aClusterIsNotTakenForOneServerNorTheOtherWayRound() {
        RedisServer node = servers.cluster(1).get(0);
        try (OnlineStore store = Redises.open(node.address())) {
            assertThat(store.put("week", FEATURES, List.of(row(1, NOON, 1, 1)))).isEqualTo(1);
        }
        try (OnlineStore store = RedisOnlineStore.open(
                RedisSettings.parse("redis_cluster", server.address(), "", OptionalInt.empty()), Redises.PROJECT)) {
            assertFails(
                    () -> store.state("week"),
                    ErrorCode.ONLINE_STORE_UNAVAILABLE,
                    "is no cluster. Use redis_type: redis.");
        }
    }

    @Test
    void slotsThatNobodyServesAreNamed() {
        RedisServer node = servers.cluster(1).get(0);
        try (OnlineStore store = RedisOnlineStore.open(
                RedisSettings.parse("redis_cluster", node.address(), "", OptionalInt.empty()), Redises.PROJECT)) {
            store.put("week", FEATURES, List.of(row(1, NOON, 1, 1)));
            node.cli("CLUSTER", "DELSLOTSRANGE", "0", "16383");

            assertFails(
                    () -> store.put("week", FEATURES, List.of(row(1, NOON, 2, 1))),
                    ErrorCode.ONLINE_STORE_UNAVAILABLE,
                    "has hash slots that no node serves");
        }
    }

    // ------------------------------------------------------------------ parts

    private static OnlineStore open(String project) {
        return RedisOnlineStore.open(Redises.settings(server.address()), project);
    }

    /** Leaves half a number for the time of a row. */
    private static void damage(int entity) {
        redis.hset(hash(entity), RedisLayout.utf8("_ts:week"), new byte[] {8, (byte) 0x80});
    }

    private static byte[] hash(int entity) {
        return new RedisLayout(Redises.PROJECT).key(key(entity));
    }

    private static void assertFails(Runnable call, ErrorCode code, String words) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(code))
                .message()
                .contains(words)
                .doesNotContain("horse");
    }

    private static void putGolden(OnlineStore store, Map<String, JsonNode> dump, List<JsonNode> features) {
        JsonNode first = features.get(0);
        byte[] entityKey = HEX.parseHex(first.get("entity_key_hex").textValue());
        JsonNode hash =
                Objects.requireNonNull(dump.get(HEX.formatHex(new RedisLayout(PROJECT_OF_GOLDEN).key(entityKey))));
        String timeField = HEX.formatHex(RedisLayout.utf8("_ts:" + view(first)));
        RedisTime time = Objects.requireNonNull(
                RedisTime.parse(HEX.parseHex(hash.get("fields").get(timeField).textValue())));
        long written = store.put(
                view(first),
                features.stream().map(f -> f.get("feature_name").textValue()).toList(),
                List.of(new OnlineWrite(
                        entityKey,
                        Instant.ofEpochSecond(time.seconds(), time.nanos()),
                        0x0102030405060708L,
                        features.stream()
                                .map(f -> HEX.parseHex(f.get("value_hex").textValue()))
                                .toArray(byte[][]::new))));
        assertThat(written).isEqualTo(1);
    }

    /** The value, whose end must be the version that {@link #putGolden} has written if it is a time. */
    private static String withoutVersion(byte[] field, byte[] value) {
        if (!new String(field, StandardCharsets.ISO_8859_1).startsWith("_ts:")) {
            return HEX.formatHex(value);
        }
        int length = value.length - 9;
        ByteBuffer version = ByteBuffer.wrap(value, length, 9).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(version.get()).isEqualTo((byte) ((15 << 3) | 1));
        assertThat(version.getLong()).isEqualTo(0x0102030405060708L);
        return HEX.formatHex(value, 0, length);
    }

    private static String view(JsonNode row) {
        return row.get("table").textValue().substring((PROJECT_OF_GOLDEN + "_").length());
    }

    private static Map<String, JsonNode> dump() throws IOException {
        Map<String, JsonNode> dump = new TreeMap<>();
        lines("redis_dump.jsonl").forEach(line -> dump.put(line.get("key_hex").textValue(), line));
        return dump;
    }

    private static List<JsonNode> lines(String name) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        try (InputStream in =
                Objects.requireNonNull(RedisOnlineStoreTest.class.getResourceAsStream("/golden/" + name), name)) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                lines.add(JSON.readTree(line));
            }
        }
        return lines;
    }
}
