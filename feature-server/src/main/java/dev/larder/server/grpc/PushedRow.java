package dev.larder.server.grpc;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.larder.feast.JsonBuffer;
import dev.larder.feast.ValueJson;
import dev.larder.feast.proto.types.Value;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The row of a Push or WriteToOnlineStore request as a {@link FeatureWriter} takes it. */
final class PushedRow {
    private static final JsonMapper JSON = new JsonMapper();

    /** What Feast's Python stores for a null among times. */
    private static final long NO_TIME = Long.MIN_VALUE;

    private PushedRow() {}

    /** @throws LarderException {@code ARGUMENT_INVALID} if the row is given in both forms, or a value is none */
    static Map<String, @Nullable Object> of(Map<String, String> text, Map<String, Value> typed) {
        if (!text.isEmpty() && !typed.isEmpty()) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID, "Only one of features or typed_features may be set, not both");
        }
        Map<String, @Nullable Object> row = new LinkedHashMap<>(text);
        typed.forEach((column, value) -> row.put(column, json(column, value)));
        return row;
    }

    private static @Nullable Object json(String column, Value value) {
        return switch (value.getValCase()) {
            // JSON has no infinity.
            case DOUBLE_VAL -> value.getDoubleVal();
            case FLOAT_VAL -> value.getFloatVal();
            case UNIX_TIMESTAMP_VAL -> time(column, value.getUnixTimestampVal());
            default -> other(column, value);
        };
    }

    private static @Nullable String time(String column, long seconds) {
        if (seconds == NO_TIME) {
            return null;
        }
        try {
            return Instant.ofEpochSecond(seconds).toString();
        } catch (DateTimeException e) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Column %s: %d is no time (expected: seconds since 1970)".formatted(column, seconds),
                    e);
        }
    }

    private static @Nullable Object other(String column, Value value) {
        JsonBuffer json = new JsonBuffer(value.getSerializedSize());
        try {
            ValueJson.write(value.toByteArray(), json);
            return JSON.readValue(json.bytes(), 0, json.length(), Object.class);
        } catch (LarderException | IOException e) {
            // A time zone that there is not, for example.
            throw new LarderException(ErrorCode.ARGUMENT_INVALID, "Column %s: %s".formatted(column, e.getMessage()), e);
        }
    }
}
