package dev.larder.feast;

import dev.larder.model.EntityKey;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes under which Feast's online stores keep an entity. All numbers are little-endian; join keys come sorted.
 *
 * <p>Version 3, {@code driver_id = 1001 (INT64)}:
 *
 * <pre>
 * 01000000                                  number of join keys
 * 02000000 09000000 6472697665725f6964      STRING, length, "driver_id"
 * 04000000 08000000 e903000000000000        INT64, length, value
 * </pre>
 *
 * Versions 0 to 2 have neither the number of keys nor the length of a key's name; 0 and 1 write an INT64 in four bytes.
 */
public final class EntityKeyCodec {
    /** The version that Feast writes by default, and the only one that can be read back. */
    public static final int CURRENT_VERSION = 3;

    /** Join key of views without entities; its value is the empty string. */
    public static final String DUMMY_JOIN_KEY = "__dummy_id";

    /** The one key of a view without entities. */
    public static final EntityKey ENTITYLESS = EntityKey.of(DUMMY_JOIN_KEY, FeatureValue.of(""));

    private static final int STRING_TAG = ValueType.STRING.number();

    private EntityKeyCodec() {}

    /**
     * @param version {@code entity_key_serialization_version} of feature_store.yaml, 0 to 3
     * @throws LarderException {@code VALUE_TYPE_MISMATCH} if a value's type cannot be part of a key
     */
    public static byte[] encode(EntityKey key, int version) {
        checkVersion(version);
        List<EntityKey.JoinKey> joinKeys = key.joinKeys();
        int count = joinKeys.size();
        byte[][] names = new byte[count][];
        int[] tags = new int[count];
        byte[][] values = new byte[count][];
        int size = version >= 3 ? 4 : 0;
        for (int i = 0; i < count; i++) {
            names[i] = joinKeys.get(i).name().getBytes(StandardCharsets.UTF_8);
            tags[i] = tag(joinKeys.get(i));
            values[i] = value(joinKeys.get(i), version);
            size += nameSize(names[i], version) + 8 + values[i].length;
        }
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        putNames(out, names, version);
        for (int i = 0; i < count; i++) {
            out.putInt(tags[i]).putInt(values[i].length).put(values[i]);
        }
        return out.array();
    }

    /** What the keys over exactly these join keys begin with; Feast deletes a view's keys by it, always in version 3. */
    public static byte[] prefix(List<String> joinKeys, int version) {
        checkVersion(version);
        byte[][] names = joinKeys.stream()
                .map(name -> name.getBytes(StandardCharsets.UTF_8))
                .sorted(Arrays::compareUnsigned)
                .toArray(byte[][]::new);
        int size = version >= 3 ? 4 : 0;
        for (byte[] name : names) {
            size += nameSize(name, version);
        }
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        putNames(out, names, version);
        return out.array();
    }

