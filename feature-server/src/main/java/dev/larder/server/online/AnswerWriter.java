package dev.larder.server.online;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.larder.feast.ValueCodec;
import dev.larder.feast.ValueJson;
import dev.larder.model.FeatureValue;
import dev.larder.onlinestore.OnlineStore.OnlineRow;
import dev.larder.onlinestore.OnlineStore.ViewRows;
import dev.larder.registry.config.LarderConfig.Mode;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes one answer in Feast's form. This is the hot path: stored bytes become JSON without an object per value; what a row
 * has in common over its view's features (its time as text, whether it is too old) is worked out once.
 *
 * <p>The time of a row that was never written is 1970, as Feast answers it; of a feature that a written row lacks, the row's.
 */
final class AnswerWriter {
    private static final SerializedString RESULTS = new SerializedString("results");
    private static final SerializedString VALUES = new SerializedString("values");
    private static final SerializedString STATUSES = new SerializedString("statuses");
    private static final SerializedString EVENT_TIMESTAMPS = new SerializedString("event_timestamps");
    private static final SerializedString PRESENT = new SerializedString("PRESENT");
    private static final SerializedString NULL_VALUE = new SerializedString("NULL_VALUE");
    private static final SerializedString NOT_FOUND = new SerializedString("NOT_FOUND");
    private static final SerializedString OUTSIDE_MAX_AGE = new SerializedString("OUTSIDE_MAX_AGE");
    private static final SerializedString EPOCH = new SerializedString("1970-01-01T00:00:00Z");
    private static final byte[] NOTHING = {};

    private final JsonGenerator json;
    private final Mode mode;
    private final long nowSeconds;

    /** @param nowSeconds what the ttl counts from, seconds since 1970 */
    AnswerWriter(JsonGenerator json, Mode mode, long nowSeconds) {
        this.json = json;
        this.mode = mode;
        this.nowSeconds = nowSeconds;
    }

    void write(ReadPlan plan, EntityRows rows, List<ViewRows> stored, boolean viewMetadata) throws IOException {
        json.writeStartObject();
        json.writeFieldName(RESULTS);
        json.writeStartArray();
        for (FeatureValue[] column : rows.columns().values()) {
            writeJoinKeys(column);
        }
        for (int i = 0; i < plan.views().size(); i++) {
            ReadPlan.View view = plan.views().get(i);
            writeView(view, stored.get(i), rows.keys(view).positions());
        }
        json.writeEndArray();
        writeMetadata(plan, rows.columns(), viewMetadata);
        json.writeEndObject();
    }

    private void writeJoinKeys(FeatureValue[] column) throws IOException {
        json.writeStartObject();
        startArray(VALUES);
        for (FeatureValue value : column) {
            ValueJson.write(ValueCodec.encode(value), json);
        }
        json.writeEndArray();
        startArray(STATUSES);
        repeat(PRESENT, column.length);
        json.writeEndArray();
        startArray(EVENT_TIMESTAMPS);
        repeat(EPOCH, column.length);
        json.writeEndArray();
        json.writeEndObject();
    }

    private void writeView(ReadPlan.View view, ViewRows stored, int[] positions) throws IOException {
        List<@Nullable OnlineRow> found = stored.rows();
        int distinct = found.size();
        boolean[] expired = new boolean[distinct];
        SerializableString[] times = new SerializableString[distinct];
        for (int i = 0; i < distinct; i++) {
            OnlineRow row = found.get(i);
            expired[i] = row != null && isExpired(row, view.ttlSeconds());
            times[i] = row == null ? EPOCH : time(row, i == 0 ? null : found.get(i - 1), i == 0 ? EPOCH : times[i - 1]);
        }
        for (int feature = 0; feature < view.features().size(); feature++) {
            json.writeStartObject();
            startArray(VALUES);
            for (int position : positions) {
                byte[] value = value(found.get(position), feature);
                ValueJson.write(value == null ? NOTHING : value, json);
            }
            json.writeEndArray();
            startArray(STATUSES);
            for (int position : positions) {
                json.writeString(status(value(found.get(position), feature), expired[position]));
            }
            json.writeEndArray();
            startArray(EVENT_TIMESTAMPS);
            for (int position : positions) {
                json.writeString(times[position]);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private void writeMetadata(ReadPlan plan, Map<String, FeatureValue[]> columns, boolean viewMetadata)
            throws IOException {
        json.writeObjectFieldStart("metadata");
        json.writeArrayFieldStart("feature_names");
        for (String column : columns.keySet()) {
            json.writeString(column);
        }
        for (SerializedString name : plan.names()) {
            json.writeString(name);
        }
        json.writeEndArray();
        if (viewMetadata) {
            json.writeArrayFieldStart("feature_view_metadata");
            for (ReadPlan.View view : plan.views()) {
                json.writeStartObject();
                json.writeStringField("name", view.name());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static byte @Nullable [] value(@Nullable OnlineRow row, int feature) {
        return row == null ? null : row.values()[feature];
    }

    private SerializedString status(byte @Nullable [] value, boolean expired) {
        if (value == null) {
            return NOT_FOUND;
        } else if (mode == Mode.FEAST) {
            return PRESENT;
        } else if (expired) {
            return OUTSIDE_MAX_AGE;
        }
        return StoredNull.is(value) ? NULL_VALUE : PRESENT;
    }

    private boolean isExpired(OnlineRow row, long ttlSeconds) {
        return mode == Mode.STRICT && ttlSeconds > 0 && nowSeconds - row.eventSeconds() > ttlSeconds;
    }

    /** Rows of one batch often share their time; the text is then made once. */
    private static SerializableString time(
            OnlineRow row, @Nullable OnlineRow previous, SerializableString previousTime) {
        if (previous != null
                && previous.eventSeconds() == row.eventSeconds()
                && previous.eventNanos() == row.eventNanos()) {
            return previousTime;
        }
        return new SerializedString(
                Instant.ofEpochSecond(row.eventSeconds(), row.eventNanos()).toString());
    }

    private void startArray(SerializedString name) throws IOException {
        json.writeFieldName(name);
        json.writeStartArray();
    }

    private void repeat(SerializedString text, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            json.writeString(text);
        }
    }
}
