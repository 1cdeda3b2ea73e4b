package dev.larder.server.grpc;

import dev.larder.model.LarderException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes rows that clients send. A row is given by column as a JSON body would hold it: null, Boolean, Number, String, List or
 * Map; bytes are base64 text, and a time is ISO-8601 text, as {@code event_timestamp} is. Implementations are safe for use by
 * many threads.
 */
public interface FeatureWriter {
    /** Where a pushed row goes. */
    enum Target {
        ONLINE,
        OFFLINE,
        ONLINE_AND_OFFLINE
    }

    /**
     * Gives a row to every view that the push source feeds.
     *
     * @param useCachedRegistry false: definitions are read again first
     * @throws LarderException naming what is wrong with the row, or what cannot be reached
     */
    void push(String pushSource, Map<String, @Nullable Object> row, Target target, boolean useCachedRegistry);

    /**
     * Writes a row of one view to the online store.
     *
     * @param useCachedRegistry false: definitions are read again first
     * @throws LarderException naming what is wrong with the row, or what cannot be reached
     */
    void write(String featureView, Map<String, @Nullable Object> row, boolean useCachedRegistry);
}
