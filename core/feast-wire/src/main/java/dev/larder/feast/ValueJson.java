package dev.larder.feast;

import com.fasterxml.jackson.core.io.NumberOutput;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.larder.feast.WireShape.Element;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;

/**
 * Serialized values as the JSON of Feast's HTTP answers, straight from the bytes. This is the hot path: a scalar costs no
 * object but the text of a float, a list only the reader over it.
 *
 * <p>Floats are widened to doubles and always have a fraction or exponent; NaN and infinities are strings; bytes are base64;
 * times are seconds; JSON stays a string; SCALAR_MAP, where Feast gives up and answers null, is an object with text keys.
 */
public final class ValueJson {
    private static final DateTimeFormatter ZONED = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
            .appendOffset("+HH:MM:ss", "+00:00")
            .toFormatter(Locale.ROOT);

    private ValueJson() {}

    /**
     * Writes one value; no bytes are null.
     *
     * @throws LarderException {@code ONLINE_STORE_CORRUPT} if the bytes are not a {@code Value} of a known type; a list
     *     or map may have been begun by then
     */
    public static void write(byte[] value, JsonBuffer json) {
        write(value, 0, value.length, json);
    }

    /**
     * Writes one value out of a buffer.
     *
     * @param from where the value begins
     * @param length of the value; 0 is null
     * @throws LarderException as {@link #write(byte[], JsonBuffer)}
     */
    public static void write(byte[] bytes, int from, int length, JsonBuffer json) {
        if (!writeScalar(bytes, from, length, json)) {
            try {
                writeAny(bytes, from, length, json);
            } catch (IOException | DateTimeException e) {
                throw ValueCodec.corrupt(Arrays.copyOfRange(bytes, from, from + length), e);
            }
        }
    }

