package dev.larder.server.online;

import java.util.Arrays;

/** Which stored bytes stand for a null. */
final class StoredNull {
    /** UNIX_TIMESTAMP of -2^63 seconds: what Feast's Python stores for a null in a batch of times. */
    private static final byte[] NO_TIME = {
        8 << 3,
        (byte) 0x80,
        (byte) 0x80,
        (byte) 0x80,
        (byte) 0x80,
        (byte) 0x80,
        (byte) 0x80,
        (byte) 0x80,
        (byte) 0x80,
        (byte) 0x80,
        1
    };

    /** Tag of {@code Value.null_val}, field 19, of which only zero exists. */
    private static final byte[] NULL_VAL = {(byte) 0x98, 1, 0};

    private StoredNull() {}

    static boolean is(byte[] bytes, int from, int length) {
        return length == 0 || isSame(bytes, from, length, NO_TIME) || isSame(bytes, from, length, NULL_VAL);
    }

    private static boolean isSame(byte[] bytes, int from, int length, byte[] value) {
        return length == value.length && Arrays.equals(bytes, from, from + length, value, 0, length);
    }
}
