package dev.larder.server.online;

import com.google.protobuf.CodedOutputStream;
import dev.larder.feast.ValueCodec;
import dev.larder.feast.proto.serving.FieldStatus;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.ViewRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes one answer as the bytes of a {@code feast.serving.GetOnlineFeaturesResponse}. This is the hot path: stored {@code
 * Value} bytes are copied as they are, without an object per value. A message says the length of each part before the part, so
 * all lengths are counted first; then the bytes go into an array of just that size. What a view's rows have in common over its
 * features, their times, is written once and then copied.
 *
 * <p>Driver 1001 with {@code f_int64} = 7 of 2024-03-01T12:00:00Z is, named {@code driver_basic:f_int64}: {@code 0a18 0a16 0a14
 * 6472697665725f62617369633a665f696e743634} (metadata), {@code 120f 0a02 2007 1201 01 1a06 08c08687af06} (value, status, time).
 */
final class AnswerMessage {
    /** Tags of length-delimited fields; that of a field and of the part of it that has the same number are the same. */
    private static final int FIELD_1 = 1 << 3 | 2;

    private static final int FIELD_2 = 2 << 3 | 2;
    private static final int FIELD_3 = 3 << 3 | 2;

    private final ReadPlan plan;
    private final StatusRule rule;
    private final List<Column> columns;
    private final List<View> views;
    private final List<byte[]> names;
    private final List<byte[]> viewNames;

    private AnswerMessage(
            ReadPlan plan,
            StatusRule rule,
            List<Column> columns,
            List<View> views,
            List<byte[]> names,
            List<byte[]> viewNames) {
        this.plan = plan;
        this.rule = rule;
        this.columns = columns;
        this.views = views;
        this.names = names;
        this.viewNames = viewNames;
    }

    /**
     * @param stored one for each view of the plan
     * @param joinKeys whether the answer holds the join keys' columns, in front
     * @param viewMetadata whether it names the views it was read from
     * @throws LarderException {@code ARGUMENT_INVALID} for an answer that no message can hold
     */
    static byte[] of(
            ReadPlan plan,
            EntityRows rows,
            List<ViewRows> stored,
            StatusRule rule,
            boolean joinKeys,
            boolean viewMetadata) {
        List<byte[]> names = new ArrayList<>();
        List<Column> columns = new ArrayList<>();
        if (joinKeys) {
            for (Map.Entry<String, FeatureValue[]> column : rows.columns().entrySet()) {
                names.add(column.getKey().getBytes(StandardCharsets.UTF_8));
                columns.add(Column.of(column.getValue()));
            }
        }
        for (String name : plan.names()) {
            names.add(name.getBytes(StandardCharsets.UTF_8));
        }
        List<View> views = new ArrayList<>();
        List<byte[]> viewNames = new ArrayList<>();
        for (int i = 0; i < plan.views().size(); i++) {
            ReadPlan.View view = plan.views().get(i);
            views.add(new View(view, stored.get(i), rows.keys(view.keys()).positions()));
            if (viewMetadata) {
                viewNames.add(view.name().getBytes(StandardCharsets.UTF_8));
            }
        }
        return new AnswerMessage(plan, rule, columns, views, names, viewNames).write();
    }

