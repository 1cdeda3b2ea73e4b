package dev.larder.feast;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.larder.feast.WireShape.Element;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A value as the bytes of Feast's {@code Value} message, which is what stores keep: {@code 1001 (INT64)} is {@code 20
 * e907}, field 4 and a varint; the empty string is {@code 1200}; null is no bytes at all.
 *
 * <p>The methods per scalar type are for code that writes many rows; {@link #encode} takes any value.
 */
public final class ValueCodec {
    private static final byte[] NULL = {};
    private static final int VARINT = WireFormat.WIRETYPE_VARINT;
    private static final int FIXED32 = WireFormat.WIRETYPE_FIXED32;
    private static final int FIXED64 = WireFormat.WIRETYPE_FIXED64;
    private static final int DELIMITED = WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private ValueCodec() {}

    public static byte[] nullValue() {
        return NULL;
    }

    public static byte[] int32(int value) {
        return varintField(ValueType.INT32, value);
    }

    public static byte[] int64(long value) {
        return varintField(ValueType.INT64, value);
    }

    public static byte[] unixTimestamp(long seconds) {
        return varintField(ValueType.UNIX_TIMESTAMP, seconds);
    }

    public static byte[] bool(boolean value) {
        return new byte[] {(byte) tag(ValueType.BOOL.number(), VARINT), (byte) (value ? 1 : 0)};
    }

    public static byte[] float64(double value) {
        byte[] out = new byte[9];
        out[0] = (byte) tag(ValueType.DOUBLE.number(), FIXED64);
        putFixed(out, 1, 8, Double.doubleToRawLongBits(value));
        return out;
    }

    public static byte[] float32(float value) {
        byte[] out = new byte[5];
        out[0] = (byte) tag(ValueType.FLOAT.number(), FIXED32);
        putFixed(out, 1, 4, Float.floatToRawIntBits(value));
        return out;
    }

    public static byte[] string(String value) {
        return delimitedField(ValueType.STRING.number(), value.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] bytes(byte[] value) {
        return delimitedField(ValueType.BYTES.number(), value);
    }

    /** @throws LarderException {@code VALUE_TYPE_MISMATCH} if a member does not have its collection's type */
    public static byte[] encode(FeatureValue value) {
        if (value instanceof FeatureValue.Null) {
            return NULL;
        } else if (value instanceof FeatureValue.Int64 v) {
            return int64(v.value());
        } else if (value instanceof FeatureValue.Int32 v) {
            return int32(v.value());
        } else if (value instanceof FeatureValue.Float64 v) {
            return float64(v.value());
        } else if (value instanceof FeatureValue.Float32 v) {
            return float32(v.value());
        } else if (value instanceof FeatureValue.Bool v) {
            return bool(v.value());
        } else if (value instanceof FeatureValue.UnixTimestamp v) {
            return unixTimestamp(v.seconds());
        } else if (value instanceof FeatureValue.Text v) {
            return delimitedField(v.type().number(), v.value().getBytes(StandardCharsets.UTF_8));
        } else if (value instanceof FeatureValue.Bytes v) {
            return bytes(v.value());
        } else if (value instanceof FeatureValue.Collection v) {
            return delimitedField(v.type().number(), members(v));
        } else if (value instanceof FeatureValue.Dictionary v) {
            return delimitedField(v.type().number(), entries(v));
        } else if (value instanceof FeatureValue.ScalarMap v) {
            return delimitedField(ValueType.SCALAR_MAP.number(), entries(v));
        } else if (value instanceof FeatureValue.ZonedTimestamp v) {
            return delimitedField(ValueType.ZONED_TIMESTAMP.number(), zonedTime(v));
        }
        throw new IllegalArgumentException("value: " + value.getClass() + " (expected: a case of FeatureValue)");
    }

    /** @throws LarderException {@code ONLINE_STORE_CORRUPT} if the bytes are not a {@code Value} of a known type */
    public static FeatureValue decode(byte[] bytes) {
        try {
            return value(CodedInputStream.newInstance(bytes));
        } catch (IOException e) {
            throw corrupt(bytes, e);
        }
    }

    static LarderException corrupt(byte[] bytes, Throwable cause) {
        int shown = Math.min(bytes.length, 64);
        return new LarderException(
                ErrorCode.ONLINE_STORE_CORRUPT,
                "Invalid value bytes %s%s: %s (expected: a Value message of Feast)"
                        .formatted(
                                HexFormat.of().formatHex(bytes, 0, shown),
                                shown < bytes.length ? "..." : "",
                                cause.getMessage()),
                cause);
    }

    // ------------------------------------------------------------------ writing

    private static byte[] members(FeatureValue.Collection collection) {
        int number = collection.type().number();
        Element element = WireShape.element(number);
        if (!WireShape.isCollection(number)) {
            throw new IllegalArgumentException("type: " + collection.type() + " (expected: a list or set)");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (FeatureValue member : collection.values()) {
            if (element == Element.VALUE) {
                putDelimited(out, 1, encode(member));
            } else if (!hasType(member, WireShape.memberType(number))) {
                throw new LarderException(
                        ErrorCode.VALUE_TYPE_MISMATCH,
                        "%s cannot be a member of %s (expected: %s)"
                                .formatted(
                                        member,
                                        collection.type().displayName(),
                                        WireShape.memberType(number).displayName()));
            } else {
                putMember(out, member);
            }
        }
        return isPacked(element) && out.size() > 0 ? delimitedField(1, out.toByteArray()) : out.toByteArray();
    }

    private static void putMember(ByteArrayOutputStream out, FeatureValue member) {
        if (member instanceof FeatureValue.Int64 v) {
            putVarint(out, v.value());
        } else if (member instanceof FeatureValue.Int32 v) {
            putVarint(out, v.value());
        } else if (member instanceof FeatureValue.UnixTimestamp v) {
            putVarint(out, v.seconds());
        } else if (member instanceof FeatureValue.Bool v) {
            putVarint(out, v.value() ? 1 : 0);
        } else if (member instanceof FeatureValue.Float64 v) {
            putFixed(out, 8, Double.doubleToRawLongBits(v.value()));
        } else if (member instanceof FeatureValue.Float32 v) {
            putFixed(out, 4, Float.floatToRawIntBits(v.value()));
        } else if (member instanceof FeatureValue.Text v) {
            putDelimited(out, 1, v.value().getBytes(StandardCharsets.UTF_8));
        } else if (member instanceof FeatureValue.Bytes v) {
            putDelimited(out, 1, v.value());
        } else if (member instanceof FeatureValue.Dictionary v) {
            putDelimited(out, 1, entries(v));
        }
    }

    private static boolean hasType(FeatureValue value, ValueType type) {
        return switch (type) {
            case BYTES -> value instanceof FeatureValue.Bytes;
            case INT32 -> value instanceof FeatureValue.Int32;
            case INT64 -> value instanceof FeatureValue.Int64;
            case DOUBLE -> value instanceof FeatureValue.Float64;
            case FLOAT -> value instanceof FeatureValue.Float32;
            case BOOL -> value instanceof FeatureValue.Bool;
            case UNIX_TIMESTAMP -> value instanceof FeatureValue.UnixTimestamp;
            case MAP, STRUCT -> value instanceof FeatureValue.Dictionary map && map.type() == type;
            default -> value instanceof FeatureValue.Text text && text.type() == type;
        };
    }

    private static byte[] entries(FeatureValue.Dictionary dictionary) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        dictionary.entries().forEach((name, value) -> {
            ByteArrayOutputStream entry = new ByteArrayOutputStream();
            putDelimited(entry, 1, name.getBytes(StandardCharsets.UTF_8));
            putDelimited(entry, 2, encode(value));
            putDelimited(out, 1, entry.toByteArray());
        });
        return out.toByteArray();
    }

    private static byte[] entries(FeatureValue.ScalarMap map) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        map.entries().forEach((key, value) -> {
            ByteArrayOutputStream entry = new ByteArrayOutputStream();
            putDelimited(entry, 1, MapKeys.encode(key));
            putDelimited(entry, 2, encode(value));
            putDelimited(out, 1, entry.toByteArray());
        });
        return out.toByteArray();
    }

    private static byte[] zonedTime(FeatureValue.ZonedTimestamp time) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (time.seconds() != 0) {
            putVarint(out, tag(1, VARINT));
            putVarint(out, time.seconds());
        }
        if (!time.zone().isEmpty()) {
            putDelimited(out, 2, time.zone().getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }

    private static byte[] varintField(ValueType type, long value) {
        byte[] out = new byte[1 + varintSize(value)];
        out[0] = (byte) tag(type.number(), VARINT);
        putVarint(out, 1, value);
        return out;
    }

    private static byte[] delimitedField(int number, byte[] content) {
        int tag = tag(number, DELIMITED);
        int start = varintSize(tag) + varintSize(content.length);
        byte[] out = new byte[start + content.length];
        putVarint(out, putVarint(out, 0, tag), content.length);
        System.arraycopy(content, 0, out, start, content.length);
        return out;
    }

    private static void putDelimited(ByteArrayOutputStream out, int number, byte[] content) {
        byte[] field = delimitedField(number, content);
        out.write(field, 0, field.length);
    }

    private static void putVarint(ByteArrayOutputStream out, long value) {
        byte[] varint = new byte[varintSize(value)];
        putVarint(varint, 0, value);
        out.write(varint, 0, varint.length);
    }

    private static void putFixed(ByteArrayOutputStream out, int size, long bits) {
        byte[] fixed = new byte[size];
        putFixed(fixed, 0, size, bits);
        out.write(fixed, 0, size);
    }

    private static int putVarint(byte[] out, int at, long value) {
        int position = at;
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out[position++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        out[position++] = (byte) rest;
        return position;
    }

    private static void putFixed(byte[] out, int at, int size, long bits) {
        for (int i = 0; i < size; i++) {
            out[at + i] = (byte) (bits >>> (8 * i));
        }
    }

    private static int varintSize(long value) {
        return (63 - Long.numberOfLeadingZeros(value | 1)) / 7 + 1;
    }

    private static int tag(int number, int wireType) {
        return number << 3 | wireType;
    }

    // ------------------------------------------------------------------ reading

    /** Reads to the stream's end or limit; of several cases the last one counts, as in protobuf. */
    private static FeatureValue value(CodedInputStream in) throws IOException {
        FeatureValue value = FeatureValue.none();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int number = WireFormat.getTagFieldNumber(tag);
            if (WireShape.isCollection(number)) {
                value = collection(in, number);
            } else {
                value = single(in, number);
            }
        }
        return value;
    }

    private static FeatureValue single(CodedInputStream in, int number) throws IOException {
        ValueType type = WireShape.type(number);
        return switch (WireShape.element(number)) {
            case INT32 -> new FeatureValue.Int32(in.readInt32());
            case INT64 -> new FeatureValue.Int64(in.readInt64());
            case TIME -> time(in.readInt64());
            case DOUBLE -> new FeatureValue.Float64(in.readDouble());
            case FLOAT -> new FeatureValue.Float32(in.readFloat());
            case BOOL -> new FeatureValue.Bool(in.readBool());
            case TEXT -> new FeatureValue.Text(type, in.readStringRequireUtf8());
            case BYTES -> new FeatureValue.Bytes(in.readByteArray());
            case NULL -> {
                in.readEnum();
                yield FeatureValue.none();
            }
            case MAP -> dictionary(in, type);
            case SCALAR_MAP -> scalarMap(in);
            case ZONED_TIME -> zonedTime(in);
            case VALUE, NONE -> throw new IOException("no type has number " + number);
        };
    }

    private static FeatureValue time(long seconds) {
        // What Feast's Python stores for a null among numbers.
        return seconds == Long.MIN_VALUE ? FeatureValue.none() : new FeatureValue.UnixTimestamp(seconds);
    }

    private static FeatureValue collection(CodedInputStream in, int number) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        Element element = WireShape.element(number);
        List<FeatureValue> values = new ArrayList<>();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (element == Element.VALUE) {
                int limit = in.pushLimit(in.readRawVarint32());
                values.add(value(in));
                in.popLimit(limit);
            } else if (isPacked(element) && WireFormat.getTagWireType(tag) == DELIMITED) {
                int limit = in.pushLimit(in.readRawVarint32());
                while (in.getBytesUntilLimit() > 0) {
                    values.add(single(in, WireShape.memberType(number).number()));
                }
                in.popLimit(limit);
            } else {
                values.add(single(in, WireShape.memberType(number).number()));
            }
        }
        in.popLimit(outer);
        return new FeatureValue.Collection(WireShape.type(number), values);
    }

    static boolean isPacked(Element element) {
        return switch (element) {
            case INT32, INT64, TIME, DOUBLE, FLOAT, BOOL -> true;
            default -> false;
        };
    }

    private static FeatureValue dictionary(CodedInputStream in, ValueType type) throws IOException {
        Map<String, FeatureValue> entries = new LinkedHashMap<>();
        int outer = in.pushLimit(in.readRawVarint32());
        while (in.readTag() != 0) {
            int limit = in.pushLimit(in.readRawVarint32());
            String name = "";
            FeatureValue value = FeatureValue.none();
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (WireFormat.getTagFieldNumber(tag) == 1) {
                    name = in.readStringRequireUtf8();
                } else {
                    value = nested(in);
                }
            }
            in.popLimit(limit);
            entries.put(name, value);
        }
        in.popLimit(outer);
        return new FeatureValue.Dictionary(type, entries);
    }

    private static FeatureValue scalarMap(CodedInputStream in) throws IOException {
        Map<FeatureValue, FeatureValue> entries = new LinkedHashMap<>();
        int outer = in.pushLimit(in.readRawVarint32());
        while (in.readTag() != 0) {
            int limit = in.pushLimit(in.readRawVarint32());
            FeatureValue key = FeatureValue.none();
            FeatureValue value = FeatureValue.none();
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (WireFormat.getTagFieldNumber(tag) == 1) {
                    int keyLimit = in.pushLimit(in.readRawVarint32());
                    key = in.isAtEnd() ? key : MapKeys.decode(in);
                    in.popLimit(keyLimit);
                } else {
                    value = nested(in);
                }
            }
            in.popLimit(limit);
            entries.put(key, value);
        }
        in.popLimit(outer);
        return new FeatureValue.ScalarMap(entries);
    }

    private static FeatureValue zonedTime(CodedInputStream in) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        long seconds = 0;
        String zone = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == 1) {
                seconds = in.readInt64();
            } else {
                zone = in.readStringRequireUtf8();
            }
        }
        in.popLimit(outer);
        return new FeatureValue.ZonedTimestamp(seconds, zone);
    }

    private static FeatureValue nested(CodedInputStream in) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        FeatureValue value = value(in);
        in.popLimit(limit);
        return value;
    }

    /** The key of a SCALAR_MAP, a message of its own with its own field numbers. */
    private static final class MapKeys {
        private static final List<ValueType> TYPE_BY_FIELD = List.of(
                ValueType.INVALID,
                ValueType.INT32,
                ValueType.INT64,
                ValueType.FLOAT,
                ValueType.DOUBLE,
                ValueType.BOOL,
                ValueType.UNIX_TIMESTAMP,
                ValueType.BYTES,
                ValueType.UUID,
                ValueType.TIME_UUID,
                ValueType.DECIMAL);

        static byte[] encode(FeatureValue key) {
            for (int field = 1; field < TYPE_BY_FIELD.size(); field++) {
                ValueType type = TYPE_BY_FIELD.get(field);
                if (hasType(key, type)) {
                    ByteArrayOutputStream out = new ByteArrayOutputStream();
                    Element element = WireShape.element(type.number());
                    if (isPacked(element)) {
                        putVarint(out, tag(field, wireType(element)));
                        putMember(out, key);
                    } else {
                        byte[] content = key instanceof FeatureValue.Bytes raw
                                ? raw.value()
                                : ((FeatureValue.Text) key).value().getBytes(StandardCharsets.UTF_8);
                        putDelimited(out, field, content);
                    }
                    return out.toByteArray();
                }
            }
            throw new LarderException(
                    ErrorCode.VALUE_TYPE_MISMATCH,
                    "%s cannot be a key of a ScalarMap (expected: a number, Bool, UnixTimestamp, Bytes, Uuid, TimeUuid or Decimal)"
                            .formatted(key));
        }

        static FeatureValue decode(CodedInputStream in) throws IOException {
            int field = WireFormat.getTagFieldNumber(in.readTag());
            if (field <= 0 || field >= TYPE_BY_FIELD.size()) {
                throw new IOException("no type of map key has number " + field);
            }
            return single(in, TYPE_BY_FIELD.get(field).number());
        }

        private static int wireType(Element element) {
            return switch (element) {
                case DOUBLE -> FIXED64;
                case FLOAT -> FIXED32;
                default -> VARINT;
            };
        }
    }
}
