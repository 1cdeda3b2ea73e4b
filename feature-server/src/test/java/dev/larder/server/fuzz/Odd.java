package dev.larder.server.fuzz;

import java.util.List;
import java.util.Random;

/** Values that parsers and converters trip over. */
final class Odd {
    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "\0",
            "a\0b",
            "\ud800",
            "\udc00\ud800",
            "x\udfff",
            "\ufeff",
            "\uffff",
            "\u202e\u200b",
            "\ud83d\ude80",
            "I\u0307\u0131\u00df",
            "\u0661\u0662\u0663",
            "\uff11",
            "%s%n%d",
            "{0}${jndi:x}",
            "'; drop table x; --",
            "../../etc/passwd",
            "%2e%2e%2f",
            "a:b:c",
            ":",
            "NaN",
            "Infinity",
            "-0",
            "1e400",
            "0x10",
            "1_000",
            "+1",
            " 1 ",
            "9223372036854775808",
            "-9223372036854775809",
            "1.0",
            "true",
            "null",
            "1970-01-01T00:00:00Z",
            "2024-06-01T00:00:00+99:99",
            "2024-02-30",
            "+1000000000-12-31T23:59:59Z",
            "-292275055-05-16T16:47:04Z",
            "0000-00-00T00:00:00",
            "24:00",
            "2024-06-01T24:00:00",
            "2024-06-01T00:00:60.999999999999",
            "AAAA====",
            "\u00e9".repeat(3000),
            "x".repeat(20_000));

    private static final List<String> NUMBERS = List.of(
            "0",
            "-0",
            "-0.0",
            "1",
            "-1",
            "0.1",
            "1e-400",
            "1e400",
            "-1e308",
            "1E+2",
            "1.7976931348623157e308",
            "4.9e-324",
            "2147483648",
            "-2147483649",
            "9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "18446744073709551616",
            "253402300800",
            "1717200000000000000",
            "1e19",
            "1e999999999",
            "1" + "0".repeat(900),
            "1" + "0".repeat(1100),
            "0." + "1".repeat(1100),
            "NaN",
            "Infinity",
            "-Infinity");

    private Odd() {}

    static String text(Random random) {
        return random.nextInt(4) == 0 ? unicode(random) : TEXTS.get(random.nextInt(TEXTS.size()));
    }

    /** As JSON writes it; more than its grammar allows. */
    static String number(Random random) {
        return NUMBERS.get(random.nextInt(NUMBERS.size()));
    }

    static long integer(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> Long.MIN_VALUE + random.nextInt(2);
            case 1 -> Long.MAX_VALUE - random.nextInt(2);
            case 2 -> random.nextInt(5) - 2L;
            case 3 -> (1L << random.nextInt(63)) - random.nextInt(2);
            case 4 -> 1001 + random.nextInt(4);
            default -> random.nextLong();
        };
    }

    private static String unicode(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i >= 0; i--) {
            text.append((char) random.nextInt(random.nextBoolean() ? 0x80 : 0x10000));
        }
        return text.toString();
    }
}
