package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.feast.EntityKeyCodec;
import dev.larder.feast.ValueCodec;
import dev.larder.model.EntityKey;
import dev.larder.model.FeatureValue;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.ValueType;
import dev.larder.onlinestore.OnlineStore.MaterializationState;
import dev.larder.onlinestore.OnlineStore.OnlineRow;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.onlinestore.OnlineStore.PushRule;
import dev.larder.onlinestore.OnlineStore.Retraction;
import dev.larder.onlinestore.OnlineStore.ViewRead;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What every online store must do. One subclass per implementation, no copies of a test. */
public abstract class OnlineStoreContract {
    protected static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    protected static final List<String> FEATURES = List.of("count", "total");

    private final List<OnlineStore> opened = new ArrayList<>();
    private @Nullable OnlineStore store;

    /** Opens the store of this test, which is empty at first; a second call opens the same data again. */
    protected abstract OnlineStore openStore();

    @BeforeEach
    final void prepareTwoViews() {
        store = open();
        store().prepare(List.of(view("week"), view("day")));
    }

    @AfterEach
    final void closeAll() {
        opened.forEach(OnlineStore::close);
    }

    // ------------------------------------------------------------------ reading

    @Test
    void anEntityNeverWrittenHasNoRow() {
        assertThat(read("week", 1)).isNull();
    }

    @Test
    void whatIsPutIsRead() {
        assertThat(put("week", row(1, NOON, 10, 7))).isEqualTo(1);

        assertThat(read("week", 1)).isEqualTo(stored(NOON, 7));
        assertThat(read("day", 1)).isNull();
    }

    @Test
    void nullsAreEmptyAndFeaturesNeverWrittenAreAbsent() {
        put("week", new OnlineWrite(key(1), NOON, 10, new byte[][] {ValueCodec.nullValue(), ValueCodec.int64(7)}));

        OnlineRow row = readRows("week", List.of("total", "newcomer", "count", "total"), List.of(key(1)))
                .get(0);

        assertThat(Objects.requireNonNull(row).values()).isDeepEqualTo(new byte[] @Nullable [] {
            ValueCodec.int64(7), null, ValueCodec.nullValue(), ValueCodec.int64(7)
        });
    }

    @Test
    void emptyTextIsNotNull() {
        put("week", new OnlineWrite(key(1), NOON, 10, new byte[][] {ValueCodec.string(""), ValueCodec.int64(0)}));

        assertThat(Objects.requireNonNull(
                                readRows("week", FEATURES, List.of(key(1))).get(0))
                        .values())
                .isDeepEqualTo(new byte[] @Nullable [] {ValueCodec.string(""), ValueCodec.int64(0)});
    }

    @Test
    void manyEntitiesOfSeveralViewsComeInTheOrderAskedFor() {
        List<OnlineWrite> rows =
                IntStream.range(0, 3_000).mapToObj(i -> row(i, NOON, 10, i)).toList();
        store().put("week", FEATURES, rows);
        store().put("day", FEATURES, rows.subList(0, 10));
        List<Integer> entities =
                new ArrayList<>(IntStream.range(0, 3_300).boxed().toList());
        Collections.shuffle(entities, new Random(5));
        List<byte[]> keys = entities.stream().map(OnlineStoreContract::key).toList();

        List<ViewRows> answer = store().read(
                        List.of(new ViewRead("week", FEATURES, keys), new ViewRead("day", List.of("total"), keys)));

        for (int i = 0; i < entities.size(); i++) {
            int entity = entities.get(i);
            assertThat(total(answer.get(0).rows().get(i), 1)).isEqualTo(entity < 3_000 ? (Long) (long) entity : null);
            assertThat(total(answer.get(1).rows().get(i), 0)).isEqualTo(entity < 10 ? (Long) (long) entity : null);
        }
    }

