package dev.larder.materializer.compute;

import static dev.larder.materializer.testing.Banking.aggregation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.materializer.ingest.Ingest;
import dev.larder.materializer.lake.Lake;
import dev.larder.materializer.testing.Banking;
import dev.larder.materializer.testing.Lakes;
import dev.larder.materializer.testing.MemoryLog;
import dev.larder.materializer.testing.SourceTable;
import dev.larder.materializer.testing.TestClock;
import dev.larder.model.Aggregation.Function;
import dev.larder.model.DataSource;
import dev.larder.model.FeatureView;
import dev.larder.model.ValueType;
import dev.larder.offlinestore.LakeLayout;
import dev.larder.progress.Progress;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that live from a seed, ingested in parts and computed over intervals in any order, against the definitions. */
final class ComputeAgreesWithDefinitionTest {
    private static final Instant DAY_0 = Instant.parse("2026-03-20T00:00:00Z");
    private static final Instant FIRST_RUN = Instant.parse("2026-04-20T13:00:00Z");
    private static final int ROUNDS = 4;

    private final Lake lake = Lakes.create();
    private final MemoryLog log = new MemoryLog(lake);
    private final TestClock clock = new TestClock(FIRST_RUN);

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aggregatesOfPresentRows(long seed) {
        Random random = new Random(seed);
        FeatureView view = aggregatedView(random);
        SourceTable table = new SourceTable(random, log, DAY_0, 4, 3, ComputeAgreesWithDefinitionTest::transaction);
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
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
    void versionsOfStates(long seed) {
        Random random = new Random(seed);
        DataSource source = Banking.customers(seed % 2 == 0 ? null : "day_start");
        FeatureView view = Banking.demographics(ZoneId.of("America/St_Johns"));
        SourceTable table = new SourceTable(random, log, DAY_0, 1, 3, ComputeAgreesWithDefinitionTest::customer);
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
        Instant day = DAY_0.plus(Duration.ofDays(random.nextInt(32)));
        return random.nextBoolean() ? day : day.plusSeconds(random.nextInt(86_400));
    }

    private static FeatureView aggregatedView(Random random) {
        List<Duration> distances =
                List.of(Duration.ofDays(1), Duration.ofHours(6), Duration.ofDays(2), Duration.ofHours(12));
        List<ZoneId> zones = List.of(ZoneOffset.UTC, ZoneId.of("Europe/Berlin"), ZoneId.of("Asia/Kathmandu"));
        Duration week = Duration.ofDays(7);
        Duration day = Duration.ofHours(24);
        Duration other = Duration.ofHours(1 + random.nextInt(100));
        return Banking.aggregated(
                "mixed",
                distances.get(random.nextInt(distances.size())),
                zones.get(random.nextInt(zones.size())),
                aggregation("num", Function.COUNT, null, other, ValueType.INT64),
                aggregation("amounts", Function.COUNT, "amount", week, ValueType.INT64),
                aggregation("total", Function.SUM, "amount", week, ValueType.FLOAT),
                aggregation("total_day", Function.SUM, "amount", day, ValueType.DECIMAL),
                aggregation("mean", Function.AVG, "amount", week, ValueType.FLOAT),
                aggregation("least", Function.MIN, "amount", week, ValueType.DOUBLE),
                aggregation("greatest", Function.MAX, "amount", other, ValueType.DECIMAL),
                aggregation("vendors", Function.COUNT_DISTINCT, "vendor", week, ValueType.INT64),
                aggregation("last_vendor", Function.MAX, "vendor", day, ValueType.STRING),
                aggregation("scores", Function.SUM, "score", week, ValueType.DOUBLE),
                aggregation("mean_score", Function.AVG, "score", day, ValueType.DOUBLE),
                aggregation("distinct_scores", Function.COUNT_DISTINCT, "score", week, ValueType.INT64));
    }

    private static @Nullable Object[] transaction(Random random, long key) {
        Instant time = DAY_0.plusSeconds(random.nextInt(28 * 86_400));
        return new Object[] {
            key,
            random.nextInt(30) == 0 ? null : (Long) (long) random.nextInt(6),
            random.nextInt(12) == 0 ? null : BigDecimal.valueOf(random.nextInt(2_000_000) - 200_000, 2),
            random.nextInt(12) == 0 ? null : "vendor " + random.nextInt(5),
            score(random),
            switch (random.nextInt(12)) {
                case 0 -> null;
                case 1 -> time.truncatedTo(java.time.temporal.ChronoUnit.DAYS);
                case 2 -> time.truncatedTo(java.time.temporal.ChronoUnit.DAYS).minusNanos(1000);
                default -> time.plusNanos(random.nextInt(1_000_000) * 1000L);
            }
        };
    }

    private static @Nullable Double score(Random random) {
        return switch (random.nextInt(14)) {
            case 0 -> null;
            case 1 -> Double.NaN;
            case 2 -> -0.0;
            case 3 -> 1e17;
            case 4 -> -1e17;
            default -> random.nextInt(40) / 10.0;
        };
    }

    private static @Nullable Object[] customer(Random random, long key) {
        return new Object[] {
            key,
            random.nextInt(20) == 0 ? null : (Long) (random.nextInt(3) > 0 ? key : random.nextInt(20)),
            20 + random.nextInt(3),
            random.nextInt(8) == 0 ? null : "town " + random.nextInt(4),
            BigDecimal.valueOf(random.nextInt(50), 2),
            random.nextInt(20) == 0
                    ? null
                    : LocalDate.ofInstant(DAY_0, ZoneOffset.UTC).plusDays(random.nextInt(25))
        };
    }
}
