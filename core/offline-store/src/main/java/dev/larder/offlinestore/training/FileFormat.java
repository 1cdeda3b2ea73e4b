package dev.larder.offlinestore.training;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.nio.file.Path;
import java.util.Locale;

/** Formats of entity files and training sets, known by the file's extension. */
enum FileFormat {
    PARQUET {
        @Override
        String copyOptions() {
            return "FORMAT parquet, COMPRESSION zstd";
        }

        @Override
        String column(String expression, String type) {
            return expression;
        }
    },
    CSV {
        @Override
        String copyOptions() {
            return "FORMAT csv, HEADER true, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULLSTR ''";
        }

        @Override
        String column(String expression, String type) {
            String text = "CAST(" + expression + " AS VARCHAR)";
            return switch (type) {
                case "BLOB" -> "to_base64(" + expression + ")";
                // The session's zone is UTC, so that the text ends in +00.
                case "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS" ->
                    "regexp_replace(replace(%s, ' ', 'T'), '[+]00$', 'Z')".formatted(text);
                case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS" ->
                    "replace(%s, ' ', 'T')".formatted(text);
                default -> text;
            };
        }
    };

    /** @throws LarderException {@code ARGUMENT_INVALID} for any other extension */
    static FileFormat of(Path file, String what) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (name.endsWith(".parquet")) {
            return PARQUET;
        }
        if (name.endsWith(".csv")) {
            return CSV;
        }
        throw new LarderException(
                ErrorCode.ARGUMENT_INVALID,
                "%s %s has an unknown format (expected: a name that ends in .parquet or .csv)".formatted(what, file));
    }

    String extension() {
        return "." + name().toLowerCase(Locale.ROOT);
    }

    /** What {@code COPY ... TO} needs to write this format. */
    abstract String copyOptions();

    /** The expression of an output column, given a value of a DuckDB type. */
    abstract String column(String expression, String type);
}
