package dev.larder.server.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.feast.EntityKeyCodec;
import dev.larder.feast.ValueCodec;
import dev.larder.model.EntityKey;
import dev.larder.model.EntityKey.JoinKey;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureValue;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.model.ValueType;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.OnlineStore.OnlineRow;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.onlinestore.OnlineStore.Retraction;
import dev.larder.onlinestore.OnlineStore.ViewRead;
import dev.larder.registry.ViewSource;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.registry.config.OnlineStoreConfig;
import dev.larder.server.online.Limits;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What rows that are sent leave in every online store, in mode {@code strict} but where a test says otherwise. */
abstract class FeatureWritesContract {
    private static final String NOON = "2026-03-01T12:00:00Z";
    private static final String BEFORE = "2026-03-01T11:59:00Z";
    private static final String LATER = "2026-03-01T12:01:00Z";

    private static final FeatureView COUNTS =
            view("counts", new Field("day", ValueType.INT64), new Field("week", ValueType.INT64));
    private static final FeatureView TEXTS = view("texts", new Field("city", ValueType.STRING));
    private static final FeatureView MAPPED = view("mapped", new Field("total", ValueType.DOUBLE));
    private static final FeatureView GLOBAL = new FeatureView(
            "global",
            List.of(),
            List.of(),
            List.of(new Field("rate", ValueType.DOUBLE)),
            Duration.ZERO,
            true,
            "",
            null,
            "",
            Map.of(),
            "");
    private static final WriteDefinitions DEFINITIONS = new WriteDefinitions(
            new Repository("banking", List.of(), List.of(), List.of(COUNTS, TEXTS, MAPPED, GLOBAL), List.of()),
            Set.of("ratio"),
            Map.of(
                    "counts", new ViewSource("events", "event_timestamp", "created", Map.of()),
                    "texts", new ViewSource("events", "event_timestamp", "", Map.of()),
                    "mapped", new ViewSource(null, "at", "made", Map.of("amount", "total", "client", "user_id"))),
            Set.of("events", "idle"));

    private final TestClock clock = new TestClock();
    private @Nullable OnlineStore store;
    private @Nullable FeatureWrites writes;

    /** The store of this test, which is empty at first; a second call opens the same data again. */
    protected abstract OnlineStore openStore();

    protected abstract OnlineStoreConfig config();

    @BeforeEach
    final void open() {
        store = openStore();
        writes = writes(store(), Mode.STRICT, Limits.DEFAULT);
    }

    @AfterEach
    final void close() {
        store().close();
    }

    // ------------------------------------------------------------------ where rows go

    @Test
    void aPushFeedsEveryViewOfItsSource() {
        assertThat(push(df("user_id", 1, "day", 3, "week", 9, "city", "Rome", "event_timestamp", NOON)))
                .isEqualTo(2);

        assertThat(counts(1)).containsExactly(3L, 9L);
        assertThat(city(1)).isEqualTo("Rome");
        assertThat(time("counts", 1)).isEqualTo(Instant.parse(NOON).getEpochSecond());
    }

    @Test
    void aPushOfOneViewsFeaturesLeavesTheOthersAlone() {
        push(df("user_id", 1, "city", "Rome", "event_timestamp", NOON));

        assertThat(counts(1)).isNull();
        assertThat(city(1)).isEqualTo("Rome");
    }

    @Test
    void aWriteFeedsItsViewAlone() {
        assertThat(write("texts", df("user_id", 1, "day", 3, "city", "Rome", "event_timestamp", NOON)))
                .isEqualTo(1);

        assertThat(counts(1)).isNull();
    }

    @Test
    void aViewWithoutEntitiesHasOneRow() {
        write("global", df("rate", 0.5, "event_timestamp", NOON));

        OnlineRow row = row("global", List.of("rate"), EntityKeyCodec.encode(EntityKeyCodec.ENTITYLESS, 3));
        assertThat(value(row, 0)).isEqualTo(new FeatureValue.Float64(0.5));
    }

