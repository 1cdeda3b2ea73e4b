package dev.larder.materializer.compute;

import dev.larder.model.Aggregation;
import dev.larder.model.DataSource;
import dev.larder.model.FeatureView;
import dev.larder.model.FeatureView.Aggregated;
import dev.larder.model.ValueType;
import dev.larder.model.Window;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The definition of aggregated rows, slow on purpose: every stamp of every entity, looking at every event. */
final class FactsOracle {
    private final Aggregated computation;
    private final List<String> columns;
    private final String eventTime;

    FactsOracle(FeatureView view, DataSource source) {
        this.computation = (Aggregated) Objects.requireNonNull(view.computation());
        this.columns = source.columns().stream().map(DataSource.Column::name).toList();
        this.eventTime = Objects.requireNonNull(source.eventTime());
    }

    /** Values and day by (entity, stamp), of the stamps in (from, to]. */
    Map<List<Object>, List<@Nullable Object>> rows(Collection<@Nullable Object[]> present, Instant from, Instant to) {
        Map<Object, List<@Nullable Object[]>> byUser = new TreeMap<>();
        for (@Nullable Object[] row : present) {
            Object user = value(row, "user_id");
            if (user != null && value(row, eventTime) != null) {
                byUser.computeIfAbsent(user, u -> new ArrayList<>()).add(row);
            }
        }
        Map<List<Object>, List<@Nullable Object>> result = new TreeMap<>(ComputedRows.ORDER);
        byUser.forEach((user, events) -> {
            boolean before = false;
            for (Instant stamp : stamps(first(events).minus(longest()), to)) {
                boolean now = !in(events, stamp, longest()).isEmpty();
                if ((now || before) && stamp.isAfter(from)) {
                    result.put(List.of(user, stamp), row(events, stamp));
                }
                before = now;
            }
        });
        return result;
    }

    private Instant first(List<@Nullable Object[]> events) {
        return events.stream().map(this::time).min(Comparator.naturalOrder()).orElseThrow();
    }

    private List<Instant> stamps(Instant from, Instant to) {
        List<Instant> stamps = new ArrayList<>();
        if (computation.every().toHours() >= 24) {
            LocalDate date = from.atZone(computation.zone()).toLocalDate().minusDays(40);
            while (date.toEpochDay() % computation.every().toDays() != 0) {
                date = date.plusDays(1);
            }
            for (; ; date = date.plusDays(computation.every().toDays())) {
                Instant stamp = date.atStartOfDay(computation.zone()).toInstant();
                if (stamp.isAfter(to)) {
                    return stamps;
                }
                stamps.add(stamp);
            }
        }
        Instant stamp = from.truncatedTo(ChronoUnit.DAYS).minus(computation.every());
        for (; !stamp.isAfter(to); stamp = stamp.plus(computation.every())) {
            stamps.add(stamp);
        }
        return stamps;
    }

    private List<@Nullable Object[]> in(List<@Nullable Object[]> events, Instant stamp, Duration length) {
        return events.stream()
                .filter(e -> time(e).isBefore(stamp) && !time(e).isBefore(stamp.minus(length)))
                .toList();
    }

    private List<@Nullable Object> row(List<@Nullable Object[]> events, Instant stamp) {
        List<@Nullable Object> row = new ArrayList<>();
        for (Aggregation aggregation : computation.aggregations()) {
            row.add(result(aggregation, in(events, stamp, length(aggregation))));
        }
        row.add(stamp.minus(1, ChronoUnit.MICROS).atZone(computation.zone()).toLocalDate());
        return row;
    }

    private @Nullable Object result(Aggregation aggregation, List<@Nullable Object[]> events) {
        String column = aggregation.column();
        if (column == null) {
            return (long) events.size();
        }
        List<Object> values = new ArrayList<>();
        for (@Nullable Object[] event : events) {
            Object value = value(event, column);
            if (value != null) {
                values.add(value);
            }
        }
        if (aggregation.function() == Aggregation.Function.COUNT) {
            return (long) values.size();
        }
        if (aggregation.function() == Aggregation.Function.COUNT_DISTINCT) {
            // The text tells values apart as SQL does, but for the two zeros.
            return values.stream()
                    .map(v -> v.equals(-0.0) ? "0.0" : v.toString())
                    .distinct()
                    .count();
        }
        if (values.isEmpty()) {
            return null;
        }
        if (values.get(0) instanceof String) {
            List<String> texts =
                    values.stream().map(String.class::cast).sorted().toList();
            return texts.get(aggregation.function() == Aggregation.Function.MIN ? 0 : texts.size() - 1);
        }
        if (values.stream().anyMatch(v -> v instanceof Double d && !Double.isFinite(d))) {
            return notFinite(
                    aggregation, values.stream().mapToDouble(v -> (Double) v).toArray());
        }
        return finite(
                aggregation,
                values.stream().map(v -> new BigDecimal(v.toString())).toList(),
                values);
    }

    private static Object notFinite(Aggregation aggregation, double[] values) {
        // No infinities are generated.
        double result = aggregation.function() == Aggregation.Function.MIN
                ? Arrays.stream(values).sorted().toArray()[0]
                : Double.NaN;
        return aggregation.type() == ValueType.FLOAT ? (Object) (float) result : result;
    }

    private static Object finite(Aggregation aggregation, List<BigDecimal> exact, List<Object> raw) {
        List<BigDecimal> numbers = raw.get(0) instanceof Double
                ? raw.stream().map(v -> new BigDecimal((Double) v)).toList()
                : exact;
        BigDecimal sum = numbers.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
        BigDecimal result =
                switch (aggregation.function()) {
                    case SUM -> sum;
                    case AVG -> sum.divide(BigDecimal.valueOf(numbers.size()), new MathContext(100));
                    case MIN -> numbers.stream().min(Comparator.naturalOrder()).orElseThrow();
                    default -> numbers.stream().max(Comparator.naturalOrder()).orElseThrow();
                };
        return switch (aggregation.type()) {
            case FLOAT -> Float.parseFloat(result.toString());
            case DOUBLE -> Double.parseDouble(result.toString());
            case DECIMAL -> result.toPlainString();
            default -> result.longValueExact();
        };
    }

    private Instant time(@Nullable Object[] event) {
        return (Instant) Objects.requireNonNull(value(event, eventTime));
    }

    private @Nullable Object value(@Nullable Object[] event, String column) {
        return event[columns.indexOf(column)];
    }

    private Duration longest() {
        return computation.aggregations().stream()
                .map(FactsOracle::length)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static Duration length(Aggregation aggregation) {
        return ((Window.Rolling) aggregation.window()).length();
    }
}
