package dev.larder.trino;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes a result row by row. Values are null, Boolean, Long, BigDecimal, Float, Double, String, or, nested, a List or a Map
 * with text keys; times are texts in ISO 8601, those with a zone in UTC.
 */
public interface RowWriter {
    void begin(List<Column> columns) throws IOException;

    void row(List<@Nullable Object> values) throws IOException;

    /**
     * After the last row.
     *
     * @param cut whether there are rows beyond the limit
     */
    void end(boolean cut) throws IOException;

    /** Instead of rows: the statement changed so many. */
    void changed(long rows) throws IOException;
}
