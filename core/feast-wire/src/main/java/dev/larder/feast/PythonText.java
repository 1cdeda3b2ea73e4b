package dev.larder.feast;

import com.fasterxml.jackson.core.io.NumberOutput;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** What Python's {@code str} makes of a value: Feast stores such text beside the bytes and casts join keys with it. */
public final class PythonText {
    private PythonText() {}

    public static String of(boolean value) {
        return value ? "True" : "False";
    }

    /** The fewest digits that read back as the same double, as {@code 0.1}, {@code 1e+16}, {@code 5e-324}. */
    public static String of(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        } else if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        } else if (value == 0) {
            return Double.doubleToRawLongBits(value) == 0 ? "0.0" : "-0.0";
        }
        BigDecimal shortest = shortest(value);
        String digits = shortest.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - shortest.scale();
        String sign = value < 0 ? "-" : "";
        return sign + (exponent < -4 || exponent >= 16 ? scientific(digits, exponent) : positional(digits, exponent));
    }

    /**
     * Text of a serialized value where Feast's SQLite store has one: strings, integers, floats and booleans.
     *
     * @return null for other types and for null
     */
    public static @Nullable String of(byte[] value) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(value);
            String text = null;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                text = switch (WireFormat.getTagFieldNumber(tag)) {
                    case 2 -> in.readStringRequireUtf8();
                    case 3, 4 -> Long.toString(in.readInt64());
                    case 5 -> of(in.readDouble());
                    case 6 -> of((double) in.readFloat());
                    case 7 -> of(in.readBool());
                    default -> {
                        in.skipField(tag);
                        yield null;
                    }
                };
            }
            return text;
        } catch (IOException e) {
            throw ValueCodec.corrupt(value, e);
        }
    }

    /** Java always gives two digits, and the best two; Python takes one where one will do. */
    private static BigDecimal shortest(double value) {
        BigDecimal java = new BigDecimal(NumberOutput.toString(value, true)).stripTrailingZeros();
        if (java.precision() == 2) {
            BigDecimal oneDigit = new BigDecimal(value).round(new MathContext(1, RoundingMode.HALF_EVEN));
            if (oneDigit.doubleValue() == value) {
                return oneDigit.stripTrailingZeros();
            }
        }
        return java;
    }

    private static String scientific(String digits, int exponent) {
        String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
        String size = Integer.toString(Math.abs(exponent));
        return digits.charAt(0) + fraction + (exponent < 0 ? "e-" : "e+") + (size.length() == 1 ? "0" : "") + size;
    }

    private static String positional(String digits, int exponent) {
        if (exponent < 0) {
            return "0." + "0".repeat(-exponent - 1) + digits;
        }
        int whole = exponent + 1;
        return digits.length() <= whole
                ? digits + "0".repeat(whole - digits.length()) + ".0"
                : digits.substring(0, whole) + "." + digits.substring(whole);
    }
}