    /** The common scalars when they fill the bytes exactly; false, with nothing written, for everything else. */
    private static boolean writeScalar(byte[] bytes, int from, int length, JsonBuffer json) {
        if (length < 2) {
            if (length == 0) {
                json.nothing();
            }
            return length == 0;
        }
        switch (bytes[from]) {
            case 3 << 3, 4 << 3, 8 << 3 -> {
                return writeVarint(bytes, from, length, json);
            }
            case 7 << 3 -> {
                if (length != 2) {
                    return false;
                }
                json.bool(bytes[from + 1] != 0);
                return true;
            }
            case 5 << 3 | 1 -> {
                if (length != 9) {
                    return false;
                }
                json.number(Double.longBitsToDouble(fixed(bytes, from + 1, 8)));
                return true;
            }
            case 6 << 3 | 5 -> {
                if (length != 5) {
                    return false;
                }
                json.number((double) Float.intBitsToFloat((int) fixed(bytes, from + 1, 4)));
                return true;
            }
            case 2 << 3 | 2 -> {
                // One byte of length: strings up to 127 bytes.
                if (bytes[from + 1] != length - 2) {
                    return false;
                }
                json.text(bytes, from + 2, length - 2);
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    private static boolean writeVarint(byte[] bytes, int from, int length, JsonBuffer json) {
        int last = from + length - 1;
        if (length > 11 || bytes[last] < 0) {
            return false;
        }
        long number = 0;
        for (int i = last; i > from; i--) {
            if (i < last && bytes[i] >= 0) {
                return false;
            }
            number = number << 7 | (bytes[i] & 0x7F);
        }
        if (bytes[from] == 3 << 3) {
            int low = (int) number;
            json.number(low);
        } else if (bytes[from] == 8 << 3) {
            writeTime(number, json);
        } else {
            json.number(number);
        }
        return true;
    }

    private static long fixed(byte[] value, int at, int size) {
        long bits = 0;
        for (int i = size - 1; i >= 0; i--) {
            bits = bits << 8 | (value[at + i] & 0xFF);
        }
        return bits;
    }

    private static void writeAny(byte[] bytes, int from, int length, JsonBuffer json) throws IOException {
        int start = startOfLastField(bytes, from, length);
        if (start < 0) {
            json.nothing();
            return;
        }
        CodedInputStream in = CodedInputStream.newInstance(bytes, start, from + length - start);
        int number = WireFormat.getTagFieldNumber(in.readTag());
        Element element = WireShape.element(number);
        if (WireShape.isCollection(number)) {
            writeCollection(bytes, start, in, element, json);
        } else {
            writeSingle(bytes, start, in, element, json);
        }
    }

    /** Where several cases are set the last one counts, as in protobuf; -1 if none is. */
    private static int startOfLastField(byte[] bytes, int from, int length) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(bytes, from, length);
        int start = -1;
        while (!in.isAtEnd()) {
            start = from + in.getTotalBytesRead();
            in.skipField(in.readTag());
        }
        return start;
    }

    private static void writeCollection(byte[] bytes, int origin, CodedInputStream in, Element element, JsonBuffer json)
            throws IOException {
        json.raw('[');
        boolean first = true;
        in.pushLimit(in.readRawVarint32());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (ValueCodec.isPacked(element)
                    && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                int limit = in.pushLimit(in.readRawVarint32());
                while (in.getBytesUntilLimit() > 0) {
                    separate(first, json);
                    writeSingle(bytes, origin, in, element, json);
                    first = false;
                }
                in.popLimit(limit);
                continue;
            }
            separate(first, json);
            if (element == Element.VALUE) {
                int length = in.readRawVarint32();
                writeAny(bytes, origin + in.getTotalBytesRead(), length, json);
                in.skipRawBytes(length);
            } else {
                writeSingle(bytes, origin, in, element, json);
            }
            first = false;
        }
        json.raw(']');
    }

    private static void writeSingle(byte[] bytes, int origin, CodedInputStream in, Element element, JsonBuffer json)
            throws IOException {
        switch (element) {
            case INT32 -> json.number(in.readInt32());
            case INT64 -> json.number(in.readInt64());
            case TIME -> writeTime(in.readInt64(), json);
            case DOUBLE -> json.number(in.readDouble());
            case FLOAT -> json.number((double) in.readFloat());
            case BOOL -> json.bool(in.readBool());
            case NULL -> {
                in.readEnum();
                json.nothing();
            }
            case TEXT -> {
                int length = in.readRawVarint32();
                int at = origin + in.getTotalBytesRead();
                in.skipRawBytes(length);
                json.text(bytes, at, length);
            }
            case BYTES -> {
                int length = in.readRawVarint32();
                int at = origin + in.getTotalBytesRead();
                in.skipRawBytes(length);
                json.base64(bytes, at, length);
            }
            case MAP -> writeMap(bytes, origin, in, false, json);
            case SCALAR_MAP -> writeMap(bytes, origin, in, true, json);
            case ZONED_TIME -> writeZonedTime(in, json);
            case VALUE, NONE -> throw new InvalidProtocolBufferException("no type has this number");
        }
    }

    private static void writeMap(byte[] bytes, int origin, CodedInputStream in, boolean scalarKeys, JsonBuffer json)
            throws IOException {
        json.raw('{');
        boolean first = true;
        int outer = in.pushLimit(in.readRawVarint32());
        while (in.readTag() != 0) {
            int limit = in.pushLimit(in.readRawVarint32());
            String name = "";
            int valueAt = 0;
            int valueLength = 0;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (WireFormat.getTagFieldNumber(tag) == 1) {
                    name = scalarKeys ? keyText(in) : in.readStringRequireUtf8();
                } else {
                    valueLength = in.readRawVarint32();
                    valueAt = origin + in.getTotalBytesRead();
                    in.skipRawBytes(valueLength);
                }
            }
            separate(first, json);
            json.text(name);
            json.raw(':');
            writeAny(bytes, valueAt, valueLength, json);
            in.popLimit(limit);
            first = false;
        }
        in.popLimit(outer);
        json.raw('}');
    }

    private static void separate(boolean first, JsonBuffer json) {
        if (!first) {
            json.raw(',');
        }
    }

    private static String keyText(CodedInputStream in) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        String text = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            text = switch (WireFormat.getTagFieldNumber(tag)) {
                case 1, 2, 6 -> Long.toString(in.readInt64());
                case 3 -> NumberOutput.toString((double) in.readFloat(), true);
                case 4 -> NumberOutput.toString(in.readDouble(), true);
                case 5 -> Boolean.toString(in.readBool());
                case 7 -> Base64.getEncoder().encodeToString(in.readByteArray());
                case 8, 9, 10 -> in.readStringRequireUtf8();
                default -> throw new InvalidProtocolBufferException("no type of map key has this number");
            };
        }
        in.popLimit(limit);
        return text;
    }

    private static void writeZonedTime(CodedInputStream in, JsonBuffer json) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        long seconds = 0;
        String zone = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == 1) {
                seconds = in.readInt64();
            } else {
                zone = in.readStringRequireUtf8();
            }
        }
        in.popLimit(limit);
        ZoneId zoneId = zone.isEmpty() ? ZoneOffset.UTC : ZoneId.of(zone);
        json.text(ZONED.format(Instant.ofEpochSecond(seconds).atZone(zoneId)));
    }

    private static void writeTime(long seconds, JsonBuffer json) {
        // What Feast's Python stores for a null among numbers.
        if (seconds == Long.MIN_VALUE) {
            json.nothing();
        } else {
            json.number(seconds);
        }
    }
}