    /**
     * Reads a key of version 3; older ones cannot be told apart.
     *
     * @throws LarderException {@code ONLINE_STORE_CORRUPT} if the bytes are not such a key
     */
    public static EntityKey decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        try {
            int count = in.getInt();
            List<String> names = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                if (in.getInt() != STRING_TAG) {
                    throw corrupt(bytes, "a join key's name is not a STRING", null);
                }
                names.add(new String(take(in, bytes), StandardCharsets.UTF_8));
            }
            List<EntityKey.JoinKey> joinKeys = new ArrayList<>();
            for (String name : names) {
                joinKeys.add(new EntityKey.JoinKey(name, value(in.getInt(), take(in, bytes), bytes)));
            }
            if (in.hasRemaining()) {
                throw corrupt(bytes, in.remaining() + " bytes too many", null);
            }
            return new EntityKey(joinKeys);
        } catch (BufferUnderflowException e) {
            throw corrupt(bytes, "it ends too early", e);
        }
    }

    /** How many bytes the key of version 3 takes with which these bytes begin; -1 if they begin with none. */
    public static int length(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        try {
            int count = in.getInt();
            boolean intact = count >= 0 && count <= in.remaining();
            for (int i = 0; intact && i < count; i++) {
                intact = in.getInt() == STRING_TAG && skip(in);
            }
            for (int i = 0; intact && i < count; i++) {
                intact = ValueType.ofNumber(in.getInt()).isPresent() && skip(in);
            }
            return intact ? in.position() : -1;
        } catch (BufferUnderflowException e) {
            return -1;
        }
    }

    private static boolean skip(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            return false;
        }
        in.position(in.position() + length);
        return true;
    }

    private static void checkVersion(int version) {
        if (version < 0 || version > CURRENT_VERSION) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "entity_key_serialization_version: %d (expected: 0 to 3)".formatted(version));
        }
    }

    private static int nameSize(byte[] name, int version) {
        return (version >= 3 ? 8 : 4) + name.length;
    }

    private static void putNames(ByteBuffer out, byte[][] names, int version) {
        if (version >= 3) {
            out.putInt(names.length);
        }
        for (byte[] name : names) {
            out.putInt(STRING_TAG);
            if (version >= 3) {
                out.putInt(name.length);
            }
            out.put(name);
        }
    }

    private static int tag(EntityKey.JoinKey key) {
        FeatureValue value = key.value();
        if (value instanceof FeatureValue.Int64) {
            return ValueType.INT64.number();
        } else if (value instanceof FeatureValue.Int32) {
            return ValueType.INT32.number();
        } else if (value instanceof FeatureValue.Text text && text.type() == ValueType.STRING) {
            return STRING_TAG;
        } else if (value instanceof FeatureValue.Bytes) {
            return ValueType.BYTES.number();
        } else if (value instanceof FeatureValue.UnixTimestamp) {
            return ValueType.UNIX_TIMESTAMP.number();
        }
        throw new LarderException(
                ErrorCode.VALUE_TYPE_MISMATCH,
                "Join key '%s': %s cannot be part of an entity key (expected: Int64, Int32, String, Bytes or UnixTimestamp; declare a UUID as String)"
                        .formatted(key.name(), value));
    }

    private static byte[] value(EntityKey.JoinKey key, int version) {
        FeatureValue value = key.value();
        if (value instanceof FeatureValue.Int64 number) {
            return version <= 1 ? int64InFourBytes(key.name(), number.value()) : int64(number.value());
        } else if (value instanceof FeatureValue.Int32 number) {
            return int32(number.value());
        } else if (value instanceof FeatureValue.Text text) {
            return text.value().getBytes(StandardCharsets.UTF_8);
        } else if (value instanceof FeatureValue.Bytes raw) {
            return raw.value();
        } else if (value instanceof FeatureValue.UnixTimestamp time) {
            return int64(time.seconds());
        }
        return new byte[0]; // tag() refuses the rest
    }

    private static byte[] int64InFourBytes(String name, long value) {
        if (value != (int) value) {
            throw new LarderException(
                    ErrorCode.VALUE_TYPE_MISMATCH,
                    "Join key '%s': %d does not fit into 32 bits, which is all that entity_key_serialization_version 0 and 1 have (use 3)"
                            .formatted(name, value));
        }
        return int32((int) value);
    }

    private static byte[] int32(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    private static byte[] int64(long value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    private static byte[] take(ByteBuffer in, byte[] whole) {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw corrupt(whole, "a length of " + Integer.toUnsignedString(length) + " reaches beyond its end", null);
        }
        byte[] taken = new byte[length];
        in.get(taken);
        return taken;
    }

    private static FeatureValue value(int tag, byte[] value, byte[] whole) {
        ByteBuffer in = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
        return switch (ValueType.ofNumber(tag).orElse(ValueType.INVALID)) {
            case INT64 -> new FeatureValue.Int64(in.getLong());
            case INT32 -> new FeatureValue.Int32(in.getInt());
            case STRING -> FeatureValue.of(new String(value, StandardCharsets.UTF_8));
            case BYTES -> new FeatureValue.Bytes(value);
            case UNIX_TIMESTAMP -> new FeatureValue.UnixTimestamp(in.getLong());
            default -> throw corrupt(whole, "type number " + tag + " of a value is not one of 1, 2, 3, 4, 8", null);
        };
    }

    private static LarderException corrupt(byte[] bytes, String why, @Nullable Throwable cause) {
        return new LarderException(
                ErrorCode.ONLINE_STORE_CORRUPT,
                "Invalid entity key %s: %s (expected: serialization version 3)"
                        .formatted(HexFormat.of().formatHex(bytes), why),
                cause);
    }
}
