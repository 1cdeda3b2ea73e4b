package dev.larder.cdc;

import dev.larder.model.DataSource.ColumnType;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.concurrent.TimeUnit;

/** Reads the texts of a {@link ChangeEvent} as values. */
public final class ColumnText {
    private static final long MICROS_PER_SECOND = TimeUnit.SECONDS.toMicros(1);

    private ColumnText() {}

    /**
     * The value: an {@link Integer}, {@link Long}, {@link Float}, {@link Double}, {@link BigDecimal}, {@link String}, {@link
     * Boolean}, {@link LocalDate} or {@link Instant}.
     *
     * @throws LarderException {@code VALUE_TYPE_MISMATCH}
     */
    public static Object parse(ColumnType type, String text) {
        try {
            return switch (type) {
                case INT32 -> Integer.valueOf(text);
                case INT64 -> Long.valueOf(text);
                case FLOAT -> Float.valueOf(text);
                case DOUBLE -> Double.valueOf(text);
                case DECIMAL -> new BigDecimal(text);
                case STRING -> text;
                case BOOL -> bool(text);
                case DATE -> LocalDate.ofEpochDay(Long.parseLong(text));
                case TIMESTAMP -> timestamp(text);
            };
        } catch (NumberFormatException | DateTimeException e) {
            throw mismatch(type, text, e);
        }
    }

    /**
     * A timestamptz (ISO text) or a timestamp (microseconds, read as UTC).
     *
     * @throws DateTimeException if the text is neither
     * @throws NumberFormatException if the text is neither
     */
    private static Instant timestamp(String text) {
        if (text.indexOf('T') > 0) {
            return text.endsWith("Z")
                    ? Instant.parse(text)
                    : OffsetDateTime.parse(text).toInstant();
        }
        long micros = Long.parseLong(text);
        return Instant.ofEpochSecond(
                Math.floorDiv(micros, MICROS_PER_SECOND), Math.floorMod(micros, MICROS_PER_SECOND) * 1_000);
    }

    private static Boolean bool(String text) {
        if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
        }
        throw new NumberFormatException("neither true nor false");
    }

    private static LarderException mismatch(ColumnType type, String text, RuntimeException cause) {
        return new LarderException(
                ErrorCode.VALUE_TYPE_MISMATCH,
                "Value '%s' is not a %s. Correct the column's type in the data source's definition."
                        .formatted(text, type.yamlName()),
                cause);
    }
}
