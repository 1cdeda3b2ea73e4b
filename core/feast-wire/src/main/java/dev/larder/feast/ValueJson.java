package dev.larder.feast;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.NumberOutput;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.larder.feast.WireShape.Element;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Base64;
import java.util.Locale;

/**
 * Serialized values as the JSON of Feast's HTTP answers, straight from the bytes. This is the hot path: a scalar costs no
 * object but the text of a float, a list only the reader over it. Generators that write to a stream are the fast ones.
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
     * @throws IOException if the generator fails
     */
    public static void write(byte[] value, JsonGenerator json) throws IOException {
        if (!writeScalar(value, json)) {
            try {
                write(value, 0, value.length, json);
            } catch (InvalidProtocolBufferException | DateTimeException e) {
                throw ValueCodec.corrupt(value, e);
            }
        }
    }

    /** The common scalars when they fill the bytes exactly; false, with nothing written, for everything else. */
    private static boolean writeScalar(byte[] value, JsonGenerator json) throws IOException {
        int length = value.length;
        if (length < 2) {
            if (length == 0) {
                json.writeNull();
            }
            return length == 0;
        }
        switch (value[0]) {
            case 3 << 3, 4 << 3, 8 << 3 -> {
                return writeVarint(value, json);
            }
            case 7 << 3 -> {
                if (length != 2) {
                    return false;
                }
                json.writeBoolean(value[1] != 0);
                return true;
            }
            case 5 << 3 | 1 -> {
                if (length != 9) {
                    return false;
                }
                writeDouble(Double.longBitsToDouble(fixed(value, 1, 8)), json);
                return true;
            }
            case 6 << 3 | 5 -> {
                if (length != 5) {
                    return false;
                }
                writeDouble(Float.intBitsToFloat((int) fixed(value, 1, 4)), json);
                return true;
            }
            case 2 << 3 | 2 -> {
                // One byte of length: strings up to 127 bytes.
                if (value[1] != length - 2) {
                    return false;
                }
                writeText(value, 2, length - 2, json);
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    private static boolean writeVarint(byte[] value, JsonGenerator json) throws IOException {
        int last = value.length - 1;
        if (last > 10 || value[last] < 0) {
            return false;
        }
        long number = 0;
        for (int i = last; i > 0; i--) {
            if (i < last && value[i] >= 0) {
                return false;
            }
            number = number << 7 | (value[i] & 0x7F);
        }
        if (value[0] == 3 << 3) {
            json.writeNumber((int) number);
        } else if (value[0] == 8 << 3) {
            writeTime(number, json);
        } else {
            json.writeNumber(number);
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

    private static void write(byte[] bytes, int from, int length, JsonGenerator json) throws IOException {
        int start = startOfLastField(bytes, from, length);
        if (start < 0) {
            json.writeNull();
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

    private static void writeCollection(
            byte[] bytes, int origin, CodedInputStream in, Element element, JsonGenerator json) throws IOException {
        json.writeStartArray();
        in.pushLimit(in.readRawVarint32());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (element == Element.VALUE) {
                int length = in.readRawVarint32();
                write(bytes, origin + in.getTotalBytesRead(), length, json);
                in.skipRawBytes(length);
            } else if (ValueCodec.isPacked(element)
                    && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                int limit = in.pushLimit(in.readRawVarint32());
                while (in.getBytesUntilLimit() > 0) {
                    writeSingle(bytes, origin, in, element, json);
                }
                in.popLimit(limit);
            } else {
                writeSingle(bytes, origin, in, element, json);
            }
        }
        json.writeEndArray();
    }

    private static void writeSingle(byte[] bytes, int origin, CodedInputStream in, Element element, JsonGenerator json)
            throws IOException {
        switch (element) {
            case INT32 -> json.writeNumber(in.readInt32());
            case INT64 -> json.writeNumber(in.readInt64());
            case TIME -> writeTime(in.readInt64(), json);
            case DOUBLE -> writeDouble(in.readDouble(), json);
            case FLOAT -> writeDouble(in.readFloat(), json);
            case BOOL -> json.writeBoolean(in.readBool());
            case NULL -> {
                in.readEnum();
                json.writeNull();
            }
            case TEXT -> {
                int length = in.readRawVarint32();
                int at = origin + in.getTotalBytesRead();
                in.skipRawBytes(length);
                writeText(bytes, at, length, json);
            }
            case BYTES -> {
                int length = in.readRawVarint32();
                int at = origin + in.getTotalBytesRead();
                in.skipRawBytes(length);
                json.writeBinary(Base64Variants.MIME_NO_LINEFEEDS, bytes, at, length);
            }
            case MAP -> writeMap(bytes, origin, in, false, json);
            case SCALAR_MAP -> writeMap(bytes, origin, in, true, json);
            case ZONED_TIME -> writeZonedTime(in, json);
            case VALUE, NONE -> throw new InvalidProtocolBufferException("no type has this number");
        }
    }

    private static void writeMap(byte[] bytes, int origin, CodedInputStream in, boolean scalarKeys, JsonGenerator json)
            throws IOException {
        json.writeStartObject();
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
            json.writeFieldName(name);
            write(bytes, valueAt, valueLength, json);
            in.popLimit(limit);
        }
        in.popLimit(outer);
        json.writeEndObject();
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

    private static void writeZonedTime(CodedInputStream in, JsonGenerator json) throws IOException {
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
        json.writeString(ZONED.format(Instant.ofEpochSecond(seconds).atZone(zoneId)));
    }

    private static void writeTime(long seconds, JsonGenerator json) throws IOException {
        // What Feast's Python stores for a null among numbers.
        if (seconds == Long.MIN_VALUE) {
            json.writeNull();
        } else {
            json.writeNumber(seconds);
        }
    }

    private static void writeDouble(double value, JsonGenerator json) throws IOException {
        if (Double.isNaN(value)) {
            json.writeString("NaN");
        } else if (Double.isInfinite(value)) {
            json.writeString(value > 0 ? "Infinity" : "-Infinity");
        } else {
            // The fast writer is also the one with the shortest digits: Double.toString is not, before JDK 19.
            json.writeNumber(NumberOutput.toString(value, true));
        }
    }

    private static void writeText(byte[] bytes, int at, int length, JsonGenerator json) throws IOException {
        if (json.getOutputTarget() instanceof OutputStream) {
            json.writeUTF8String(bytes, at, length);
        } else {
            json.writeString(new String(bytes, at, length, StandardCharsets.UTF_8));
        }
    }
}
