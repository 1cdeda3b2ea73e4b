package dev.larder.server.online;

import dev.larder.feast.JsonBuffer;
import dev.larder.feast.ValueCodec;
import dev.larder.feast.ValueJson;
import dev.larder.feast.proto.serving.FieldStatus;
import dev.larder.model.FeatureValue;
import dev.larder.onlinestore.ViewRows;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Writes one answer in Feast's form. This is the hot path: stored bytes become JSON without an object per value; what is the
 * same for all features of a view (its rows' times, and mostly its statuses) is written once and then copied.
 *
 * <p>The time of a row that was never written is 1970, as Feast answers it; of a feature that a written row lacks, the row's.
 */
final class AnswerWriter {
    private static final byte[] RESULTS = ascii("{\"results\":[");
    private static final byte[] VALUES = ascii("{\"values\":[");
    private static final byte[] STATUSES = ascii("],\"statuses\":[");
    private static final byte[] EVENT_TIMESTAMPS = ascii("],\"event_timestamps\":[");
    private static final byte[] END_OF_COLUMN = ascii("]}");
    private static final byte[] FEATURE_NAMES = ascii("],\"metadata\":{\"feature_names\":[");
    private static final byte[] VIEW_METADATA = ascii("],\"feature_view_metadata\":[");
    private static final byte[] NAME = ascii("{\"name\":");
    private static final byte[] END = ascii("]}}");
    /** By number. */
    private static final byte[][] STATUS_NAMES = Arrays.stream(FieldStatus.values())
            .filter(status -> status != FieldStatus.UNRECOGNIZED)
            .map(status -> ascii('"' + status.name() + '"'))
            .toArray(byte[][]::new);

    private static final byte[] PRESENT = STATUS_NAMES[FieldStatus.PRESENT_VALUE];
    private static final byte[] EPOCH = ascii("\"1970-01-01T00:00:00Z\"");

    private final JsonBuffer json;
    private final StatusRule rule;

    AnswerWriter(JsonBuffer json, StatusRule rule) {
        this.json = json;
        this.rule = rule;
    }

    void write(ReadPlan plan, EntityRows rows, List<ViewRows> stored, boolean viewMetadata) {
        json.raw(RESULTS);
        boolean first = true;
        for (FeatureValue[] column : rows.columns().values()) {
            separate(first);
            writeJoinKeys(column);
            first = false;
        }
        for (int i = 0; i < plan.views().size(); i++) {
            ReadPlan.View view = plan.views().get(i);
            separate(first);
            StatusCounts counts = new StatusCounts();
            writeView(view, stored.get(i), rows.keys(view.keys()).positions(), counts);
            counts.tell(plan.metrics().view(i));
            first = false;
        }
        writeMetadata(plan, rows.columns(), viewMetadata);
    }

    private void writeJoinKeys(FeatureValue[] column) {
        json.raw(VALUES);
        for (int row = 0; row < column.length; row++) {
            separate(row == 0);
            ValueJson.write(ValueCodec.encode(column[row]), json);
        }
        json.raw(STATUSES);
        repeat(PRESENT, column.length);
        json.raw(EVENT_TIMESTAMPS);
        repeat(EPOCH, column.length);
        json.raw(END_OF_COLUMN);
    }

    private void writeView(ReadPlan.View view, ViewRows stored, int[] positions, StatusCounts counts) {
        boolean anyExpired = rule.isAnyExpired(stored, view.ttlSeconds());
        Copied times = new Copied();
        Copied present = new Copied();
        for (int feature = 0; feature < view.features().size(); feature++) {
            separate(feature == 0);
            json.raw(VALUES);
            boolean allPresent = writeValues(stored, feature, positions) && !anyExpired;
            json.raw(STATUSES);
            if (allPresent) {
                counts.addPresent(positions.length);
                if (!present.again()) {
                    present.begin();
                    repeat(PRESENT, positions.length);
                    present.end();
                }
            } else {
                writeStatuses(view, stored, feature, positions, counts);
            }
            if (!times.again()) {
                times.begin();
                json.raw(EVENT_TIMESTAMPS);
                writeTimes(stored, positions);
                json.raw(END_OF_COLUMN);
                times.end();
            }
        }
    }

    /** @return whether no value is missing */
    private boolean writeValues(ViewRows stored, int feature, int[] positions) {
        boolean allThere = true;
        for (int row = 0; row < positions.length; row++) {
            separate(row == 0);
            int position = positions[row];
            if (StatusRule.isWritten(stored, position, feature)) {
                ValueJson.write(
                        stored.buffer(position, feature),
                        stored.start(position, feature),
                        stored.length(position, feature),
                        json);
            } else {
                json.nothing();
            }
            allThere &= !rule.isMissing(stored, position, feature);
        }
        return allThere;
    }

    private void writeStatuses(ReadPlan.View view, ViewRows stored, int feature, int[] positions, StatusCounts counts) {
        for (int row = 0; row < positions.length; row++) {
            separate(row == 0);
            int status = rule.status(stored, positions[row], feature, view.ttlSeconds());
            counts.add(status);
            json.raw(STATUS_NAMES[status]);
        }
    }

    private void writeTimes(ViewRows stored, int[] positions) {
        byte[] text = EPOCH;
        int written = -1;
        for (int row = 0; row < positions.length; row++) {
            separate(row == 0);
            int position = positions[row];
            if (!stored.isFound(position)) {
                json.raw(EPOCH);
            } else {
                // Rows of one batch often share their time.
                if (written < 0
                        || stored.eventSeconds(position) != stored.eventSeconds(written)
                        || stored.eventNanos(position) != stored.eventNanos(written)) {
                    Instant time = Instant.ofEpochSecond(stored.eventSeconds(position), stored.eventNanos(position));
                    text = ascii("\"" + time + "\"");
                    written = position;
                }
                json.raw(text);
            }
        }
    }

    private void writeMetadata(ReadPlan plan, Map<String, FeatureValue[]> columns, boolean viewMetadata) {
        json.raw(FEATURE_NAMES);
        boolean first = true;
        for (String column : columns.keySet()) {
            separate(first);
            json.text(column);
            first = false;
        }
        separate(first || plan.names().isEmpty());
        json.raw(plan.namesJson());
        if (viewMetadata) {
            json.raw(VIEW_METADATA);
            for (int i = 0; i < plan.views().size(); i++) {
                separate(i == 0);
                json.raw(NAME);
                json.text(plan.views().get(i).name());
                json.raw('}');
            }
        }
        json.raw(END);
    }

    private void separate(boolean first) {
        if (!first) {
            json.raw(',');
        }
    }

    private void repeat(byte[] text, int count) {
        for (int i = 0; i < count; i++) {
            separate(i == 0);
            json.raw(text);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A part of the answer that is written once and may be wanted again. */
    private final class Copied {
        private int start = -1;
        private int end;

        void begin() {
            start = json.length();
        }

        void end() {
            end = json.length();
        }

        /** Writes it again; false if it was never written. */
        boolean again() {
            if (start >= 0) {
                json.raw(json.bytes(), start, end - start);
            }
            return start >= 0;
        }
    }
}
