package dev.larder.onlinestore;

import java.util.Arrays;

/** Commands as they go to Redis (RESP2). For use by one thread. */
final class CommandBuffer {
    static final byte[] HMGET = RedisLayout.utf8("HMGET");
    static final byte[] HGETALL = RedisLayout.utf8("HGETALL");

    private static final int FIRST_SIZE = 1024;
    private static final int LARGEST_KEPT = 1024 * 1024;
    private static final int LONGEST_HEADER = 13;

    private byte[] bytes = new byte[FIRST_SIZE];
    private int length;

    void clear() {
        if (bytes.length > LARGEST_KEPT) {
            bytes = new byte[FIRST_SIZE];
        }
        length = 0;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** @param words how many texts follow, the command's name included */
    void begin(int words) {
        header('*', words);
    }

    void text(byte[] text) {
        header('$', text.length);
        raw(text);
        endOfLine();
    }

    /** One text of two parts. */
    void text(byte[] first, byte[] second) {
        header('$', first.length + second.length);
        raw(first);
        raw(second);
        endOfLine();
    }

    void raw(byte[] encoded) {
        room(encoded.length);
        System.arraycopy(encoded, 0, bytes, length, encoded.length);
        length += encoded.length;
    }

    private void header(char type, int number) {
        room(LONGEST_HEADER);
        bytes[length++] = (byte) type;
        int digits = 1;
        for (int rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        int rest = number;
        for (int i = digits - 1; i >= 0; i--) {
            bytes[length + i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
        endOfLine();
    }

    private void endOfLine() {
        room(2);
        bytes[length++] = '\r';
        bytes[length++] = '\n';
    }

    private void room(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
        }
    }
}