    private byte[] write() {
        int list = names.stream().mapToInt(AnswerMessage::field).sum();
        int metadata = field(list)
                + viewNames.stream().mapToInt(name -> field(field(name))).sum();
        long size = field(metadata);
        for (Column column : columns) {
            size += field(column.size());
        }
        for (View view : views) {
            size += view.countSizes();
        }
        if (size > Integer.MAX_VALUE - 8) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "The answer would have %d bytes, more than one message can hold. Send several requests."
                            .formatted(size));
        }
        byte[] message = new byte[(int) size];
        CodedOutputStream out = CodedOutputStream.newInstance(message);
        try {
            writeMetadata(out, metadata, list);
            for (Column column : columns) {
                column.write(out);
            }
            for (int i = 0; i < views.size(); i++) {
                StatusCounts counts = new StatusCounts();
                views.get(i).write(out, message, rule, counts);
                counts.tell(plan.metrics().view(i));
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return message;
    }

    private void writeMetadata(CodedOutputStream out, int size, int listSize) throws IOException {
        start(out, FIELD_1, size);
        start(out, FIELD_1, listSize);
        for (byte[] name : names) {
            put(out, FIELD_1, name);
        }
        for (byte[] view : viewNames) {
            start(out, FIELD_2, field(view));
            put(out, FIELD_1, view);
        }
    }

    /** Of a length-delimited field of one of the first 15 numbers, its tag and length included. */
    private static int field(int content) {
        return 1 + CodedOutputStream.computeUInt32SizeNoTag(content) + content;
    }

    private static int field(byte[] content) {
        return field(content.length);
    }

    private static void start(CodedOutputStream out, int tag, int size) throws IOException {
        out.writeUInt32NoTag(tag);
        out.writeUInt32NoTag(size);
    }

    private static void put(CodedOutputStream out, int tag, byte[] content) throws IOException {
        start(out, tag, content.length);
        out.writeRawBytes(content);
    }

    /**
     * Values of one join key: each present, at the time 1970, which is an empty message.
     *
     * @param values serialized {@code Value} by row
     * @param size of the whole vector
     */
    private record Column(byte[][] values, int size) {
        static Column of(FeatureValue[] column) {
            byte[][] values = new byte[column.length][];
            int size = field(column.length) + field(0) * column.length;
            for (int row = 0; row < values.length; row++) {
                values[row] = ValueCodec.encode(column[row]);
                size += field(values[row]);
            }
            return new Column(values, size);
        }

        void write(CodedOutputStream out) throws IOException {
            start(out, FIELD_2, size);
            for (byte[] value : values) {
                put(out, FIELD_1, value);
            }
            start(out, FIELD_2, values.length);
            for (int row = 0; row < values.length; row++) {
                out.write((byte) FieldStatus.PRESENT_VALUE);
            }
            for (int row = 0; row < values.length; row++) {
                start(out, FIELD_3, 0);
            }
        }
    }

    /** The features of one view. */
    private static final class View {
        private final ViewRows stored;
        private final long ttlSeconds;
        /** For each row of the answer, where it is in {@code stored}. */
        private final int[] positions;

        private final int timesSize;
        private final int[] sizes;

        View(ReadPlan.View view, ViewRows stored, int[] positions) {
            this.stored = stored;
            this.ttlSeconds = view.ttlSeconds();
            this.positions = positions;
            this.sizes = new int[view.features().size()];
            int size = 0;
            for (int position : positions) {
                size += field(timeSize(position));
            }
            this.timesSize = size;
        }

        /** @return the size of all vectors with their tags and lengths */
        long countSizes() {
            long all = 0;
            for (int feature = 0; feature < sizes.length; feature++) {
                long size = (long) field(positions.length) + timesSize;
                for (int position : positions) {
                    size += field(shownLength(position, feature));
                }
                // A greater one makes the answer too large, and is not written then.
                sizes[feature] = (int) size;
                all += 1 + CodedOutputStream.computeUInt64SizeNoTag(size) + size;
            }
            return all;
        }

        void write(CodedOutputStream out, byte[] message, StatusRule rule, StatusCounts counts) throws IOException {
            int times = 0;
            for (int feature = 0; feature < sizes.length; feature++) {
                start(out, FIELD_2, sizes[feature]);
                for (int position : positions) {
                    int length = shownLength(position, feature);
                    start(out, FIELD_1, length);
                    if (length > 0) {
                        out.writeRawBytes(stored.buffer(position, feature), stored.start(position, feature), length);
                    }
                }
                start(out, FIELD_2, positions.length);
                for (int position : positions) {
                    int status = rule.status(stored, position, feature, ttlSeconds);
                    counts.add(status);
                    out.write((byte) status);
                }
                if (feature == 0) {
                    times = out.getTotalBytesWritten();
                    writeTimes(out);
                } else {
                    out.writeRawBytes(message, times, timesSize);
                }
            }
        }

        private void writeTimes(CodedOutputStream out) throws IOException {
            for (int position : positions) {
                start(out, FIELD_3, timeSize(position));
                if (stored.isFound(position) && stored.eventSeconds(position) != 0) {
                    out.writeInt64(1, stored.eventSeconds(position));
                }
                if (stored.isFound(position) && stored.eventNanos(position) != 0) {
                    out.writeInt32(2, stored.eventNanos(position));
                }
            }
        }

        /** Of a {@code google.protobuf.Timestamp}; that of a row that was never written is 1970. */
        private int timeSize(int position) {
            if (!stored.isFound(position)) {
                return 0;
            }
            long seconds = stored.eventSeconds(position);
            int nanos = stored.eventNanos(position);
            return (seconds == 0 ? 0 : CodedOutputStream.computeInt64Size(1, seconds))
                    + (nanos == 0 ? 0 : CodedOutputStream.computeInt32Size(2, nanos));
        }

        /** A null is shown as nothing, in whichever way it is stored. */
        private int shownLength(int position, int feature) {
            return StatusRule.isWritten(stored, position, feature) && !StatusRule.isNull(stored, position, feature)
                    ? stored.length(position, feature)
                    : 0;
        }
    }
}
