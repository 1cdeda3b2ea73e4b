package dev.larder.materializer.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.materializer.ingest.Ingest;
import dev.larder.materializer.lake.Lake;
import dev.larder.materializer.testing.Banking;
import dev.larder.materializer.testing.Lakes;
import dev.larder.materializer.testing.MemoryLog;
import dev.larder.materializer.testing.SourceTable;
import dev.larder.materializer.testing.TestClock;
import dev.larder.model.DataSource;
import dev.larder.model.FeatureView;
import dev.larder.offlinestore.LakeLayout;
import dev.larder.progress.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables that live from a seed, ingested in parts and computed over intervals in any order, against the definitions. */
final class ComputeAgreesWithDefinitionTest {
    private static final Instant FIRST_RUN = Instant.parse("2026-04-20T13:00:00Z");
    private static final int ROUNDS = 3;

    private final Lake lake = Lakes.create();
    private final MemoryLog log = new MemoryLog(lake);
    private final TestClock clock = new TestClock(FIRST_RUN);

    /** More of them with {@code -Dlarder.seeds=N}. */
    static LongStream seeds() {
        return LongStream.rangeClosed(1, Integer.getInteger("larder.seeds", 2));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aggregatesOfPresentRows(long seed) {
        Random random = new Random(seed);
        FeatureView view = Generated.view(random);
        SourceTable table = new SourceTable(random, log, Generated.DAY_0, 4, 3, Generated::transaction);
        FactsOracle oracle = new FactsOracle(view, Banking.TRANSACTIONS);
        check(
                seed,
                random,
                table,
                Banking.TRANSACTIONS,
                view,
                interval -> oracle.rows(table.present().values(), interval.from(), interval.to()));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void versionsOfStates(long seed) {
        Random random = new Random(seed);
        DataSource source = Banking.customers(seed % 2 == 0 ? null : "day_start");
        FeatureView view = Banking.demographics(ZoneId.of("America/St_Johns"));
        SourceTable table = new SourceTable(random, log, Generated.DAY_0, 1, 3, Generated::customer);
        StatesOracle oracle = new StatesOracle(view, source);
        check(
                seed,
                random,
                table,
                source,
                view,
                interval -> ComputedRows.in(oracle.rows(table.history()), interval.from(), interval.to()));
    }

    private interface Definition {
        Map<List<Object>, List<@Nullable Object>> rows(Interval interval);
    }

    private void check(
            long seed, Random random, SourceTable table, DataSource source, FeatureView view, Definition definition) {
        Ingest ingest = new Ingest(lake, log, Progress.none());
        Compute compute = new Compute(lake, Banking.repository(List.of(source), view), Progress.none(), clock);
        Map<List<Object>, List<@Nullable Object>> expected = new TreeMap<>(ComputedRows.ORDER);
        Map<List<Object>, Instant> created = new HashMap<>();
        for (int round = 0; round <= ROUNDS; round++) {
            table.live(60);
            ingest.run(source);
            for (int i = 0; i < 2; i++) {
                Instant now = FIRST_RUN.plusSeconds(round * 10L + i);
                clock.set(now);
                Instant from = round == ROUNDS || random.nextInt(4) == 0 ? null : time(random);
                Instant to = round == ROUNDS || random.nextInt(4) == 0 ? null : time(random);
                if (from != null && to != null && from.isAfter(to)) {
                    Instant earlier = to;
                    to = from;
                    from = earlier;
                }
                long snapshotBefore = snapshot(view);
                Interval interval = Compute.interval(view, from, to, clock);
                Map<List<Object>, List<@Nullable Object>> rows = definition.rows(interval);
                Map<List<Object>, List<@Nullable Object>> before =
                        ComputedRows.in(expected, interval.from(), interval.to());

                compute.run(view, from, to);

                String what = "seed %d, round %d, %s".formatted(seed, round, interval);
                expected.keySet().removeAll(before.keySet());
                expected.putAll(rows);
                created.keySet().retainAll(expected.keySet());
                rows.forEach((key, values) -> {
                    if (!values.equals(before.get(key))) {
                        created.put(key, now);
                    }
                });
                ComputedRows computed = ComputedRows.read(lake, view);
                assertSame(what, computed.values(), expected);
                assertSame("created, " + what, computed.created(), created);
                if (rows.equals(before) && snapshotBefore != 0) {
                    assertThat(snapshot(view)).as("no commit, " + what).isEqualTo(snapshotBefore);
                }
            }
        }
        assertThat(expected).as("the seed made rows").hasSizeGreaterThan(20);
    }

    /** As equality of the maps, but a failure shows only what differs. */
    private static <V> void assertSame(String what, Map<List<Object>, V> actual, Map<List<Object>, V> expected) {
        Map<List<Object>, Object> different = new TreeMap<>(ComputedRows.ORDER);
        actual.forEach((key, value) -> {
            if (!value.equals(expected.get(key))) {
                different.put(key, "is %s, expected %s".formatted(value, expected.get(key)));
            }
        });
        expected.forEach((key, value) -> {
            if (!actual.containsKey(key)) {
                different.put(key, "is missing, expected %s".formatted(value));
            }
        });
        assertThat(different).as(what).isEmpty();
    }

    private long snapshot(FeatureView view) {
        return lake.find(LakeLayout.featuresTable(view.name()))
                .map(table -> table.currentSnapshot().snapshotId())
                .orElse(0L);
    }

    private static Instant time(Random random) {
        Instant day = Generated.DAY_0.plus(Duration.ofDays(random.nextInt(32)));
        return random.nextBoolean() ? day : day.plusSeconds(random.nextInt(86_400));
    }
}
