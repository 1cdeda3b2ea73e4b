package dev.larder.materializer.compute;

import dev.larder.model.Aggregation;
import dev.larder.model.Aggregation.Function;
import dev.larder.model.ValueType;
import dev.larder.model.Window;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One aggregation over operands that {@link #operand} has prepared. Sums and averages are exact until the one rounding to
 * the declared type, of floating-point columns too (their values are exact binary fractions), so the order of the rows
 * never matters. Among floating-point values NaN is the greatest, as in PostgreSQL, and both zeros are one.
 */
final class Aggregate implements Serializable {
    private static final long serialVersionUID = 1L;
    /** More digits than tell any quotient of realistic size from the middle between two doubles. */
    private static final MathContext QUOTIENT = new MathContext(60);

    private final Function function;
    private final ValueType type;
    private final long windowMicros;

    Aggregate(Aggregation aggregation) {
        function = aggregation.function();
        type = aggregation.type();
        windowMicros = micros(aggregation.window());
    }

    static long micros(Window window) {
        if (window instanceof Window.Rolling rolling) {
            return Math.multiplyExact(rolling.length().toSeconds(), 1_000_000L)
                    + rolling.length().toNanosPart() / 1000;
        }
        throw new IllegalArgumentException("window: " + window + " (expected: a rolling one)");
    }

    long windowMicros() {
        return windowMicros;
    }

    /** What {@link Fold#add} takes of a column's value. */
    @Nullable
    Object operand(@Nullable Object value) {
        if (value instanceof Float number) {
            return operand(number.doubleValue());
        }
        boolean sums = function == Function.SUM || function == Function.AVG;
        if (value instanceof Double number) {
            if (sums) {
                return Double.isFinite(number) ? new BigDecimal(number) : (Object) number;
            }
            return number == 0 ? (Object) 0.0 : number;
        }
        if (sums && value instanceof Number number && !(value instanceof BigDecimal)) {
            return BigDecimal.valueOf(number.longValue());
        }
        return value;
    }

    Fold fold() {
        return switch (function) {
            case COUNT -> new Count();
            case COUNT_DISTINCT -> new Distinct();
            case SUM, AVG -> new Sum();
            case MIN -> new Extreme(-1);
            case MAX -> new Extreme(1);
        };
    }

    /** The result over the operands added so far, as the declared type. */
    @Nullable
    Object result(Fold fold) {
        return Values.convert(fold.result(), type);
    }

    /** Takes operands in any order; nulls must not be added. */
    interface Fold {
        void add(Object operand);

        @Nullable
        Object result();
    }

    private static final class Count implements Fold {
        private long count;

        @Override
        public void add(Object operand) {
            count++;
        }

        @Override
        public Object result() {
            return count;
        }
    }

    private static final class Distinct implements Fold {
        private final Set<Object> values = new HashSet<>();

        @Override
        public void add(Object operand) {
            values.add(operand);
        }

        @Override
        public Object result() {
            return (long) values.size();
        }
    }

    private static final class Extreme implements Fold {
        private final int sign;
        private @Nullable Object extreme;

        Extreme(int sign) {
            this.sign = sign;
        }

        @Override
        public void add(Object operand) {
            if (extreme == null || sign * Integer.signum(compare(extreme, operand)) < 0) {
                extreme = operand;
            }
        }

        @SuppressWarnings("unchecked")
        private static int compare(Object a, Object b) {
            // Texts by code point, as every engine does that compares UTF-8; String.compareTo does not.
            return a instanceof String text
                    ? Arrays.compareUnsigned(
                            text.getBytes(StandardCharsets.UTF_8), ((String) b).getBytes(StandardCharsets.UTF_8))
                    : ((Comparable<Object>) a).compareTo(b);
        }

        @Override
        public @Nullable Object result() {
            return extreme;
        }
    }

    private final class Sum implements Fold {
        private BigDecimal sum = BigDecimal.ZERO;
        /** The sum of what is not finite: NaN, or an infinity. */
        private double beyond;

        private long count;

        @Override
        public void add(Object operand) {
            count++;
            if (operand instanceof BigDecimal number) {
                sum = sum.add(number);
            } else {
                beyond += (Double) operand;
            }
        }

        @Override
        public @Nullable Object result() {
            if (count == 0) {
                return null;
            }
            if (beyond != 0) {
                return beyond;
            }
            return function == Function.SUM ? sum : sum.divide(BigDecimal.valueOf(count), QUOTIENT);
        }
    }
}
