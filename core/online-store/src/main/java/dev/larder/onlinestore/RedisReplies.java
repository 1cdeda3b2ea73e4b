package dev.larder.onlinestore;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a connection to Redis has brought, and the replies in it (RESP2). Hot path: values are not copied, they stay in the
 * buffer, which is never written to again where they lie. For use by one thread.
 */
final class RedisReplies {
    private static final int BUFFER = 64 * 1024;
    /** A buffer with less room than this is not worth a call. */
    private static final int ROOM = 4 * 1024;

    private static final long INCOMPLETE = Long.MIN_VALUE;

    private byte[] bytes = new byte[BUFFER];
    /** Where the first reply begins that is not read yet. */
    private int start;

    private int end;
    private int at;

    /** Waits for more; false when nothing will come any more. */
    boolean fill(InputStream in) throws IOException {
        if (bytes.length - end < ROOM) {
            int begun = end - start;
            byte[] next = new byte[begun > BUFFER / 2 ? 2 * bytes.length : BUFFER];
            System.arraycopy(bytes, start, next, 0, begun);
            bytes = next;
            start = 0;
            end = begun;
        }
        int read = in.read(bytes, end, bytes.length - end);
        end += Math.max(0, read);
        return read >= 0;
    }

    boolean isEmpty() {
        return start == end;
    }

    /**
     * Takes the next reply if all of it is there.
     *
     * @param pairs whether it is a hash's fields with their values, not only the values of those that were asked for
     * @return what was asked for; null if the reply is not complete yet
     * @throws RedisRefusal if Redis answers with an error
     * @throws IOException for what is no such reply
     */
    @Nullable
    StoredHash hash(HashFields fields, boolean pairs) throws IOException, RedisRefusal {
        at = start;
        long count = header('*');
        if (count == INCOMPLETE) {
            return null;
        }
        if (pairs ? count % 2 != 0 : count != fields.count()) {
            throw new IOException(
                    "Redis answers with %d texts (expected: %s)".formatted(count, pairs ? "pairs" : fields.count()));
        }
        StoredHash hash = new StoredHash(fields.count());
        hash.lieIn(bytes);
        int field = 0;
        for (int i = 0; i < count; i++) {
            long length = header('$');
            if (length == INCOMPLETE) {
                return null;
            } else if (length < 0) {
                // A field that the hash does not have.
                continue;
            } else if (length > end - at - 2) {
                return null;
            }
            int valueEnd = at + (int) length;
            if (!pairs) {
                hash.set(i, at, valueEnd);
            } else if ((i & 1) == 0) {
                field = fields.slot(bytes, at, valueEnd);
                hash.countField();
            } else if (field >= 0) {
                hash.set(field, at, valueEnd);
            }
            at = valueEnd + 2;
        }
        start = at;
        return hash;
    }

    /**
     * Takes the next reply, which says only that all went well, if it is there.
     *
     * @return whether it was
     */
    boolean ok() throws IOException, RedisRefusal {
        at = start;
        boolean isThere = header('+') != INCOMPLETE;
        if (isThere) {
            start = at;
        }
        return isThere;
    }

    /**
     * The first line of a reply: its number, of a text 0.
     *
     * @return {@link #INCOMPLETE} if its end is not there yet
     */
    private long header(char expected) throws IOException, RedisRefusal {
        if (at >= end) {
            return INCOMPLETE;
        }
        byte type = bytes[at];
        if (type != expected) {
            return refusal(type, expected);
        }
        if (type == '+') {
            int line = endOfLine();
            if (line < 0) {
                return INCOMPLETE;
            }
            at = line + 2;
            return 0;
        }
        int digit = at + 1;
        boolean isNegative = digit < end && bytes[digit] == '-';
        if (isNegative) {
            digit++;
        }
        long number = 0;
        while (digit < end && bytes[digit] != '\r') {
            number = number * 10 + (bytes[digit] - '0');
            digit++;
        }
        if (digit + 1 >= end) {
            return INCOMPLETE;
        }
        at = digit + 2;
        return isNegative ? -number : number;
    }

    private long refusal(byte type, char expected) throws IOException, RedisRefusal {
        int line = endOfLine();
        if (line < 0) {
            return INCOMPLETE;
        }
        String text = RedisLayout.text(Arrays.copyOfRange(bytes, at + 1, line));
        if (type != '-') {
            throw new IOException("Redis answers with a reply of type '%c' (expected: '%c')".formatted(type, expected));
        }
        start = line + 2;
        throw new RedisRefusal(text);
    }

    private int endOfLine() {
        for (int i = at; i + 1 < end; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Redis's own message. */
    static final class RedisRefusal extends Exception {
        private static final long serialVersionUID = 1L;

        RedisRefusal(String message) {
            super(message);
        }
    }
}
