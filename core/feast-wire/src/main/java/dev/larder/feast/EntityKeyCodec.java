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
        List<EntityKey.JoinKey> joinKeys = key.joinKeys();
        return new EntityKeyEncoder(
                        joinKeys.stream().map(EntityKey.JoinKey::name).toList(), version)
                .encode(joinKeys.stream().map(EntityKey.JoinKey::value).toArray(FeatureValue[]::new));
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
