package dev.larder.feast;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * JSON in the making, as bytes. Hot path: nothing is allocated but the buffer that grows, and nothing is checked; whoever
 * writes sets the commas. For use by one thread.
 */
public final class JsonBuffer {
    private static final int LONGEST_NUMBER = 20;
    private static final byte[] NULL = ascii("null");
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");
    private static final byte[] NAN = ascii("\"NaN\"");
    private static final byte[] INFINITY = ascii("\"Infinity\"");
    private static final byte[] MINUS_INFINITY = ascii("\"-Infinity\"");
    private static final byte[] HEX = ascii("0123456789abcdef");

    /** For a byte that must be escaped: the letter after the backslash, or 'u'; 0 for all others. */
    private static final byte[] ESCAPE = new byte[256];

    static {
        Arrays.fill(ESCAPE, 0, 0x20, (byte) 'u');
        ESCAPE['\b'] = 'b';
        ESCAPE['\t'] = 't';
        ESCAPE['\n'] = 'n';
        ESCAPE['\f'] = 'f';
        ESCAPE['\r'] = 'r';
        ESCAPE['"'] = '"';
        ESCAPE['\\'] = '\\';
    }

    private byte[] bytes;
    private int length;

    /** @param capacity bytes that are written without growing */
    public JsonBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    /** What holds the JSON, in its first {@link #length} bytes, until the next call. */
    public byte[] bytes() {
        return bytes;
    }

    public int length() {
        return length;
    }

    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    /** @param character of ASCII, for example a bracket or a comma */
    public void raw(char character) {
        room(1);
        bytes[length++] = (byte) character;
    }

    /** @param json as it stands */
    public void raw(byte[] json) {
        raw(json, 0, json.length);
    }

    /** @param json whose {@code count} bytes from {@code from} on are copied as they stand; may be this buffer's own */
    public void raw(byte[] json, int from, int count) {
        room(count);
        System.arraycopy(json, from, bytes, length, count);
        length += count;
    }

    public void nothing() {
        raw(NULL);
    }

    public void bool(boolean value) {
        raw(value ? TRUE : FALSE);
    }

    public void number(long value) {
        room(LONGEST_NUMBER);
        length = NumberOutput.outputLong(value, bytes, length);
    }

    /** The shortest text that reads back equal, always with a fraction or exponent; as text where JSON has no number for it. */
    public void number(double value) {
        if (Double.isNaN(value)) {
            raw(NAN);
        } else if (Double.isInfinite(value)) {
            raw(value > 0 ? INFINITY : MINUS_INFINITY);
        } else {
            // Double.toString has superfluous digits before JDK 19.
            ascii(NumberOutput.toString(value, true), this);
        }
    }

    /** A string of which the text is there as UTF-8. */
    public void text(byte[] utf8, int from, int count) {
        room(count + 2);
        bytes[length++] = '"';
        int end = from + count;
        int copied = from;
        for (int i = from; i < end; i++) {
            byte escape = ESCAPE[utf8[i] & 0xFF];
            if (escape != 0) {
                raw(utf8, copied, i - copied);
                escape(utf8[i], escape);
                copied = i + 1;
            }
        }
        raw(utf8, copied, end - copied);
        raw('"');
    }

    public void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        text(utf8, 0, utf8.length);
    }

    /** A string that holds bytes in base64, with padding. */
    public void base64(byte[] content, int from, int count) {
        raw('"');
        raw(Base64.getEncoder().encode(Arrays.copyOfRange(content, from, from + count)));
        raw('"');
    }

    private void escape(byte character, byte escape) {
        room(6);
        bytes[length++] = '\\';
        bytes[length++] = escape;
        if (escape == 'u') {
            bytes[length++] = '0';
            bytes[length++] = '0';
            bytes[length++] = HEX[character >> 4];
            bytes[length++] = HEX[character & 0xF];
        }
    }

    @SuppressWarnings("deprecation") // the only copy without an object; all characters are below 128
    private static void ascii(String text, JsonBuffer to) {
        int count = text.length();
        to.room(count);
        text.getBytes(0, count, to.bytes, to.length);
        to.length += count;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void room(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
    }
}
