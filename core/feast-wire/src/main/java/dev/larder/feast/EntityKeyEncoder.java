package dev.larder.feast;

import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the keys of one kind of entity as {@link EntityKeyCodec} describes: hot path. What all keys over the same join keys
 * begin with is worked out once, so that a key costs one array. Never changes.
 */
public final class EntityKeyEncoder {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** Type and length of a value. */
    private static final int HEAD = 8;

    private static final byte[] NO_TEXT = {};

    private final String[] names;
    /** Position among the join keys of each part of a key. */
    private final int[] order;

    private final byte[] prefix;
    private final int version;

    /**
     * @param joinKeys each once, in any order
     * @param version {@code entity_key_serialization_version} of feature_store.yaml, 0 to 3
     */
    public EntityKeyEncoder(List<String> joinKeys, int version) {
        // Feast sorts by code point, which is the unsigned order of the UTF-8 bytes and not String.compareTo.
        order = IntStream.range(0, joinKeys.size())
                .boxed()
                .sorted(Comparator.comparing(
                        i -> joinKeys.get(i).getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned))
                .mapToInt(i -> i)
                .toArray();
        names = joinKeys.toArray(String[]::new);
        prefix = EntityKeyCodec.prefix(joinKeys, version);
        this.version = version;
        if (joinKeys.stream().distinct().count() != names.length) {
            throw new IllegalArgumentException("joinKeys: " + joinKeys + " (expected: each once)");
        }
    }

    /** How many bytes at the beginning all keys have in common. */
    public int prefixLength() {
        return prefix.length;
    }

    /**
     * @param values one for each join key, in the order of the join keys
     * @throws LarderException {@code VALUE_TYPE_MISMATCH} if a value's type cannot be part of a key
     */
    public byte[] encode(FeatureValue... values) {
        int size = prefix.length;
        byte[] @Nullable [] texts = null;
        for (int i = 0; i < values.length; i++) {
            int fixed = fixedSize(values[i]);
            if (fixed < 0) {
                if (texts == null) {
                    texts = new byte[values.length][];
                }
                texts[i] = text(i, values[i]);
                fixed = texts[i].length;
            }
            size += HEAD + fixed;
        }
        byte[] key = Arrays.copyOf(prefix, size);
        int at = prefix.length;
        for (int i : order) {
            at = put(key, at, names[i], values[i], texts == null ? NO_TEXT : texts[i]);
        }
        return key;
    }

    /** Of a value without its head; less than 0 if that depends on the value. */
    private int fixedSize(FeatureValue value) {
        if (value instanceof FeatureValue.Int64) {
            return version <= 1 ? Integer.BYTES : Long.BYTES;
        } else if (value instanceof FeatureValue.Int32) {
            return Integer.BYTES;
        }
        return value instanceof FeatureValue.UnixTimestamp ? Long.BYTES : -1;
    }

    private byte[] text(int i, FeatureValue value) {
        if (value instanceof FeatureValue.Text text && text.type() == ValueType.STRING) {
            return text.value().getBytes(StandardCharsets.UTF_8);
        } else if (value instanceof FeatureValue.Bytes raw) {
            return raw.value();
        }
        throw new LarderException(
                ErrorCode.VALUE_TYPE_MISMATCH,
                "Join key '%s': %s cannot be part of an entity key (expected: Int64, Int32, String, Bytes or UnixTimestamp; declare a UUID as String)"
                        .formatted(names[i], value));
    }

    /** @return where the next part begins */
    private int put(byte[] key, int at, String name, FeatureValue value, byte[] text) {
        if (value instanceof FeatureValue.Int64 number) {
            if (version <= 1) {
                return putInt(key, at, ValueType.INT64, fourBytes(name, number.value()));
            }
            return putLong(key, at, ValueType.INT64, number.value());
        } else if (value instanceof FeatureValue.Int32 number) {
            return putInt(key, at, ValueType.INT32, number.value());
        } else if (value instanceof FeatureValue.UnixTimestamp time) {
            return putLong(key, at, ValueType.UNIX_TIMESTAMP, time.seconds());
        }
        putHead(key, at, value instanceof FeatureValue.Bytes ? ValueType.BYTES : ValueType.STRING, text.length);
        System.arraycopy(text, 0, key, at + HEAD, text.length);
        return at + HEAD + text.length;
    }

    private static int putInt(byte[] key, int at, ValueType type, int value) {
        putHead(key, at, type, Integer.BYTES);
        INT.set(key, at + HEAD, value);
        return at + HEAD + Integer.BYTES;
    }

    private static int putLong(byte[] key, int at, ValueType type, long value) {
        putHead(key, at, type, Long.BYTES);
        LONG.set(key, at + HEAD, value);
        return at + HEAD + Long.BYTES;
    }

    private static void putHead(byte[] key, int at, ValueType type, int length) {
        INT.set(key, at, type.number());
        INT.set(key, at + Integer.BYTES, length);
    }

    private static int fourBytes(String name, long value) {
        if (value != (int) value) {
            throw new LarderException(
                    ErrorCode.VALUE_TYPE_MISMATCH,
                    "Join key '%s': %d does not fit into 32 bits, which is all that entity_key_serialization_version 0 and 1 have (use 3)"
                            .formatted(name, value));
        }
        return (int) value;
    }
}
