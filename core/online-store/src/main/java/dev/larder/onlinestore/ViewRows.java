package dev.larder.onlinestore;

import dev.larder.onlinestore.OnlineStore.OnlineRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is stored of one view: one row per key that was asked for, in order. Values are serialized {@code Value} messages that
 * lie in few buffers, so that none costs an object; whoever reads them leaves the buffers as they are.
 */
public interface ViewRows {
    /** How many rows there are, those included that were not found. */
    int size();

    /** How many features each row has. */
    int width();

    /** False if the entity was never written; then the row has no time and no values. */
    boolean isFound(int row);

    /** Event time of a row that was found, seconds since 1970. */
    long eventSeconds(int row);

    /** Nanoseconds within the second. */
    int eventNanos(int row);

    /** Where the value begins in its {@link #buffer}; negative if the feature was never written. */
    int start(int row, int feature);

    /** How many bytes a value has that was written; 0 for a null value. */
    int length(int row, int feature);

    /** What holds a value that was written. */
    byte[] buffer(int row, int feature);

    /** All rows as objects, null where the entity was never written. For what is not in a hurry. */
    default List<@Nullable OnlineRow> rows() {
        @Nullable OnlineRow[] rows = new OnlineRow[size()];
        for (int row = 0; row < rows.length; row++) {
            if (isFound(row)) {
                List<byte @Nullable []> values = new ArrayList<>();
                for (int feature = 0; feature < width(); feature++) {
                    int start = start(row, feature);
                    values.add(
                            start < 0
                                    ? null
                                    : Arrays.copyOfRange(buffer(row, feature), start, start + length(row, feature)));
                }
                rows[row] = new OnlineRow(eventSeconds(row), eventNanos(row), values.toArray(byte[][]::new));
            }
        }
        return Arrays.asList(rows);
    }
}