    @Test
    void typedCellsAreCastLikeJson() {
        write(
                "counts",
                df(
                        "user_id",
                        new FeatureValue.Int32(1),
                        "day",
                        FeatureValue.of("3"),
                        "week",
                        new FeatureValue.Float64(9),
                        "event_timestamp",
                        FeatureValue.of(NOON)));

        assertThat(counts(1)).containsExactly(3L, 9L);
    }

    @Test
    void noRowsAreNoMistake() {
        assertThat(writes().push("events", Frame.of(Map.of()), "online", false)).isZero();
        assertThat(writes().push("events", Frame.of(Map.of("user_id", List.of())), "online", false))
                .isZero();
    }

    // ------------------------------------------------------------------ which row stays

    @Test
    void aLateRowChangesNothing() {
        pushDay(1, 3, NOON);

        assertThat(pushDay(1, 4, BEFORE)).isZero();
        assertThat(counts(1)).containsExactly(3L, null);
    }

    @Test
    void ofTheSameTimeTheLastToComeStays() {
        pushDay(1, 3, NOON);
        clock.pass(Duration.ofMillis(1));

        assertThat(pushDay(1, 4, NOON)).isEqualTo(1);
        assertThat(counts(1)).containsExactly(4L, null);
    }

    @Test
    void soItDoesWhenTheClockStandsStillOrGoesBack() {
        pushDay(1, 3, NOON);
        pushDay(1, 4, NOON);
        assertThat(counts(1)).containsExactly(4L, null);

        clock.pass(Duration.ofHours(-1));
        pushDay(1, 5, NOON);
        assertThat(counts(1)).containsExactly(5L, null);
    }

    @Test
    void theLastOfARequestStays() {
        write(
                "counts",
                Frame.of(Map.of(
                        "user_id", List.of(1, 1, 1, 2),
                        "day", List.of(1, 2, 3, 4),
                        "event_timestamp", List.of(NOON, NOON, BEFORE, NOON))));

        assertThat(counts(1)).containsExactly(2L, null);
        assertThat(counts(2)).containsExactly(4L, null);
    }

    @Test
    void createdDecidesWhereItIsGiven() {
        Frame second = df("user_id", 1, "day", 4, "event_timestamp", NOON, "created", "2026-03-02T00:00:02");
        write("counts", second);

        assertThat(write(
                        "counts",
                        df("user_id", 1, "day", 3, "event_timestamp", NOON, "created", "2026-03-02T00:00:01")))
                .as("created before")
                .isZero();
        assertThat(counts(1)).containsExactly(4L, null);
        assertThat(write("counts", second)).as("the same again").isEqualTo(1);
        assertThat(counts(1)).containsExactly(4L, null);
        assertThat(write("counts", df("user_id", 1, "day", 5, "event_timestamp", NOON, "created", null)))
                .as("no time of its own, so it is the time at which it came")
                .isEqualTo(1);
        assertThat(counts(1)).containsExactly(5L, null);
    }

    @Test
    void sendingTheSameRowsAgainChangesNothing() {
        List<Frame> frames = new ArrayList<>();
        Random random = new Random(11);
        for (int i = 0; i < 40; i++) {
            frames.add(df(
                    "user_id",
                    random.nextInt(5),
                    "day",
                    i,
                    "week",
                    i,
                    "event_timestamp",
                    Instant.parse(NOON).plusSeconds(random.nextInt(8)).toString(),
                    "created",
                    Instant.parse(NOON).plusSeconds(i).toString()));
        }
        frames.forEach(frame -> write("counts", frame));
        List<@Nullable List<@Nullable Long>> before =
                IntStream.range(0, 5).mapToObj(this::counts).toList();

        Collections.shuffle(frames, random);
        frames.forEach(frame -> write("counts", frame));

        assertThat(IntStream.range(0, 5).mapToObj(this::counts).toList()).isEqualTo(before);
    }

