package dev.larder.client;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.larder.feast.ValueCodec;
import dev.larder.model.FeatureValue;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@code feast.serving.GetOnlineFeaturesResponse} as it came: values stay bytes of the message until somebody asks for them,
 * so an answer of thousands of values costs no object for each, and a type that is newer than this client harms nobody who
 * does not read it.
 */
final class Answer {
    private static final int VARINT = WireFormat.WIRETYPE_VARINT;
    private static final int DELIMITED = WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private final byte[] message;
    private final List<String> names = new ArrayList<>();
    private final List<Column> columns = new ArrayList<>();

    private Answer(byte[] message) {
        this.message = message;
    }

    /** @throws IOException if the bytes are no such message, or do not have the rows that were asked for */
    static Answer read(byte[] message, int rows) throws IOException {
        Answer answer = new Answer(message);
        CodedInputStream in = CodedInputStream.newInstance(message);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case 1 << 3 | DELIMITED -> answer.metadata(in);
                case 2 << 3 | DELIMITED -> answer.columns.add(Column.read(in, rows));
                default -> in.skipField(tag);
            }
        }
        if (answer.names.size() != answer.columns.size()) {
            throw new IOException("%d names for %d columns".formatted(answer.names.size(), answer.columns.size()));
        }
        return answer;
    }

    /** As the server gives them, join keys included. */
    List<String> names() {
        return names;
    }

    FeatureValue value(int column, int row) {
        Column read = columns.get(column);
        return ValueCodec.decode(Arrays.copyOfRange(message, read.starts[row], read.ends[row]));
    }

    FeatureStatus status(int column, int row) {
        return FeatureStatus.ofNumber(columns.get(column).statuses[row]);
    }

    /** Null: there is none, which servers also say as 1970. */
    @Nullable
    Instant eventTimestamp(int column, int row) {
        Column read = columns.get(column);
        return read.seconds[row] == 0 && read.nanos[row] == 0
                ? null
                : Instant.ofEpochSecond(read.seconds[row], read.nanos[row]);
    }

    private void metadata(CodedInputStream in) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == (1 << 3 | DELIMITED)) {
                featureList(in);
            } else {
                in.skipField(tag);
            }
        }
        in.popLimit(outer);
    }

    private void featureList(CodedInputStream in) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == (1 << 3 | DELIMITED)) {
                names.add(in.readStringRequireUtf8());
            } else {
                in.skipField(tag);
            }
        }
        in.popLimit(outer);
    }

    /** A {@code FeatureVector}; where the values lie in the message, and what is said of them. */
    private static final class Column {
        private final int[] starts;
        private final int[] ends;
        private final byte[] statuses;
        private final long[] seconds;
        private final int[] nanos;
        private int values;
        private int statusesRead;
        private int times;

        private Column(int rows) {
            starts = new int[rows];
            ends = new int[rows];
            statuses = new byte[rows];
            seconds = new long[rows];
            nanos = new int[rows];
        }

        static Column read(CodedInputStream in, int rows) throws IOException {
            Column column = new Column(rows);
            int outer = in.pushLimit(in.readRawVarint32());
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                column.field(in, tag);
            }
            in.popLimit(outer);
            if (column.values != rows || column.statusesRead != rows || (column.times != rows && column.times != 0)) {
                throw new IOException("a column has %d values, %d statuses and %d times of %d rows"
                        .formatted(column.values, column.statusesRead, column.times, rows));
            }
            return column;
        }

        private void field(CodedInputStream in, int tag) throws IOException {
            switch (tag) {
                case 1 << 3 | DELIMITED -> {
                    int length = in.readRawVarint32();
                    int start = in.getTotalBytesRead();
                    in.skipRawBytes(length);
                    int row = next(values++);
                    starts[row] = start;
                    ends[row] = start + length;
                }
                case 2 << 3 | DELIMITED -> {
                    int outer = in.pushLimit(in.readRawVarint32());
                    while (in.getBytesUntilLimit() > 0) {
                        status(in);
                    }
                    in.popLimit(outer);
                }
                case 2 << 3 | VARINT -> status(in);
                case 3 << 3 | DELIMITED -> time(in);
                default -> in.skipField(tag);
            }
        }

        private void status(CodedInputStream in) throws IOException {
            int number = in.readEnum();
            statuses[next(statusesRead++)] = (byte) (number >= 0 && number <= Byte.MAX_VALUE ? number : 0);
        }

        private void time(CodedInputStream in) throws IOException {
            int row = next(times++);
            int outer = in.pushLimit(in.readRawVarint32());
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (tag) {
                    case 1 << 3 | VARINT -> seconds[row] = in.readInt64();
                    case 2 << 3 | VARINT -> nanos[row] = in.readInt32();
                    default -> in.skipField(tag);
                }
            }
            in.popLimit(outer);
        }

        private int next(int read) throws IOException {
            if (read >= starts.length) {
                throw new IOException(
                        "a column has more than the %d rows that were asked for".formatted(starts.length));
            }
            return read;
        }
    }
}
