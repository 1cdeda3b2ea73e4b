package dev.larder.trino;

import java.io.Writer;

/** How rows are written. */
public enum OutputFormat {
    /** For people: aligned columns, NULL shown, nothing cut off. */
    TABLE,
    /** RFC 4180; null is an empty field, an empty text is quoted. */
    CSV,
    /** An array of objects, one a line. */
    JSON;

    /** The writer neither flushes nor closes {@code out}. */
    public RowWriter to(Writer out) {
        return switch (this) {
            case TABLE -> new TableWriter(out);
            case CSV -> new CsvWriter(out);
            case JSON -> new JsonWriter(out);
        };
    }
}
