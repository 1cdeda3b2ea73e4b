package dev.larder.materializer.ingest;

import dev.larder.model.DataSource;
import dev.larder.model.LarderException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;

/** Where change events come from. */
public interface ChangeLog {

    /**
     * The events of a source from the given offsets up to the present end; partitions that are not named are read from their
     * beginning.
     *
     * @param counter counted up for each record read
     * @throws LarderException {@code STEP_MISSING} if nothing was ever captured; {@code SOURCE_UNAVAILABLE} if the log does
     *     not answer, or no longer holds the offsets
     */
    Batch read(DataSource source, KafkaOffsets from, LongAccumulator counter);

    /**
     * A bounded part of the log.
     *
     * @param events rows of {@link ChangeColumns#schema}, read when they are used
     * @param start where it begins, every partition named
     * @param end where it ends
     */
    record Batch(Dataset<Row> events, KafkaOffsets start, KafkaOffsets end) {
        long size() {
            return end.since(start);
        }
    }
}
