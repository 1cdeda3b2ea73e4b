package dev.larder.materializer.compute;

import static dev.larder.materializer.testing.Banking.aggregation;

import dev.larder.materializer.testing.Banking;
import dev.larder.model.Aggregation.Function;
import dev.larder.model.FeatureView;
import dev.larder.model.ValueType;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Views and rows from a seed. The four weeks from {@link #DAY_0} on hold a change of clocks in Europe. */
final class Generated {
    static final Instant DAY_0 = Instant.parse("2026-03-20T00:00:00Z");

    private Generated() {}

    static FeatureView view(Random random) {
        List<Duration> distances =
                List.of(Duration.ofDays(1), Duration.ofHours(6), Duration.ofDays(2), Duration.ofHours(12));
        List<ZoneId> zones = List.of(
                ZoneOffset.UTC, ZoneId.of("Europe/Berlin"), ZoneId.of("Asia/Kathmandu"), ZoneId.of("Africa/Cairo"));
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

    static @Nullable Object[] transaction(Random random, long key) {
        Instant time = DAY_0.plusSeconds(random.nextInt(28 * 86_400));
        return new Object[] {
            key,
            random.nextInt(30) == 0 ? null : (Long) (long) random.nextInt(6),
            random.nextInt(12) == 0 ? null : BigDecimal.valueOf(random.nextInt(2_000_000) - 200_000, 2),
            random.nextInt(12) == 0 ? null : "vendor " + random.nextInt(5),
            score(random),
            switch (random.nextInt(12)) {
                case 0 -> null;
                case 1 -> time.truncatedTo(ChronoUnit.DAYS);
                case 2 -> time.truncatedTo(ChronoUnit.DAYS).minusNanos(1000);
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

    static @Nullable Object[] customer(Random random, long key) {
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