    @Test
    void aWideViewIsReadWholeAndInPart() {
        List<String> wide =
                IntStream.range(0, 120).mapToObj(i -> "feature_" + i).toList();
        byte[][] values = IntStream.range(0, 120).mapToObj(ValueCodec::int64).toArray(byte[][]::new);
        store().put("week", wide, List.of(new OnlineWrite(key(1), NOON, 10, values)));
        put("day", row(1, NOON, 10, 7));
        List<String> backwards = new ArrayList<>(wide);
        Collections.reverse(backwards);

        List<ViewRows> answer = store().read(List.of(
                new ViewRead("week", backwards, List.of(key(1), key(2))),
                new ViewRead("day", FEATURES, List.of(key(1), key(2))),
                new ViewRead("week", List.of("feature_7", "feature_7", "absent"), List.of(key(1), key(2)))));

        for (int i = 0; i < 120; i++) {
            assertThat(Objects.requireNonNull(answer.get(0).rows().get(0)).values()[i])
                    .isEqualTo(values[119 - i]);
        }
        assertThat(total(answer.get(1).rows().get(0), 1)).isEqualTo(7);
        assertThat(Objects.requireNonNull(answer.get(2).rows().get(0)).values())
                .isDeepEqualTo(new byte[] @Nullable [] {values[7], values[7], null});
        assertThat(answer).allSatisfy(view -> assertThat(view.rows().get(1)).isNull());
    }

    @Test
    void readingNothingAnswersNothing() {
        assertThat(store().read(List.of())).isEmpty();
        assertThat(readRows("week", FEATURES, List.of())).isEmpty();
    }

    @Test
    void keysAreThoseOfAllRows() {
        put("week", row(1, NOON, 10, 7));
        put("week", row(2, NOON, 10, 7));

        assertThat(store().keys("week")).containsExactlyInAnyOrder(key(1), key(2));
        assertThat(store().keys("day")).isEmpty();
    }

    // ------------------------------------------------------------------ putting

    @Test
    void puttingTheSameRowTwiceChangesNothing() {
        put("week", row(1, NOON, 10, 7));

        assertThat(put("week", row(1, NOON, 10, 7))).isZero();
        assertThat(read("week", 1)).isEqualTo(stored(NOON, 7));
    }

    @Test
    void aLateRowDoesNotReplaceANewerOne() {
        put("week", row(1, NOON, 10, 7));

        assertThat(put("week", row(1, NOON.minusSeconds(60), 99, 3))).isZero();
        assertThat(read("week", 1)).isEqualTo(stored(NOON, 7));
    }

    @Test
    void aLaterRowReplacesWhateverItsVersion() {
        put("week", row(1, NOON, 10, 7));

        assertThat(put("week", row(1, NOON.plusSeconds(60), 2, 8))).isEqualTo(1);
        assertThat(read("week", 1)).isEqualTo(stored(NOON.plusSeconds(60), 8));
    }

    @Test
    void atTheSameTimeTheGreaterVersionWins() {
        put("week", row(1, NOON, 10, 7));

        assertThat(put("week", row(1, NOON, 9, 3))).isZero();
        assertThat(put("week", row(1, NOON, 11, 8))).isEqualTo(1);
        assertThat(read("week", 1)).isEqualTo(stored(NOON, 8));
    }

    @Test
    void microsecondsDecideWithinASecond() {
        put("week", row(1, NOON.plusNanos(2_000), 10, 7));

        assertThat(put("week", row(1, NOON.plusNanos(1_000), 99, 3))).isZero();
        assertThat(put("week", row(1, NOON.plusNanos(3_000), 1, 8))).isEqualTo(1);
        assertThat(total(read("week", 1), 1)).isEqualTo(8);
    }

    @Test
    void timesBefore1970AreOrdinaryTimes() {
        Instant early = Instant.parse("1969-12-31T23:59:58.500Z");
        put("week", row(1, early, 10, 7));

        assertThat(put("week", row(1, early.minusNanos(1_000), 99, 3))).isZero();
        assertThat(put("week", row(1, early, 10, 3))).isZero();
        assertThat(put("week", row(1, early.plusNanos(1_000), 1, 8))).isEqualTo(1);
    }

    @Test
    void theNewestOfOneCallWinsInAnyOrder() {
        store().put(
                        "week",
                        FEATURES,
                        List.of(
                                row(1, NOON, 10, 7),
                                row(1, NOON.plusSeconds(9), 10, 9),
                                row(1, NOON.plusSeconds(5), 10, 8)));

        assertThat(read("week", 1)).isEqualTo(stored(NOON.plusSeconds(9), 9));
    }

    @Test
    void aReplayOfAllThatWasEverPutChangesNothing() {
        List<OnlineWrite> history = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            history.add(row(i % 50, NOON.plusSeconds(i / 50), 1 + i % 3, i));
        }
        store().put("week", FEATURES, history);
        List<@Nullable StoredRow> before =
                IntStream.range(0, 50).mapToObj(i -> read("week", i)).toList();
        Collections.shuffle(history, new Random(7));