    @Test
    void aFeatureThatIsNotSentKeepsItsValueAndANullDoesNot() {
        write("counts", df("user_id", 1, "day", 3, "week", 9, "event_timestamp", NOON));

        write("counts", df("user_id", 1, "day", 4, "event_timestamp", LATER));
        assertThat(counts(1)).containsExactly(4L, 9L);
        assertThat(time("counts", 1)).isEqualTo(Instant.parse(LATER).getEpochSecond());

        write("counts", df("user_id", 1, "day", null, "event_timestamp", LATER));
        assertThat(counts(1)).containsExactly(null, 9L);
        OnlineRow row = row("counts", List.of("day"), key(1));
        assertThat(row == null ? null : row.values()[0])
                .as("null, and not absent")
                .isEmpty();
    }

    @Test
    void aRowOfTheLakeGivesWayToANewerOneAndTheOtherWayRound() {
        store().makeRoom(COUNTS);
        Instant noon = Instant.parse(NOON);
        long computed = EventTimes.micros(clock.instant()) - 60_000_000;
        byte[][] seven = {ValueCodec.int64(7), ValueCodec.int64(7)};
        store().put("counts", List.of("day", "week"), List.of(new OnlineWrite(key(1), noon, computed, seven)));

        assertThat(pushDay(1, 3, BEFORE)).as("older than the lake's").isZero();
        assertThat(pushDay(1, 3, LATER)).isEqualTo(1);
        assertThat(counts(1)).containsExactly(3L, 7L);

        List<String> features = List.of("day", "week");
        assertThat(store().retract("counts", features, List.of(new Retraction(key(1), noon, computed, null))))
                .as("what was pushed since is not taken back")
                .isZero();
        assertThat(store().put(
                                "counts",
                                features,
                                List.of(new OnlineWrite(key(1), noon.plusSeconds(120), computed, seven))))
                .isEqualTo(1);
        assertThat(counts(1)).containsExactly(7L, 7L);
    }

    @Test
    void modeFeastFollowsFeastsStore() {
        FeatureWrites feast = writes(store(), Mode.FEAST, Limits.DEFAULT);
        feast.write("counts", df("user_id", 1, "day", 3, "week", 3, "event_timestamp", NOON), false);

        boolean redis = config() instanceof OnlineStoreConfig.Redis;
        feast.write("counts", df("user_id", 1, "day", 4, "week", 4, "event_timestamp", NOON), false);
        assertThat(counts(1)).containsOnly(redis ? 3L : 4L);
        feast.write("counts", df("user_id", 1, "day", 5, "week", 5, "event_timestamp", BEFORE), false);
        assertThat(counts(1)).containsOnly(redis ? 3L : 5L);
        feast.write("counts", df("user_id", 1, "day", 6, "week", 6, "event_timestamp", LATER), false);
        assertThat(counts(1)).containsExactly(6L, 6L);
    }

    // ------------------------------------------------------------------ names

    @ParameterizedTest
    @CsvSource({
        "user_id, total, event_timestamp, created",
        "user_id, amount, at, made",
        "client, amount, at, created",
        "client, total, event_timestamp, made"
    })
    void columnsMayHaveTheSourcesNamesOrTheViews(String user, String total, String time, String created) {
        write("mapped", df(user, 1, total, 1.5, time, NOON, created, "2026-03-01T12:00:02Z"));

        OnlineRow row = row("mapped", List.of("total"), key(1));
        assertThat(value(row, 0)).isEqualTo(new FeatureValue.Float64(1.5));
        assertThat(write("mapped", df(user, 1, total, 2.5, time, NOON, created, "2026-03-01T12:00:01Z")))
                .as("created is understood")
                .isZero();
    }

    @Test
    void columnsThatMeanNothingAreIgnoredBesideAWholeRow() {
        assertThat(write(
                        "counts",
                        df("user_id", 1, "day", 3, "week", 9, "event_timestamp", NOON, "junk", List.of(List.of()))))
                .isEqualTo(1);
    }

