package dev.larder.server.write;

import dev.larder.feast.IsoTime;
import dev.larder.model.FeatureValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Cells of time columns as microseconds since 1970; what is finer is cut towards the past. */
final class EventTimes {
    static final String ACCEPTED = "ISO-8601 text such as " + IsoTime.EXAMPLES + ", or nanoseconds since 1970";

    /** A number of nanoseconds below this is a time before 1973, so it more likely counts something longer. */
    private static final BigDecimal SUSPICIOUS = BigDecimal.valueOf(100_000_000_000_000_000L);

    /** What a {@code google.protobuf.Timestamp} may hold. */
    private static final long FIRST = micros(Instant.parse("0001-01-01T00:00:00Z"));

    private static final long LAST = micros(Instant.parse("9999-12-31T23:59:59.999999Z"));

    private static final BigDecimal NANOS_PER_MICRO = BigDecimal.valueOf(1_000);
    private static final long MICROS_PER_SECOND = 1_000_000;

    private EventTimes() {}

    /** Empty for what is no time between the years 1 and 9999. */
    static OptionalLong micros(@Nullable Object cell) {
        OptionalLong micros = anyMicros(cell);
        return micros.isPresent() && micros.getAsLong() >= FIRST && micros.getAsLong() <= LAST
                ? micros
                : OptionalLong.empty();
    }

    static long micros(Instant time) {
        return Math.addExact(Math.multiplyExact(time.getEpochSecond(), MICROS_PER_SECOND), time.getNano() / 1_000);
    }

    /** Whether a number was given that hardly counts nanoseconds. */
    static boolean isSuspicious(@Nullable Object cell) {
        return plain(cell) instanceof Number number
                && isFinite(number)
                && exact(number).abs().compareTo(SUSPICIOUS) < 0;
    }

    private static OptionalLong anyMicros(@Nullable Object cell) {
        if (cell instanceof FeatureValue.UnixTimestamp time) {
            return OptionalLong.of(
                    time.seconds() > LAST / MICROS_PER_SECOND || time.seconds() < FIRST / MICROS_PER_SECOND
                            ? Long.MAX_VALUE
                            : time.seconds() * MICROS_PER_SECOND);
        }
        Object value = plain(cell);
        if (value instanceof String text) {
            try {
                return OptionalLong.of(micros(IsoTime.parse(text).instant()));
            } catch (DateTimeException | ArithmeticException e) {
                return OptionalLong.empty();
            }
        } else if (value instanceof Number number && isFinite(number)) {
            BigDecimal micros = exact(number).divide(NANOS_PER_MICRO, 0, RoundingMode.FLOOR);
            return micros.abs().compareTo(BigDecimal.valueOf(LAST)) > 0
                    ? OptionalLong.empty()
                    : OptionalLong.of(micros.longValue());
        }
        return OptionalLong.empty();
    }

    private static @Nullable Object plain(@Nullable Object cell) {
        if (cell instanceof FeatureValue.Text text) {
            return text.value();
        } else if (cell instanceof FeatureValue.Int64 number) {
            return number.value();
        } else if (cell instanceof FeatureValue.Int32 number) {
            return number.value();
        }
        return cell;
    }

    private static boolean isFinite(Number number) {
        return Double.isFinite(number.doubleValue()) || number instanceof BigInteger || number instanceof BigDecimal;
    }

    private static BigDecimal exact(Number number) {
        if (number instanceof Double || number instanceof Float) {
            return BigDecimal.valueOf(number.doubleValue());
        }
        return number instanceof BigDecimal decimal ? decimal : new BigDecimal(number.toString());
    }
}