        assertThat(store().put("week", FEATURES, history)).isZero();
        assertThat(IntStream.range(0, 50).mapToObj(i -> read("week", i)).toList())
                .isEqualTo(before);
        assertThat(before.get(49)).isEqualTo(stored(NOON.plusSeconds(5), 299));
    }

    @Test
    void rowsOutliveTheObjectThatWroteThem() {
        put("week", row(1, NOON.plusNanos(5_000), 10, 7));
        store().close();
        store = open();

        assertThat(total(read("week", 1), 1)).isEqualTo(7);
        assertThat(put("week", row(1, NOON.plusNanos(4_000), 99, 3))).isZero();
    }

    @Test
    void refusesARowWithoutAValueForEachFeature() {
        OnlineWrite narrow = new OnlineWrite(key(1), NOON, 10, new byte[][] {ValueCodec.int64(1)});

        assertThatThrownBy(() -> put("week", narrow))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("values: 1 (expected: one for each of 2 features)");
        assertThat(read("week", 1)).isNull();
    }

    // ------------------------------------------------------------------ pushing

    @Test
    void whatIsPushedIsRead() {
        assertThat(push("week", PushRule.LATEST, row(1, NOON, 10, 7))).isEqualTo(1);

        assertThat(read("week", 1)).isEqualTo(stored(NOON, 7));
        assertThat(store().keys("week")).containsExactly(key(1));
    }

    @ParameterizedTest
    @EnumSource(PushRule.class)
    void aLaterPushReplacesWhateverItsVersion(PushRule rule) {
        put("week", row(1, NOON, 10, 7));

        assertThat(push("week", rule, row(1, NOON.plusNanos(1_000), 0, 8))).isEqualTo(1);
        assertThat(read("week", 1)).isEqualTo(stored(NOON, 8));
    }

    @ParameterizedTest
    @CsvSource({"LATEST, 7", "LATER, 7", "ALWAYS, 3"})
    void aLatePushReplacesOnlyIfThatIsTheRule(PushRule rule, long left) {
        put("week", row(1, NOON, 10, 7));

        assertThat(push("week", rule, row(1, NOON.minusSeconds(60), 99, 3))).isEqualTo(left == 3 ? 1 : 0);
        assertThat(read("week", 1)).isEqualTo(left == 3 ? stored(NOON.minusSeconds(60), 3) : stored(NOON, 7));
    }

    @ParameterizedTest
    @CsvSource({
        "LATEST, 9, 7", "LATEST, 10, 8", "LATEST, 11, 8",
        "LATER, 9, 7", "LATER, 10, 7", "LATER, 11, 7",
        "ALWAYS, 9, 8", "ALWAYS, 10, 8", "ALWAYS, 11, 8"
    })
    void atTheSameTimeTheRuleAndTheVersionDecide(PushRule rule, long version, long left) {
        put("week", row(1, NOON, 10, 7));

        push("week", rule, row(1, NOON, version, 8));

        assertThat(read("week", 1)).isEqualTo(stored(NOON, left));
    }

    @ParameterizedTest
    @CsvSource({"LATEST, 2", "LATER, 1", "ALWAYS, 3"})
    void ofOneCallThatRowIsLeftWhichOneAfterTheOtherWouldLeave(PushRule rule, long left) {
        List<OnlineWrite> rows = new ArrayList<>(List.of(row(1, NOON.minusSeconds(1), 4, 0)));
        rows.add(row(1, NOON, 5, 1));
        rows.add(row(1, NOON, 5, 2));
        rows.add(row(1, NOON.minusSeconds(9), 5, 3));
        rows.add(row(2, NOON, 1, 4));

        store().push("week", FEATURES, rows, rule);

        assertThat(read("week", 1)).isEqualTo(stored(left == 3 ? NOON.minusSeconds(9) : NOON, left));
        assertThat(read("week", 2)).isEqualTo(stored(NOON, 4));
    }

    @Test
    void aTimeUpTo1970CountsForNothingWhereFeastsRedisRuleHolds() {
        Instant before = Instant.parse("1969-12-31T00:00:00Z");
        push("week", PushRule.LATER, row(1, Instant.EPOCH, 0, 1));

        assertThat(push("week", PushRule.LATER, row(1, before, 0, 2))).isEqualTo(1);
        assertThat(push("week", PushRule.LATER, row(1, before.minusSeconds(1), 0, 3)))
                .isEqualTo(1);
        assertThat(read("week", 1)).isEqualTo(stored(before.minusSeconds(1), 3));
        push("week", PushRule.LATER, row(1, Instant.EPOCH.plusSeconds(1), 0, 4));
        assertThat(push("week", PushRule.LATER, row(1, before, 0, 5))).isZero();
    }

    @ParameterizedTest
    @EnumSource(PushRule.class)
    void aFeatureThatIsNotPushedKeepsItsValueAndTakesTheRowsTime(PushRule rule) {
        put("week", row(1, NOON, 10, 7));
        Instant later = NOON.plusSeconds(60);

        assertThat(pushTotal(rule, 1, later, 11, 8)).isEqualTo(1);

        assertThat(read("week", 1))
                .isEqualTo(new StoredRow(later.getEpochSecond(), List.of(FeatureValue.of(7), FeatureValue.of(8))));
        assertThat(Objects.requireNonNull(readRows("week", List.of("count"), List.of(key(1)))
                                .get(0))
                        .eventSeconds())
                .isEqualTo(later.getEpochSecond());
        assertThat(put("week", row(1, later, 11, 9)))
                .as("the whole row has the time and the version")
                .isZero();
        assertThat(put("week", row(1, later, 12, 9))).isEqualTo(1);
        assertThat(read("week", 1)).isEqualTo(stored(later, 9));
    }

    @Test
    void aRowThatGoesBackInTimeDoesSoAsAWhole() {
        put("week", row(1, NOON, 10, 7));

        pushTotal(PushRule.ALWAYS, 1, NOON.minusSeconds(60), 0, 8);

        assertThat(read("week", 1))
                .isEqualTo(new StoredRow(
                        NOON.minusSeconds(60).getEpochSecond(), List.of(FeatureValue.of(7), FeatureValue.of(8))));
        assertThat(put("week", row(1, NOON.minusSeconds(30), 1, 9))).isEqualTo(1);
    }

    @Test
    void aNewEntityLacksTheFeaturesThatWereNotPushed() {
        pushTotal(PushRule.LATEST, 1, NOON, 10, 8);

        OnlineRow row = Objects.requireNonNull(
                readRows("week", FEATURES, List.of(key(1))).get(0));
        assertThat(row.values()).isDeepEqualTo(new byte[] @Nullable [] {null, ValueCodec.int64(8)});
    }

    @Test
    void refusesAPushedRowWithoutAValueForEachFeature() {
        OnlineWrite narrow = new OnlineWrite(key(1), NOON, 10, new byte[][] {ValueCodec.int64(1)});

        assertThatThrownBy(() -> push("week", PushRule.LATEST, narrow))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("values: 1 (expected: one for each of 2 features)");
        assertThat(read("week", 1)).isNull();
    }

    @Test
    void manyRowsOfOneEntityArePushedLikeFew() {
        List<OnlineWrite> rows = IntStream.range(0, 20_000)
                .mapToObj(i -> row(i % 2, NOON.plusSeconds(i), 1, i))
                .toList();

        store().push("week", FEATURES, rows, PushRule.LATEST);

        assertThat(read("week", 0)).isEqualTo(stored(NOON.plusSeconds(19_998), 19_998));
        assertThat(read("week", 1)).isEqualTo(stored(NOON.plusSeconds(19_999), 19_999));
    }

    @Test
    void aPushedRowIsNotTakenBackForTheOneThatItHasReplaced() {
        put("week", row(1, NOON, 10, 7));
        put("week", row(2, NOON, 10, 7));
        push("week", PushRule.LATEST, row(1, NOON.plusSeconds(1), 11, 8));
        push("week", PushRule.LATEST, row(2, NOON, 11, 8));

        assertThat(retract("week", new Retraction(key(1), NOON, 10, row(1, NOON.minusSeconds(60), 12, 5))))
                .isZero();
        assertThat(retract("week", new Retraction(key(2), NOON, 10, null))).isZero();
        assertThat(read("week", 1)).isEqualTo(stored(NOON.plusSeconds(1), 8));
        assertThat(read("week", 2)).isEqualTo(stored(NOON, 8));

        assertThat(put("week", row(1, NOON.plusSeconds(2), 1, 9)))
                .as("a newer row of the lake")
                .isEqualTo(1);
        assertThat(put("week", row(2, NOON, 12, 9)))
                .as("the same stamp, computed after the push")
                .isEqualTo(1);
        assertThat(retract("week", new Retraction(key(2), NOON, 12, null))).isEqualTo(1);
    }

    @Test
    void roomForOneViewLeavesTheOthers() {
        put("day", row(1, NOON, 10, 7));
        OnlineStore another = open();

        another.makeRoom(view("month"));
        another.makeRoom(view("month"));

        assertThat(another.push("month", FEATURES, List.of(row(1, NOON, 10, 8)), PushRule.LATEST))
                .isEqualTo(1);
        assertThat(read("month", 1)).isEqualTo(stored(NOON, 8));
        assertThat(read("day", 1)).isEqualTo(stored(NOON, 7));
        store().prepare(List.of(view("week"), view("day")));
        store().makeRoom(view("month"));
        assertThat(read("month", 1)).as("no longer named").isNull();
    }

    @Test
    void writersOfDifferentFeaturesDoNotUndoEachOther() throws InterruptedException, ExecutionException {
        int rounds = 300;
        OnlineStore other = open();
        ExecutorService pool = Executors.newFixedThreadPool(2);
        Future<?> counts = pool.submit(() -> {
            for (int i = 1; i <= rounds; i++) {
                store().push("week", List.of("count"), List.of(oneValue(1, NOON, 5, i)), PushRule.LATEST);
            }
        });
        Future<?> totals = pool.submit(() -> {
            for (int i = 1; i <= rounds; i++) {
                other.push("week", List.of("total"), List.of(oneValue(1, NOON, 5, 1000 + i)), PushRule.LATEST);
            }
        });
        counts.get();
        totals.get();
        pool.shutdown();

        assertThat(read("week", 1))
                .isEqualTo(new StoredRow(
                        NOON.getEpochSecond(), List.of(FeatureValue.of(rounds), FeatureValue.of(1000 + rounds))));
    }

    @Test
    void pushesBesideAMaterializationEndWithTheNewestRows() throws InterruptedException, ExecutionException {
        List<Integer> entities = IntStream.range(0, 300).boxed().toList();
        store().put(
                        "week",
                        FEATURES,
                        entities.stream().map(i -> row(i, NOON, 10, 1)).toList());
        OnlineStore server = open();
        ExecutorService pool = Executors.newFixedThreadPool(2);
        Future<?> pushed = pool.submit(() -> {
            for (int from = 0; from < entities.size(); from += 10) {
                server.push(
                        "week",
                        FEATURES,
                        entities.subList(from, from + 10).stream()
                                .map(i -> row(i, NOON.plusSeconds(i % 3), 11, 2))
                                .toList(),
                        PushRule.LATEST);
            }
        });
        Future<?> materialized = pool.submit(() -> {
            for (int i : entities) {
                if (i % 3 == 2) {
                    retract("week", new Retraction(key(i), NOON, 10, null));
                } else {
                    put("week", row(i, NOON.plusSeconds(1), 1, 3));
                }
            }
        });
        pushed.get();
        materialized.get();
        pool.shutdown();

        assertThat(entities).allSatisfy(i -> assertThat(read("week", i))
                .isEqualTo(
                        switch (i % 3) {
                            case 0 -> stored(NOON.plusSeconds(1), 3);
                            case 1 -> stored(NOON.plusSeconds(1), 2);
                            default -> stored(NOON.plusSeconds(2), 2);
                        }));
    }

    // ------------------------------------------------------------------ taking back

    @Test
    void aRowIsTakenBackAndTheOlderOneReturns() {
        put("week", row(1, NOON, 10, 7));
        OnlineWrite older = row(1, NOON.minusSeconds(60), 3, 5);

        assertThat(retract("week", new Retraction(key(1), NOON, 10, older))).isEqualTo(1);
        assertThat(read("week", 1)).isEqualTo(stored(NOON.minusSeconds(60), 5));
        assertThat(retract("week", new Retraction(key(1), NOON, 10, older))).isZero();
    }

    @Test
    void theLastRowIsTakenBackAndTheEntityIsGone() {
        put("week", row(1, NOON, 10, 7));
        put("week", row(2, NOON, 10, 8));

        assertThat(retract("week", new Retraction(key(1), NOON, 10, null))).isEqualTo(1);
        assertThat(read("week", 1)).isNull();
        assertThat(read("week", 2)).isEqualTo(stored(NOON, 8));
        assertThat(store().keys("week")).containsExactly(key(2));
        assertThat(put("week", row(1, NOON.minusSeconds(1), 1, 4))).isEqualTo(1);
    }

    @Test
    void takingBackLeavesTheEntitysOtherViews() {
        put("week", row(1, NOON, 10, 7));
        put("day", row(1, NOON, 10, 8));

        retract("week", new Retraction(key(1), NOON, 10, null));

        assertThat(read("week", 1)).isNull();
        assertThat(read("day", 1)).isEqualTo(stored(NOON, 8));
        assertThat(store().keys("day")).containsExactly(key(1));
    }

    @Test
    void onlyTheNamedRowIsTakenBack() {
        put("week", row(1, NOON.plusNanos(1_000), 10, 7));

        assertThat(retract("week", new Retraction(key(1), NOON.plusNanos(1_000), 9, null)))
                .isZero();
        assertThat(retract("week", new Retraction(key(1), NOON, 10, null))).isZero();
        assertThat(retract("week", new Retraction(key(2), NOON, 10, null))).isZero();
        assertThat(retract("day", new Retraction(key(1), NOON.plusNanos(1_000), 10, null)))
                .isZero();
        assertThat(total(read("week", 1), 1)).isEqualTo(7);
    }

    @Test
    void allKeysOfManyRowsAreFound() {
        int count = 10_500;
        store().put(
                        "week",
                        FEATURES,
                        IntStream.range(0, count)
                                .mapToObj(i -> row(i, NOON, 10, i))
                                .toList());
        NavigableSet<byte[]> keys = new TreeSet<>(Arrays::compare);

        store().keys("week").forEach(keys::add);

        assertThat(keys).hasSize(count).contains(key(0), key(count - 1));
    }

    @Test
    void anEntityThatWasNeverThereGetsNoReplacement() {
        assertThat(retract("week", new Retraction(key(1), NOON, 10, row(1, NOON, 3, 5))))
                .isZero();
        assertThat(read("week", 1)).isNull();
    }

    // ------------------------------------------------------------------ views and state

    @Test
    void preparingAgainKeepsWhatIsThere() {
        put("week", row(1, NOON, 10, 7));
        MaterializationState state = new MaterializationState(5, NOON, "hash");
        store().saveState("week", state);

        store().prepare(List.of(view("week"), view("day"), view("month")));

        assertThat(read("week", 1)).isEqualTo(stored(NOON, 7));
        assertThat(store().state("week")).contains(state);
        assertThat(put("month", row(1, NOON, 10, 7))).isEqualTo(1);
    }

    @Test
    void aViewThatIsNoLongerNamedLosesItsRowsAndItsState() {
        put("week", row(1, NOON, 10, 7));
        store().saveState("week", new MaterializationState(5, NOON, "hash"));

        store().prepare(List.of(view("day")));
        store().prepare(List.of(view("day"), view("week")));

        assertThat(read("week", 1)).isNull();
        assertThat(store().state("week")).isEmpty();
        assertThat(put("week", row(1, NOON, 10, 7))).isEqualTo(1);
    }

    @Test
    void theStateIsTheLastOneSaved() {
        assertThat(store().state("week")).isEmpty();
        put("week", row(1, NOON, 10, 7));

        store().saveState("week", new MaterializationState(5, NOON, "old"));
        MaterializationState last = new MaterializationState(-6, NOON.plusNanos(1_000), "new");
        store().saveState("week", last);

        assertThat(open().state("week")).contains(last);
        assertThat(store().state("day")).isEmpty();
    }

    @Test
    void aStateOfAViewThatHasNoRowsIsKept() {
        MaterializationState state = new MaterializationState(5, NOON, "hash");

        store().saveState("week", state);

        assertThat(store().state("week")).contains(state);
    }

    // ------------------------------------------------------------------ several at once

    @Test
    void writersOfDifferentVersionsEndWithTheNewestRows() throws InterruptedException, ExecutionException {
        int entities = 200;
        int writers = 4;
        ExecutorService pool = Executors.newFixedThreadPool(writers);
        List<Future<?>> done = new ArrayList<>();
        for (int writer = 0; writer < writers; writer++) {
            int version = writer;
            OnlineStore own = writer % 2 == 0 ? store() : open();
            done.add(pool.submit(() -> {
                List<Integer> order =
                        new ArrayList<>(IntStream.range(0, entities).boxed().toList());
                Collections.shuffle(order, new Random(version));
                for (int from = 0; from < entities; from += 20) {
                    own.put(
                            "week",
                            FEATURES,
                            order.subList(from, from + 20).stream()
                                    .map(i -> row(i, NOON, 1 + version, version))
                                    .toList());
                }
            }));
        }
        for (Future<?> writer : done) {
            writer.get();
        }
        pool.shutdown();

        for (int i = 0; i < entities; i++) {
            assertThat(read("week", i)).isEqualTo(stored(NOON, writers - 1));
        }
    }

    @Test
    void aNewerRowOutlivesTheRetractionOfTheOldOne() throws InterruptedException, ExecutionException {
        List<Integer> entities = IntStream.range(0, 300).boxed().toList();
        store().put(
                        "week",
                        FEATURES,
                        entities.stream().map(i -> row(i, NOON, 10, 1)).toList());
        OnlineStore streaming = open();
        ExecutorService pool = Executors.newFixedThreadPool(2);
        Future<?> newer = pool.submit(() ->
                entities.forEach(i -> streaming.put("week", FEATURES, List.of(row(i, NOON.plusSeconds(1), 11, 2)))));
        Future<?> older = pool.submit(() -> entities.forEach(i -> retract(
                "week", new Retraction(key(i), NOON, 10, i % 2 == 0 ? row(i, NOON.minusSeconds(9), 3, 0) : null))));
        newer.get();
        older.get();
        pool.shutdown();

        assertThat(entities).allSatisfy(i -> assertThat(read("week", i)).isEqualTo(stored(NOON.plusSeconds(1), 2)));
    }

    @Test
    void readersSeeWholeRowsThatNeverGoBack() throws InterruptedException, ExecutionException {
        put("week", row(1, NOON, 1, 0));
        OnlineStore reading = open();
        AtomicBoolean writing = new AtomicBoolean(true);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<Long>> readers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            readers.add(pool.submit(() -> watch(reading, writing)));
        }
        long last = 300;
        try {
            for (long version = 1; version <= last; version++) {
                put("week", row(1, NOON.plusSeconds(version), 1, version));
            }
        } finally {
            writing.set(false);
        }

        for (Future<Long> reader : readers) {
            assertThat(reader.get()).isEqualTo(last);
        }
        pool.shutdown();
    }

    /** Reads until the writer has ended and once more; the value seen last. */
    private static long watch(OnlineStore reading, AtomicBoolean writing) {
        long seen = 0;
        boolean again = true;
        while (again) {
            again = writing.get();
            OnlineRow row =
                    Objects.requireNonNull(reading.read(List.of(new ViewRead("week", FEATURES, List.of(key(1)))))
                            .get(0)
                            .rows()
                            .get(0));
            long total = Objects.requireNonNull(total(row, 1));
            assertThat(total(row, 0)).isEqualTo(total);
            assertThat(row.eventSeconds()).isEqualTo(NOON.getEpochSecond() + total);
            assertThat(total).isGreaterThanOrEqualTo(seen);
            seen = total;
        }
        return seen;
    }

    // ------------------------------------------------------------------ deleting

    @Test
    void anEntityIsTakenOutOfTheViewsThatAreNamed() {
        for (int entity = 1; entity <= 2; entity++) {
            put("week", row(entity, NOON, 10, 7));
            put("day", row(entity, NOON, 10, 8));
        }

        assertThat(store().delete(List.of(view("week")), key(1))).containsExactly("week");

        assertThat(read("week", 1)).isNull();
        assertThat(read("day", 1)).isEqualTo(stored(NOON, 8));
        assertThat(read("week", 2)).isEqualTo(stored(NOON, 7));
        assertThat(store().keys("week")).containsExactly(key(2));
        assertThat(store().delete(List.of(view("week")), key(1))).isEmpty();
    }

    @Test
    void anEntityIsTakenOutOfEverything() {
        for (int entity = 1; entity <= 2; entity++) {
            put("week", row(entity, NOON, 10, 7));
            put("day", row(entity, NOON, 10, 8));
        }
        put("day", row(3, NOON, 10, 8));
        List<FeatureView> all = List.of(view("week"), view("day"), view("never_written"));
        assertThat(store().holders(all, key(1))).containsExactly("week", "day");
        assertThat(store().holders(all, key(3))).containsExactly("day");
        assertThat(store().holders(all, key(4))).isEmpty();

        assertThat(store().deleteEverywhere(all, key(1))).containsExactly("week", "day");
        assertThat(store().deleteEverywhere(all, key(3))).containsExactly("day");
        assertThat(store().deleteEverywhere(all, key(4))).isEmpty();

        assertThat(read("week", 1)).isNull();
        assertThat(read("day", 1)).isNull();
        assertThat(read("week", 2)).isEqualTo(stored(NOON, 7));
        assertThat(store().keys("day")).containsExactly(key(2));
    }

    @Test
    void afterADeletionTheStoreKnowsStillWhatIsMaterializedAndTakesAnyRow() {
        MaterializationState state = new MaterializationState(1, NOON, "hash");
        put("week", row(1, NOON, 10, 7));
        store().saveState("week", state);
        store().deleteEverywhere(List.of(view("week"), view("day")), key(1));

        assertThat(store().state("week")).contains(state);
        assertThat(put("week", row(1, NOON.minusSeconds(60), 3, 5))).isEqualTo(1);
        assertThat(read("week", 1)).isEqualTo(stored(NOON.minusSeconds(60), 5));
    }

    @Test
    void nobodyMaterializesUntilSomebodyDoes() throws Exception {
        assertThat(store().isBeingMaterialized("week")).isFalse();
        try (AutoCloseable turn = takeTurn("week")) {
            assertThat(turn).isNotNull();
            assertThat(store().isBeingMaterialized("week")).isTrue();
            assertThat(open().isBeingMaterialized("week")).isTrue();
        }
        assertThat(store().isBeingMaterialized("week")).isFalse();
    }

    /** Takes the right to materialize a view to this store. */
    protected abstract AutoCloseable takeTurn(String view);

    // ------------------------------------------------------------------ parts for subclasses

    protected final OnlineStore store() {
        return Objects.requireNonNull(store, "store: opened before each test");
    }

    protected final OnlineStore open() {
        OnlineStore another = openStore();
        toBeClosed(another);
        return another;
    }

    protected final void toBeClosed(OnlineStore another) {
        opened.add(another);
    }

    protected final long put(String view, OnlineWrite row) {
        return store().put(view, FEATURES, List.of(row));
    }

    protected final long push(String view, PushRule rule, OnlineWrite row) {
        return store().push(view, FEATURES, List.of(row), rule);
    }

    /** A push to view {@code week} that says nothing of {@code count}. */
    protected final long pushTotal(PushRule rule, int entity, Instant time, long version, long total) {
        return store().push("week", List.of("total"), List.of(oneValue(entity, time, version, total)), rule);
    }

    private static OnlineWrite oneValue(int entity, Instant time, long version, long value) {
        return new OnlineWrite(key(entity), time, version, new byte[][] {ValueCodec.int64(value)});
    }

    protected final long retract(String view, Retraction retraction) {
        return store().retract(view, FEATURES, List.of(retraction));
    }

    /** The row in a form that can be compared. */
    protected final @Nullable StoredRow read(String view, int entity) {
        OnlineRow row = readRows(view, FEATURES, List.of(key(entity))).get(0);
        return row == null ? null : StoredRow.of(row);
    }

    protected final List<@Nullable OnlineRow> readRows(String view, List<String> features, List<byte[]> keys) {
        return store().read(List.of(new ViewRead(view, features, keys))).get(0).rows();
    }

    protected static byte[] key(int entity) {
        return EntityKeyCodec.encode(EntityKey.of("user_id", FeatureValue.of(entity)), 3);
    }

    /** A row whose features all have the same value. */
    protected static OnlineWrite row(int entity, Instant time, long version, long value) {
        return new OnlineWrite(
                key(entity), time, version, new byte[][] {ValueCodec.int64(value), ValueCodec.int64(value)});
    }

    protected static StoredRow stored(Instant time, long value) {
        return new StoredRow(time.getEpochSecond(), List.of(FeatureValue.of(value), FeatureValue.of(value)));
    }

    protected static FeatureView view(String name) {
        return view(name, FEATURES);
    }

    protected static FeatureView view(String name, List<String> features) {
        return new FeatureView(
                name,
                List.of("user"),
                List.of(new Field("user_id", ValueType.INT64)),
                features.stream().map(f -> new Field(f, ValueType.INT64)).toList(),
                Duration.ZERO,
                true,
                "",
                null,
                "",
                Map.of(),
                "");
    }

    private static @Nullable Long total(@Nullable OnlineRow row, int feature) {
        return row == null ? null : total(StoredRow.of(row), feature);
    }

    private static @Nullable Long total(@Nullable StoredRow row, int feature) {
        return row == null ? null : ((FeatureValue.Int64) row.values().get(feature)).value();
    }

    /** A row read back; stores that keep fractions of a second may answer with them. */
    protected record StoredRow(long eventSeconds, List<FeatureValue> values) {
        static StoredRow of(OnlineRow row) {
            List<FeatureValue> values = new ArrayList<>();
            for (byte[] value : row.values()) {
                values.add(ValueCodec.decode(Objects.requireNonNull(value)));
            }
            return new StoredRow(row.eventSeconds(), values);
        }
    }
}
