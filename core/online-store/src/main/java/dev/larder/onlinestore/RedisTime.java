package dev.larder.onlinestore;

import dev.larder.onlinestore.OnlineStore.PushRule;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * What a view's time field in an entity's hash holds: a {@code google.protobuf.Timestamp}, with the row's version appended as
 * a field of ours that no reader of such a message knows, and that every one skips. Without it the version is 0.
 *
 * <pre>
 * 08 c0a98caf06            seconds, varint; left out when 0
 * 10 e807                  nanos, varint; left out when 0
 * 79 0a00000000000000      field 15, fixed64 in little-endian; left out when 0
 * </pre>
 */
record RedisTime(long seconds, int nanos, long version) implements Comparable<RedisTime> {
    private static final int SECONDS = 1 << 3;
    private static final int NANOS = 2 << 3;
    private static final int VERSION = (15 << 3) | 1;

    private static final RedisTime START = new RedisTime(0, 0, 0);

    private static final Comparator<RedisTime> INSTANT =
            Comparator.comparingLong(RedisTime::seconds).thenComparingInt(RedisTime::nanos);

    private static final Comparator<RedisTime> ORDER = INSTANT.thenComparingLong(RedisTime::version);

    static RedisTime of(Instant eventTime, long version) {
        return new RedisTime(eventTime.getEpochSecond(), eventTime.getNano(), version);
    }

    /** Null if the bytes are no such message. */
    static @Nullable RedisTime parse(byte[] bytes) {
        return parse(bytes, 0, bytes.length);
    }

    /** Of the bytes from {@code from} up to {@code to}; null if they are no such message. */
    static @Nullable RedisTime parse(byte[] bytes, int from, int to) {
        Fields in = new Fields(bytes, from, to);
        long seconds = 0;
        int nanos = 0;
        long version = 0;
        while (in.position < to && in.intact) {
            long tag = in.varint();
            if (tag == SECONDS) {
                seconds = in.varint();
            } else if (tag == NANOS) {
                nanos = (int) in.varint();
            } else if (tag == VERSION) {
                version = in.fixed64();
            } else {
                in.skip((int) tag & 7);
            }
        }
        return in.intact ? new RedisTime(seconds, nanos, version) : null;
    }

    byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(24);
        if (seconds != 0) {
            out.write(SECONDS);
            writeVarint(out, seconds);
        }
        if (nanos != 0) {
            out.write(NANOS);
            writeVarint(out, nanos);
        }
        if (version != 0) {
            out.write(VERSION);
            out.writeBytes(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(version)
                    .array());
        }
        return out.toByteArray();
    }

    /** Whether a pushed row of this time replaces one of that time. */
    boolean replaces(RedisTime stored, PushRule rule) {
        return switch (rule) {
            case LATEST -> compareTo(stored) >= 0;
            case LATER -> INSTANT.compare(stored, START) <= 0 || INSTANT.compare(stored, this) < 0;
            case ALWAYS -> true;
        };
    }

    @Override
    public int compareTo(RedisTime other) {
        return ORDER.compare(this, other);
    }

    private static void writeVarint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    /** A message's bytes, read from the front; nothing is read any more once they are found broken. */
    private static final class Fields {
        private final byte[] bytes;
        private final int end;
        private int position;
        private boolean intact = true;

        Fields(byte[] bytes, int from, int to) {
            this.bytes = bytes;
            position = from;
            end = to;
        }

        long varint() {
            long value = 0;
            for (int shift = 0; shift < Long.SIZE && position < end; shift += 7) {
                byte next = bytes[position++];
                value |= (next & 0x7fL) << shift;
                if (next >= 0) {
                    return value;
                }
            }
            intact = false;
            return 0;
        }

        long fixed64() {
            int start = position;
            advance(Long.BYTES);
            return intact
                    ? ByteBuffer.wrap(bytes, start, Long.BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()
                    : 0;
        }

        void skip(int wireType) {
            switch (wireType) {
                case 0 -> varint();
                case 1 -> advance(Long.BYTES);
                case 2 -> advance(varint());
                case 5 -> advance(Integer.BYTES);
                default -> intact = false;
            }
        }

        private void advance(long count) {
            intact &= count >= 0 && count <= end - position;
            if (intact) {
                position += (int) count;
            }
        }
    }
}
