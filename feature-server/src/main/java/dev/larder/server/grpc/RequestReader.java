package dev.larder.server.grpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.larder.feast.proto.types.Value;
import dev.larder.server.online.OnlineRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@code feast.serving.GetOnlineFeaturesRequest} without building it: entities become the values that JSON would give,
 * in the order of the message. Columns of the request context stand beside the entities, as they do over HTTP.
 */
final class RequestReader {
    private static final int VARINT = WireFormat.WIRETYPE_VARINT;
    private static final int DELIMITED = WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private final Map<String, List<@Nullable Object>> columns = new LinkedHashMap<>();
    private final List<String> features = new ArrayList<>();
    private @Nullable String featureService;
    private boolean fullFeatureNames;
    private boolean viewMetadata;

    private RequestReader() {}

    /** @throws IOException if the bytes are no such message */
    static OnlineRequest read(byte[] message) throws IOException {
        RequestReader reader = new RequestReader();
        reader.request(CodedInputStream.newInstance(message));
        return new OnlineRequest(
                reader.columns, reader.featureService, reader.features, reader.fullFeatureNames, reader.viewMetadata);
    }

    private void request(CodedInputStream in) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case 1 << 3 | DELIMITED -> {
                    featureService = in.readStringRequireUtf8();
                    features.clear();
                }
                case 2 << 3 | DELIMITED -> {
                    // Of a service and a list, the one that comes last counts.
                    featureService = null;
                    featureList(in);
                }
                case 3 << 3 | DELIMITED, 5 << 3 | DELIMITED -> column(in);
                case 4 << 3 | VARINT -> fullFeatureNames = in.readBool();
                case 6 << 3 | VARINT -> viewMetadata = in.readBool();
                default -> in.skipField(tag);
            }
        }
    }

    private void featureList(CodedInputStream in) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == (1 << 3 | DELIMITED)) {
                features.add(in.readStringRequireUtf8());
            } else {
                in.skipField(tag);
            }
        }
        in.popLimit(outer);
    }

    private void column(CodedInputStream in) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        String name = "";
        List<@Nullable Object> values = new ArrayList<>();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case 1 << 3 | DELIMITED -> name = in.readStringRequireUtf8();
                case 2 << 3 | DELIMITED -> values(in, values);
                default -> in.skipField(tag);
            }
        }
        in.popLimit(outer);
        columns.put(name, values);
    }

    private static void values(CodedInputStream in, List<@Nullable Object> values) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == (1 << 3 | DELIMITED)) {
                values.add(value(in));
            } else {
                in.skipField(tag);
            }
        }
        in.popLimit(outer);
    }

    private static @Nullable Object value(CodedInputStream in) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        Object value = null;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            value = scalar(in, tag);
        }
        in.popLimit(outer);
        return value;
    }

    private static @Nullable Object scalar(CodedInputStream in, int tag) throws IOException {
        return switch (tag) {
            case Value.BYTES_VAL_FIELD_NUMBER << 3 | DELIMITED -> in.readByteArray();
            case Value.STRING_VAL_FIELD_NUMBER << 3 | DELIMITED,
                    Value.JSON_VAL_FIELD_NUMBER << 3 | DELIMITED,
                    Value.UUID_VAL_FIELD_NUMBER << 3 | DELIMITED,
                    Value.TIME_UUID_VAL_FIELD_NUMBER << 3 | DELIMITED,
                    Value.DECIMAL_VAL_FIELD_NUMBER << 3 | DELIMITED -> in.readStringRequireUtf8();
            case Value.INT32_VAL_FIELD_NUMBER << 3 | VARINT -> in.readInt32();
            case Value.INT64_VAL_FIELD_NUMBER << 3 | VARINT, Value.UNIX_TIMESTAMP_VAL_FIELD_NUMBER << 3 | VARINT ->
                in.readInt64();
            case Value.DOUBLE_VAL_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_FIXED64 -> in.readDouble();
            case Value.FLOAT_VAL_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_FIXED32 -> in.readFloat();
            case Value.BOOL_VAL_FIELD_NUMBER << 3 | VARINT -> in.readBool();
            case Value.NULL_VAL_FIELD_NUMBER << 3 | VARINT -> {
                in.readEnum();
                yield null;
            }
            default -> {
                in.skipField(tag);
                yield new NoScalar(WireFormat.getTagFieldNumber(tag));
            }
        };
    }

    /**
     * A list, map or value of an unknown type: nothing that a join key or request data can be, so its content is not kept.
     *
     * @param number of the type
     */
    private record NoScalar(int number) {
        @Override
        public String toString() {
            Value.ValCase type = Value.ValCase.forNumber(number);
            return type == null
                    ? "a value of type number " + number
                    : "a " + type.name().toLowerCase(Locale.ROOT);
        }
    }
}
