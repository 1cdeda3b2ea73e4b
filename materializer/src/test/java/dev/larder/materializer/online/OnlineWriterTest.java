package dev.larder.materializer.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.feast.EntityKeyCodec;
import dev.larder.feast.ValueCodec;
import dev.larder.materializer.lake.Micros;
import dev.larder.materializer.online.OnlineStores.Turn;
import dev.larder.materializer.testing.Lakes;
import dev.larder.model.EntityKey;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.OnlineStore.OnlineRow;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.onlinestore.OnlineStore.PushRule;
import dev.larder.onlinestore.OnlineStore.ViewRead;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OnlineWriterTest {
    private static final String VIEW = "week";
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final long VERSION = 1_772_000_000_000_000L;

    @TempDir
    private static Path folder = Path.of("");

    @SuppressWarnings("NullAway.Init")
    private static RedisServers servers;

    @SuppressWarnings("NullAway.Init")
    private static RedisServer server;

    @BeforeAll
    static void startRedis() {
        servers = TestRedis.in(folder);
        server = servers.standalone();
    }

    @AfterAll
    static void stopRedis() {
        if (servers != null) {
            servers.close();
        }
    }

    @BeforeEach
    void empty() {
        server.cli("FLUSHALL");
    }

    @Test
    void oneThatStoodStillUntilItsTurnWasOverChangesNothing() {
        try (Turn late = stores().turn(VIEW)) {
            write(late, List.of(row(1, NOON, 1, null), row(2, NOON, 1, null), row(3, NOON, 1, null)));
            server.cli("DEL", "larder:{banking}:lease:materialize:" + VIEW);
            try (Turn next = stores().turn(VIEW)) {
                write(
                        next,
                        List.of(
                                row(1, NOON.plusSeconds(9), 2, NOON),
                                row(2, NOON.minusSeconds(9), 2, NOON),
                                row(3, null, 0, NOON)));
                Map<Long, String> written = stored();
                assertThat(written).isEqualTo(Map.of(1L, NOON.plusSeconds(9) + " 2", 2L, NOON.minusSeconds(9) + " 2"));

                assertLost(late, row(1, NOON.plusSeconds(5), 3, null));
                assertLost(late, row(2, NOON.plusSeconds(5), 3, null));
                assertLost(late, row(3, NOON.plusSeconds(5), 3, null));
                assertLost(late, row(1, NOON.plusSeconds(5), 3, NOON));
                assertLost(late, row(2, null, 0, null));
                assertThat(stored()).isEqualTo(written);
            }
        }
    }

    @Test
    void aRowThatIsDamagedGetsWhatItShouldHave() {
        try (Turn turn = stores().turn(VIEW)) {
            write(
                    turn,
                    LongStream.range(0, 4).mapToObj(i -> row(i, NOON, 1, null)).toList());
            server.cli(
                    "EVAL",
                    "for _, key in ipairs(redis.call('KEYS', '*banking')) do redis.call('HSET', key, '_ts:week', '\\8\\128') end",
                    "0");

            write(
                    turn,
                    List.of(
                            row(0, NOON, 2, null),
                            row(1, null, 0, null),
                            row(2, NOON.minusSeconds(9), 2, NOON),
                            row(3, null, 0, NOON)));
            assertThat(stored()).isEqualTo(Map.of(0L, NOON + " 2", 2L, NOON.minusSeconds(9) + " 2"));
        }
    }

    @Test
    void whatNobodyKnowsIsTakenOver() {
        try (Turn turn = stores().turn(VIEW)) {
            write(turn, List.of(row(1, NOON.plusSeconds(9), 1, null), row(2, NOON.plusSeconds(9), 1, null)));
            push(3, NOON.plusSeconds(9), 7);

            write(turn, true, List.of(row(1, NOON, 2, null), row(2, null, 0, null), row(3, NOON, 2, null)));
            assertThat(stored()).isEqualTo(Map.of(1L, NOON + " 2", 3L, NOON + " 2"));
        }
    }

    @Test
    void whatWasPushedSinceAndIsNewerStays() {
        Instant pushed = NOON.plusSeconds(60);
        try (Turn turn = stores().turn(VIEW)) {
            write(turn, List.of(row(0, NOON, 1, null), row(1, NOON, 1, null), row(2, NOON, 1, null)));
            for (long user = 0; user < 4; user++) {
                push(user, pushed, 7);
            }

            write(
                    turn,
                    List.of(
                            row(0, NOON.plusSeconds(30), 2, NOON),
                            row(1, NOON.minusSeconds(30), 2, NOON),
                            row(2, null, 0, NOON),
                            row(3, NOON, 2, null)));
            assertThat(stored())
                    .as("newer than anything the table has or had")
                    .isEqualTo(Map.of(0L, pushed + " 7", 1L, pushed + " 7", 2L, pushed + " 7", 3L, pushed + " 7"));

            write(
                    turn,
                    List.of(
                            row(0, pushed.plusSeconds(1), 3, NOON.plusSeconds(30)),
                            row(3, pushed.minusSeconds(1), 3, pushed.plusSeconds(1))));
            assertThat(stored())
                    .as("a newer row of the table, and a correction of one that was newer")
                    .isEqualTo(Map.of(
                            0L,
                            pushed.plusSeconds(1) + " 3",
                            1L,
                            pushed + " 7",
                            2L,
                            pushed + " 7",
                            3L,
                            pushed.minusSeconds(1) + " 3"));
        }
    }

    @Test
    void aPushAtTheSameSecondGivesWayToACorrection() {
        try (Turn turn = stores().turn(VIEW)) {
            write(turn, List.of(row(1, NOON, 1, null), row(2, NOON, 1, null)));
            push(1, NOON, 7);
            push(2, NOON, 7);

            write(turn, List.of(row(1, null, 0, NOON), row(2, NOON.minusSeconds(9), 2, NOON)));
            assertThat(stored()).isEqualTo(Map.of(2L, NOON.minusSeconds(9) + " 2"));
        }
    }

    @Test
    void theGreatestVersionThatAPushMayHaveIsTakenOver() {
        try (Turn turn = stores().turn(VIEW)) {
            try (OnlineStore store = stores().open()) {
                store.push(
                        VIEW,
                        List.of("total"),
                        List.of(new OnlineWrite(
                                key(1), NOON.plusNanos(999_999_000), OnlineStore.TAKEOVER_VERSION - 1, new byte[][] {
                                    ValueCodec.int64(7)
                                })),
                        PushRule.LATEST);
            }

            write(turn, List.of(row(1, NOON, 2, NOON)));
            assertThat(stored()).isEqualTo(Map.of(1L, NOON + " 2"));
        }
    }

    private static void assertLost(Turn turn, Row row) {
        assertThatThrownBy(() -> write(turn, List.of(row)))
                .isInstanceOf(LarderException.class)
                .hasMessageContaining("The lease 'materialize:week' in Redis was lost");
    }

    private static OnlineStores stores() {
        return TestRedis.stores(server, Duration.ofSeconds(30));
    }

    /** As the feature server does: the version is the time at which it came. */
    private static void push(long user, Instant time, long value) {
        try (OnlineStore store = stores().open()) {
            store.push(
                    VIEW,
                    List.of("total"),
                    List.of(new OnlineWrite(key(user), time, VERSION + 1, new byte[][] {ValueCodec.int64(value)})),
                    PushRule.LATEST);
        }
    }

    private static void write(Turn turn, List<Row> rows) {
        write(turn, false, rows);
    }

    private static void write(Turn turn, boolean refill, List<Row> rows) {
        List<Row> typed = Lakes.create()
                .spark()
                .createDataFrame(
                        rows,
                        EncodedRows.SCHEMA
                                .add("previous_time", DataTypes.LongType)
                                .add("previous_version", DataTypes.LongType))
                .collectAsList();
        new OnlineWriter(turn.stores(), VIEW, List.of("total"), refill, new LongAccumulator(), new LongAccumulator())
                .call(typed.iterator());
    }

    /**
     * @param time of the row that the entity should have; null: none
     * @param previous of the row that should be there; null: none is known of
     */
    private static Row row(long user, @Nullable Instant time, long value, @Nullable Instant previous) {
        return RowFactory.create(
                key(user),
                time == null ? null : Micros.of(time),
                time == null ? null : VERSION,
                time == null ? null : List.of(ValueCodec.int64(value)),
                previous == null ? null : Micros.of(previous),
                previous == null ? null : VERSION);
    }

    private static byte[] key(long user) {
        return EntityKeyCodec.encode(EntityKey.of("user_id", FeatureValue.of(user)), 3);
    }

    /** Event time and value of each stored entity. */
    private static Map<Long, String> stored() {
        Map<Long, String> stored = new TreeMap<>();
        try (OnlineStore store = stores().open()) {
            for (long user = 0; user < 4; user++) {
                OnlineRow row = store.read(List.of(new ViewRead(VIEW, List.of("total"), List.of(key(user)))))
                        .get(0)
                        .rows()
                        .get(0);
                byte[] value = row == null ? null : row.values()[0];
                if (row != null && value != null) {
                    FeatureValue.Int64 total = (FeatureValue.Int64) ValueCodec.decode(value);
                    stored.put(user, Instant.ofEpochSecond(row.eventSeconds()) + " " + total.value());
                }
            }
        }
        return stored;
    }
}
