package dev.larder.offlinestore.training;

import dev.larder.model.LarderException;
import dev.larder.offlinestore.FeatureTable;
import dev.larder.progress.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Joins each entity row with the newest feature row that was known at its time {@code t}: {@code t - ttl <=
 * event_timestamp + availableAfter <= t}, both ends included; of rows with one stamp the one created last.
 *
 * <p>Every entity row comes back once, in its place: first its own columns, then the features in request order. A null
 * key matches nothing, and what does not match is null; so is what an {@code is_deleted} row ended. Implementations are
 * safe for use by many threads.
 */
public interface PointInTimeJoin {

    /** The engine's name and version, for the record. */
    String engine();

    /**
     * Writes the joined rows to a file, which appears whole or not at all.
     *
     * @param tables the rows of each requested view, by the view's name
     * @param output a {@code .parquet} file (zstd) or a {@code .csv} file (RFC 4180, ISO-8601 timestamps in UTC, null is
     *     empty)
     * @throws LarderException {@code ARGUMENT_INVALID} or {@code VALUE_TYPE_MISMATCH} where the entity file cannot be
     *     used as it is, {@code FEATURE_NAME_COLLISION} where two columns of the output would have one name, {@code
     *     FEATURE_NOT_FOUND} where a table lacks a feature
     */
    Joined join(TrainingSetRequest request, Map<String, FeatureTable> tables, Path output, Progress progress);

    /** What was written. */
    record Joined(long rows, List<String> columns) {
        public Joined {
            columns = List.copyOf(columns);
        }
    }
}
