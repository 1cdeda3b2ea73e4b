package dev.larder.materializer.compute;

import dev.larder.materializer.lake.Micros;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** Column values as declared types; rounding happens here, once. */
final class Values {
    private Values() {}

    /**
     * Converts a value of the lake or an exact result. A date as a point in time is its midnight in UTC.
     *
     * @throws LarderException {@code VALUE_TYPE_MISMATCH} if the type cannot hold the value
     */
    static @Nullable Object convert(@Nullable Object value, ValueType type) {
        if (value == null) {
            return null;
        }
        try {
            return switch (type) {
                case INT32 -> exact(value).intValueExact();
                case INT64 -> exact(value).longValueExact();
                case FLOAT ->
                    value instanceof BigDecimal decimal ? decimal.floatValue() : ((Number) value).floatValue();
                case DOUBLE ->
                    value instanceof BigDecimal decimal ? decimal.doubleValue() : ((Number) value).doubleValue();
                case DECIMAL -> exact(value).toPlainString();
                case UNIX_TIMESTAMP ->
                    value instanceof LocalDate date
                            ? date.atStartOfDay(ZoneOffset.UTC).toInstant()
                            : value;
                default -> value;
            };
        } catch (ArithmeticException e) {
            throw new LarderException(
                    ErrorCode.VALUE_TYPE_MISMATCH,
                    "%s does not fit into type %s. Declare a wider type, for example Float64."
                            .formatted(value, type.displayName()),
                    e);
        }
    }

    /** An event time: a timestamp, or a date's midnight in the zone. */
    static @Nullable Long time(@Nullable Object value, ZoneId zone) {
        if (value == null) {
            return null;
        }
        return value instanceof LocalDate date ? StampGrid.midnight(date, zone) : Micros.of((Instant) value);
    }

    private static BigDecimal exact(Object value) {
        return value instanceof BigDecimal decimal ? decimal : BigDecimal.valueOf(((Number) value).longValue());
    }
}