    // ------------------------------------------------------------------ mistakes

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "day: 1, event_timestamp: T | ARGUMENT_INVALID | Column user_id is missing, which is a join key of feature view counts (given: day, event_timestamp)",
                "user_id: 1, day: 1 | ARGUMENT_INVALID | Column event_timestamp is missing, which holds the event time of feature view counts (given: day, user_id)",
                "user_id: 1, event_timestamp: T | ARGUMENT_INVALID | No column is a feature of counts (given: event_timestamp, user_id; expected at least one of: day, week)",
                "user_id: 1, dey: 1, week: 2, event_timestamp: T | ARGUMENT_INVALID | Column dey is no join key, feature or time of counts, and features are left out: day. Leave it out, too, or spell it as one of them; a feature without a column keeps its value.",
                "user_id: null, day: 1, event_timestamp: T | VALUE_TYPE_MISMATCH | Feature view counts, column user_id, row 0: null is no join key (expected: Int64)",
                "user_id: x, day: 1, event_timestamp: T | VALUE_TYPE_MISMATCH | Feature view counts, column user_id, row 0: \"x\" cannot be read as Int64 (accepted: a number, which is cut to a whole one, true, false, or text of a whole number)",
                "user_id: 1, day: x, event_timestamp: T | VALUE_TYPE_MISMATCH | Feature view counts, column day, row 0: \"x\" cannot be read as Int64 (accepted: a number, which is cut to a whole one, true, false, or text of a whole number)",
                "user_id: 1, day: 1, event_timestamp: null | VALUE_TYPE_MISMATCH | Feature view counts, column event_timestamp, row 0: there is no event time (expected: ISO-8601 text such as 2024-06-01T12:00:00.123456Z, 2024-06-01 14:00:00+02:00 or 2024-06-01 (UTC), or nanoseconds since 1970)",
                "user_id: 1, day: 1, event_timestamp: noon | VALUE_TYPE_MISMATCH | Feature view counts, column event_timestamp, row 0: noon cannot be read as a time (accepted: ISO-8601 text such as 2024-06-01T12:00:00.123456Z, 2024-06-01 14:00:00+02:00 or 2024-06-01 (UTC), or nanoseconds since 1970)",
                "user_id: 1, day: 1, event_timestamp: T, created: 9999-12-31 | VALUE_TYPE_MISMATCH | Feature view counts, column created, row 0: a row cannot have been created after the year 2255"
            })
    void aMistakeIsNamedWithWhatIsExpected(String cells, ErrorCode code, String message) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        for (String cell : cells.split(", ", -1)) {
            String[] parts = cell.split(": ", 2);
            row.put(parts[0], parts[1].equals("null") ? null : parts[1].equals("T") ? NOON : parts[1]);
        }

        assertFails(() -> writes().write("counts", Frame.row(row), false), code, message);
    }

    @Test
    void columnsThatMeanTheSameAreRefused() {
        assertFails(
                () -> write("mapped", df("user_id", 1, "total", 1, "amount", 2, "at", NOON)),
                ErrorCode.ARGUMENT_INVALID,
                "Columns total and amount are both total of feature view mapped. Leave one of them out.");
        assertFails(
                () -> write("mapped", df("user_id", 1, "total", 1)),
                ErrorCode.ARGUMENT_INVALID,
                "Column at is missing, which holds the event time of feature view mapped (given: total, user_id)");
    }

    @Test
    void whatDoesNotExistIsNamedWithWhatDoes() {
        assertFails(
                () -> writes().push("event", Frame.row(Map.of()), "online", false),
                ErrorCode.DATA_SOURCE_NOT_FOUND,
                "Unable to find push source 'event'. Push sources that feed feature views: events.");
        assertFails(
                () -> writes().push("idle", Frame.row(Map.of()), "online", false),
                ErrorCode.DATA_SOURCE_NOT_FOUND,
                "Push source 'idle' feeds no feature view. Make it the source of one, and apply.");
        assertFails(
                () -> write("count", Frame.row(Map.of())),
                ErrorCode.FEATURE_VIEW_NOT_FOUND,
                "Can't recognize feast object with a name count (known: counts, global, mapped, texts)");
        assertFails(
                () -> write("ratio", Frame.row(Map.of())),
                ErrorCode.ARGUMENT_INVALID,
                "On-demand feature view ratio is Python code, which this server does not run. Write the features that it is computed from.");
    }

    @ParameterizedTest
    @CsvSource({"offline", "online_and_offline"})
    void otherPlacesThanTheOnlineStoreAreRefusedAsAWhole(String to) {
        assertFails(
                () -> writes().push("events", df("user_id", 1, "city", "Rome", "event_timestamp", NOON), to, false),
                ErrorCode.ARGUMENT_INVALID,
                "\"to\": \"%s\" would write to the source of counts, texts, too, which this server does not do: that will be the offline server's part. Nothing was written. Use \"to\": \"online\"."
                        .formatted(to));
        assertThat(city(1)).isNull();
    }

    @Test
    void aRowThatCannotBeReadLeavesNothingOfARequestBehind() {
        List<Object> days = new ArrayList<>(IntStream.range(0, 40_000).boxed().toList());
        days.set(39_999, "x");
        Frame frame = Frame.of(Map.of(
                "user_id",
                IntStream.range(0, 40_000).boxed().toList(),
                "city",
                "Rome",
                "day",
                days,
                "week",
                1,
                "event_timestamp",
                NOON));

        assertThatThrownBy(() -> push(frame))
                .hasMessageStartingWith("Feature view counts, column day, row 39999: \"x\" cannot be read as Int64");
        assertThat(counts(0)).isNull();
        assertThat(city(0)).isNull();
    }

    @Test
    void aStoreThatFailsInBetweenIsSaidHowFarItWent() {
        try (FailingStore failing = new FailingStore(openStore(), 2)) {
            FeatureWrites broken = writes(failing, Mode.STRICT, Limits.DEFAULT);
            Frame frame = Frame.of(Map.of(
                    "user_id",
                    IntStream.range(0, 40_000).boxed().toList(),
                    "city",
                    "Rome",
                    "day",
                    1,
                    "week",
                    2,
                    "event_timestamp",
                    NOON));

            assertFails(
                    () -> broken.push("events", frame, "online", false),
                    ErrorCode.ONLINE_STORE_UNAVAILABLE,
                    "The store has gone. Before that was written: 33332 of 40000 rows of feature view counts. Send the same rows again: that completes them and changes nothing else.");
            assertThat(counts(33_331)).containsExactly(1L, 2L);
            assertThat(counts(33_332)).isNull();

            failing.allow(1);
            assertFails(
                    () -> broken.push("events", frame, "online", false),
                    ErrorCode.ONLINE_STORE_UNAVAILABLE,
                    "The store has gone. Before that was written: 16666 of 40000 rows of feature view counts. Send the same rows again: that completes them and changes nothing else.");
            failing.allow(100);
            assertThat(broken.push("events", frame, "online", false)).isEqualTo(80_000);
            assertThat(counts(39_999)).containsExactly(1L, 2L);
        }
    }

    @Test
    void moreThanIsAllowedIsRefused() {
        FeatureWrites small = writes(store(), Mode.STRICT, new Limits(1_000, 3, 5, 8));

        assertFails(
                () -> small.write("counts", Frame.of(Map.of("user_id", List.of(1, 2, 3, 4))), false),
                ErrorCode.ARGUMENT_INVALID,
                "4 rows in one request (allowed: 3). Send several requests, or start the server with a greater --max-rows.");
        assertFails(
                () -> small.write("counts", Frame.of(Map.of("user_id", List.of(1, 2, 3), "day", 1, "week", 1)), false),
                ErrorCode.ARGUMENT_INVALID,
                "3 rows of 3 columns are 9 values in one request (allowed: 8). Send several requests, or start the server with a greater --max-values.");
    }

    // ------------------------------------------------------------------ several at once

    @Test
    void writersAtOnceEndWithTheLatestRows() throws InterruptedException, ExecutionException {
        int users = 100;
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<?>> done = new ArrayList<>();
        for (int writer = 0; writer < 4; writer++) {
            Random random = new Random(writer);
            done.add(pool.submit(() -> {
                for (int round = 0; round < 40; round++) {
                    int second = random.nextInt(50);
                    Frame frame = Frame.of(Map.of(
                            "user_id",
                            IntStream.range(0, users).boxed().toList(),
                            "day",
                            second,
                            "week",
                            second,
                            "event_timestamp",
                            Instant.parse(NOON).plusSeconds(second).toString()));
                    writes().write("counts", frame, false);
                }
                Frame last = Frame.of(Map.of(
                        "user_id",
                        IntStream.range(0, users).boxed().toList(),
                        "day",
                        50,
                        "week",
                        50,
                        "event_timestamp",
                        Instant.parse(NOON).plusSeconds(50).toString()));
                writes().write("counts", last, false);
            }));
        }
        for (Future<?> writer : done) {
            writer.get();
        }
        pool.shutdown();

        for (int user = 0; user < users; user++) {
            assertThat(counts(user)).containsExactly(50L, 50L);
        }
    }

    // ------------------------------------------------------------------ parts

    protected final FeatureWrites writes(OnlineStore target, Mode mode, Limits limits) {
        WriteRegistry registry = new WriteRegistry() {
            @Override
            public WriteDefinitions current() {
                return DEFINITIONS;
            }

            @Override
            public WriteDefinitions fresh() {
                return DEFINITIONS;
            }
        };
        return new FeatureWrites(registry, target, 3, WriteRules.of(mode, config()), limits, clock);
    }

    protected final OnlineStore store() {
        return Objects.requireNonNull(store);
    }

    private FeatureWrites writes() {
        return Objects.requireNonNull(writes);
    }

    private long push(Frame frame) {
        return writes().push("events", frame, "online", false);
    }

    private long pushDay(long user, long day, String time) {
        return push(df("user_id", user, "day", day, "event_timestamp", time));
    }

    private long write(String view, Frame frame) {
        return writes().write(view, frame, false);
    }

    /** One row; names and cells by turns. */
    private static Frame df(@Nullable Object... cells) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        for (int i = 0; i < cells.length; i += 2) {
            row.put(String.valueOf(cells[i]), cells[i + 1]);
        }
        return Frame.row(row);
    }

    private @Nullable List<@Nullable Long> counts(int user) {
        OnlineRow row = row("counts", List.of("day", "week"), key(user));
        return row == null ? null : Arrays.asList(number(row, 0), number(row, 1));
    }

    private @Nullable String city(int user) {
        OnlineRow row = row("texts", List.of("city"), key(user));
        return row == null ? null : ((FeatureValue.Text) value(row, 0)).value();
    }

    private @Nullable Long time(String view, int user) {
        OnlineRow row = row(view, List.of("day"), key(user));
        return row == null ? null : row.eventSeconds();
    }

    private static @Nullable Long number(OnlineRow row, int feature) {
        return value(row, feature) instanceof FeatureValue.Int64 number ? number.value() : null;
    }

    private static FeatureValue value(@Nullable OnlineRow row, int feature) {
        byte[] bytes = row == null ? null : row.values()[feature];
        return bytes == null ? FeatureValue.none() : ValueCodec.decode(bytes);
    }

    /** Null, too, where nothing was ever written to the view. */
    private @Nullable OnlineRow row(String view, List<String> features, byte[] key) {
        try {
            return store().read(List.of(new ViewRead(view, features, List.of(key))))
                    .get(0)
                    .rows()
                    .get(0);
        } catch (LarderException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.STEP_MISSING);
            return null;
        }
    }

    private static byte[] key(int user) {
        return EntityKeyCodec.encode(new EntityKey(List.of(new JoinKey("user_id", FeatureValue.of(user)))), 3);
    }

    private static FeatureView view(String name, Field... features) {
        return new FeatureView(
                name,
                List.of("user"),
                List.of(new Field("user_id", ValueType.INT64)),
                List.of(features),
                Duration.ZERO,
                true,
                "",
                null,
                "",
                Map.of(),
                "");
    }

    private static void assertFails(Runnable call, ErrorCode code, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessage(message);
    }

    /** Stands still until it is told to go on, or back. */
    private static final class TestClock extends Clock {
        private volatile Instant now = Instant.parse("2026-03-03T00:00:00Z");

        void pass(Duration duration) {
            now = now.plus(duration);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
