package dev.larder.feast;

import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Scalars of a JSON request as values of a declared type, cast as Feast casts them: {@code "1001"}, {@code 1001.5} and {@code
 * true} are good for INT64, anything is for STRING. Beyond Feast: base64 text for BYTES, ISO-8601 text and whole floats for
 * UNIX_TIMESTAMP, numbers for DECIMAL, and for DOUBLE the texts that answers hold instead of NaN and the infinities.
 */
public final class JsonValues {
    private static final Pattern INTEGER = Pattern.compile("[+-]?\\d{1,40}");
    private static final BigDecimal ABOVE_INT64 = new BigDecimal(BigInteger.ONE.shiftLeft(63));
    /** Numbers are cut toward zero: -2^63 - 0.5 still fits. */
    private static final BigDecimal BELOW_INT64 = ABOVE_INT64.negate().subtract(BigDecimal.ONE);

    /** How answers write what JSON has no number for. */
    private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");

    private static final int LONGEST_SHOWN = 100;

    private JsonValues() {}

    /**
     * @param input a JSON value as a JSON library gives it: null, Boolean, String, Integer, Long, BigInteger, Float, Double or
     *     BigDecimal; or bytes, which JSON has not; others (lists, objects) are refused
     * @throws LarderException {@code VALUE_TYPE_MISMATCH}, naming the value and what is accepted
     */
    public static FeatureValue parse(@Nullable Object input, ValueType declared) {
        if (input == null) {
            return FeatureValue.none();
        }
        return switch (declared) {
            case INT64 -> new FeatureValue.Int64(integer(input, declared));
            case INT32 -> new FeatureValue.Int32(int32(input));
            case FLOAT -> new FeatureValue.Float32((float) floating(input));
            case DOUBLE -> new FeatureValue.Float64(float64(input));
            case BOOL -> new FeatureValue.Bool(bool(input));
            case STRING -> FeatureValue.of(string(input));
            case UNIX_TIMESTAMP -> new FeatureValue.UnixTimestamp(seconds(input));
            case BYTES -> new FeatureValue.Bytes(bytes(input));
            case UUID, TIME_UUID, JSON -> new FeatureValue.Text(declared, text(input, declared));
            case DECIMAL -> new FeatureValue.Text(declared, decimal(input));
            default -> throw mismatch(input, declared, "no value: only scalars can stand here");
        };
    }

    private static long integer(Object input, ValueType type) {
        if (input instanceof Boolean bool) {
            return bool ? 1 : 0;
        } else if (input instanceof String text && INTEGER.matcher(text.strip()).matches()) {
            return inRange(new BigDecimal(text.strip()), input, type);
        } else if (input instanceof Number number && isFinite(number)) {
            return inRange(exact(number), input, type);
        }
        throw mismatch(input, type, "a number, which is cut to a whole one, true, false, or text of a whole number");
    }

    private static int int32(Object input) {
        long value = integer(input, ValueType.INT32);
        if (value != (int) value) {
            throw mismatch(input, ValueType.INT32, "-2147483648 to 2147483647");
        }
        return (int) value;
    }

    private static long inRange(BigDecimal number, Object input, ValueType type) {
        if (number.compareTo(BELOW_INT64) <= 0 || number.compareTo(ABOVE_INT64) >= 0) {
            throw mismatch(input, type, "-2^63 to 2^63-1");
        }
        return number.longValue();
    }

    private static double floating(Object input) {
        if (input instanceof Boolean bool) {
            return bool ? 1 : 0;
        } else if (input instanceof Number number) {
            return number.doubleValue();
        } else if (input instanceof String text) {
            try {
                return Double.parseDouble(text.strip());
            } catch (NumberFormatException e) {
                throw mismatch(input, ValueType.FLOAT, "a number, true, false, or text of a number", e);
            }
        }
        throw mismatch(input, ValueType.FLOAT, "a number, true, false, or text of a number");
    }

    private static double float64(Object input) {
        if (input instanceof Number number) {
            return number.doubleValue();
        } else if (input instanceof String text && NOT_FINITE.contains(text)) {
            return Double.parseDouble(text);
        }
        throw mismatch(input, ValueType.DOUBLE, "a number");
    }

    private static boolean bool(Object input) {
        if (input instanceof Boolean bool) {
            return bool;
        } else if (input instanceof Number number && isWholeType(number)) {
            return exact(number).signum() != 0;
        }
        throw mismatch(input, ValueType.BOOL, "true, false, or a whole number, of which 0 is false");
    }

    private static String string(Object input) {
        if (input instanceof String text) {
            return text;
        } else if (input instanceof Boolean bool) {
            return PythonText.of(bool);
        } else if (input instanceof Number number) {
            return isWholeType(number) ? number.toString() : PythonText.of(number.doubleValue());
        }
        throw mismatch(input, ValueType.STRING, "text, a number, true or false");
    }

    private static long seconds(Object input) {
        if (input instanceof String text && !INTEGER.matcher(text.strip()).matches()) {
            return isoSeconds(text.strip());
        } else if (input instanceof Number number
                && isFinite(number)
                && exact(number).stripTrailingZeros().scale() > 0) {
            throw mismatch(input, ValueType.UNIX_TIMESTAMP, "whole seconds since 1970, or ISO-8601 text");
        }
        return integer(input, ValueType.UNIX_TIMESTAMP);
    }

    /** A fraction of a second is cut toward zero, and a time without offset is in UTC, both as in Feast. */
    private static long isoSeconds(String text) {
        try {
            return wholeSeconds(IsoTime.parse(text).instant());
        } catch (DateTimeException e) {
            throw mismatch(text, ValueType.UNIX_TIMESTAMP, "whole seconds since 1970, or ISO-8601 text", e);
        }
    }

    /** Cut toward zero, as Feast does. */
    static long wholeSeconds(Instant time) {
        long seconds = time.getEpochSecond();
        return seconds < 0 && time.getNano() > 0 ? seconds + 1 : seconds;
    }

    private static byte[] bytes(Object input) {
        if (input instanceof byte[] raw) {
            return raw;
        } else if (input instanceof String text) {
            try {
                return Base64.getDecoder().decode(text);
            } catch (IllegalArgumentException e) {
                throw mismatch(input, ValueType.BYTES, "base64 text", e);
            }
        }
        throw mismatch(input, ValueType.BYTES, "base64 text");
    }

    private static String text(Object input, ValueType type) {
        if (input instanceof String text) {
            return text;
        }
        throw mismatch(input, type, "text");
    }

    private static String decimal(Object input) {
        if (input instanceof String text) {
            return text;
        } else if (input instanceof Number number && isFinite(number)) {
            return exact(number).toString();
        }
        throw mismatch(input, ValueType.DECIMAL, "a number, or text of one");
    }

    private static boolean isWholeType(Number number) {
        return number instanceof Integer || number instanceof Long || number instanceof BigInteger;
    }

    private static boolean isFinite(Number number) {
        return Double.isFinite(number.doubleValue()) || number instanceof BigDecimal || number instanceof BigInteger;
    }

    private static BigDecimal exact(Number number) {
        if (number instanceof BigDecimal decimal) {
            return decimal;
        } else if (number instanceof Double || number instanceof Float) {
            return new BigDecimal(number.toString());
        }
        return new BigDecimal(new BigInteger(number.toString()));
    }

    private static LarderException mismatch(Object input, ValueType type, String accepted) {
        return mismatch(input, type, accepted, null);
    }

    private static LarderException mismatch(Object input, ValueType type, String accepted, @Nullable Throwable cause) {
        String text = input instanceof byte[] raw ? raw.length + " bytes" : String.valueOf(input);
        return mismatch(text, input instanceof String, type, accepted, cause);
    }

    static LarderException mismatch(
            String input, boolean isText, ValueType type, String accepted, @Nullable Throwable cause) {
        String shown = input.length() <= LONGEST_SHOWN ? input : input.substring(0, LONGEST_SHOWN) + "...";
        return new LarderException(
                ErrorCode.VALUE_TYPE_MISMATCH,
                "%s cannot be read as %s (accepted: %s)"
                        .formatted(isText ? '"' + shown + '"' : shown, type.displayName(), accepted),
                cause);
    }
}
