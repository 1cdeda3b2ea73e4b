package dev.larder.onlinestore;

import dev.larder.model.FeatureView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Latest feature values per entity, as the bytes that Feast stores: encoded entity keys in, serialized {@code Value}
 * messages out. Implementations are safe for use by many threads.
 */
public interface OnlineStore extends AutoCloseable {
    /**
     * Above the version of every row that is put or pushed: it marks a row that is about to be replaced. As microseconds
     * since 1970 it is a time in the year 2255; a double still holds it exactly.
     */
    long TAKEOVER_VERSION = (1L << 53) - 1;

    /** Makes room for the given views and drops what belongs to views of this project that are not among them. */
    void prepare(List<FeatureView> views);

    /** Makes room for one view, where there is none yet, and leaves the others alone. */
    void makeRoom(FeatureView view);

    /**
     * What reads the same features many times: in as few round trips as the store allows.
     *
     * @param groups views whose rows belong to the same entities; a view may come in several groups
     */
    OnlineReader reader(List<List<ViewFeatures>> groups);

    /** Whether the thread that begins a read does it, too, so that it must be one that may wait. */
    boolean isReadBlocking();

    /** Reads once and waits for it; one answer per read, in order. For what is not in a hurry. */
    default List<ViewRows> read(List<ViewRead> reads) {
        return SingleRead.of(reads).run(this);
    }

    /**
     * Puts rows whose (event time, version) is newer than what is stored; older ones change nothing. Repeating the call
     * leaves the store as after the first. The values of a row are all features of the view, in {@code features}' order.
     *
     * @return how many rows replaced something older or nothing
     */
    long put(String featureView, List<String> features, List<OnlineWrite> rows);

    /**
     * Writes rows that somebody has sent, in their order, each by the rule given; it is atomic for each entity. The values of
     * a row are those of {@code features}; a feature of the view that is not among them keeps its value, but takes over the
     * row's time and version, of which an entity has one for each view.
     *
     * @return how many rows were written, but for those which a later one of the same call makes up for
     */
    long push(String featureView, List<String> features, List<OnlineWrite> rows, PushRule rule);

    /**
     * Takes rows back, each only while exactly the named row is stored: an older row takes its place, or none.
     *
     * @return how many rows were taken back
     */
    long retract(String featureView, List<String> features, List<Retraction> retractions);

    /** Which of the views hold an entity; all of them have its join keys. */
    List<String> holders(List<FeatureView> featureViews, byte[] entityKey);

    /**
     * Takes an entity out of views, whatever is stored of it; no walk over the keys.
     *
     * @param featureViews all of them have the entity's join keys
     * @return the names of those that held it
     */
    List<String> delete(List<FeatureView> featureViews, byte[] entityKey);

    /**
     * As {@link #delete}, and with it what else lies under the entity's key, of views that are no longer known, as far as the
     * store can tell whose it is.
     */
    List<String> deleteEverywhere(List<FeatureView> featureViews, byte[] entityKey);

    /** Whether some process has the right to materialize this view now. */
    boolean isBeingMaterialized(String featureView);

    /** What was last materialized here; empty for a new or flushed store. */
    Optional<MaterializationState> state(String featureView);

    /**
     * Remembers how far a view is materialized.
     *
     * @throws dev.larder.model.LarderException {@code ONLINE_STORE_UNAVAILABLE} if the store was emptied since {@link #state}
     *     found it otherwise, as far as it can tell
     */
    void saveState(String featureView, MaterializationState state);

    /**
     * Encoded entity keys of all rows of a view, never held all at once; one may come twice. For repair and tests, not for
     * serving.
     */
    Stream<byte[]> keys(String featureView);

    @Override
    void close();

    /** Some features of a view, in the order in which their values come back; one may come twice. */
    record ViewFeatures(String featureView, List<String> features) {}

    /** What becomes of a pushed row where another is stored. */
    enum PushRule {
        /** It replaces what is not newer by (event time, version): of equal ones the last to come wins. */
        LATEST,
        /**
         * It replaces what has an earlier event time, whatever the versions; a stored time in or before the first instant of
         * 1970 counts for nothing. So does Feast write to Redis.
         */
        LATER,
        /** It replaces whatever is stored. So does Feast write to SQLite. */
        ALWAYS
    }

    /** One view's part of a request; keys are distinct, values come back in the order of {@code features}. */
    record ViewRead(String featureView, List<String> features, List<byte[]> keys) {}

    /** A stored row that stands by itself, see {@link ViewRows#rows()}.
     *
     * @param eventSeconds event time, seconds since 1970
     * @param eventNanos nanoseconds within the second
     * @param values serialized {@code Value} per feature: null = this feature was never written, empty = a null value
     */
    record OnlineRow(long eventSeconds, int eventNanos, byte[] @Nullable [] values) {}

    /**
     * A row to write.
     *
     * @param eventTime microsecond precision
     * @param version {@code created} of the feature row in microseconds since 1970
     * @param values serialized {@code Value} per feature; empty for null
     */
    record OnlineWrite(byte[] entityKey, Instant eventTime, long version, byte[][] values) {}

    /** Replaces exactly the row (replacedEventTime, replacedVersion), or removes it when there is no replacement. */
    record Retraction(
            byte[] entityKey, Instant replacedEventTime, long replacedVersion, @Nullable OnlineWrite replacement) {}

    /**
     * How far a view is materialized.
     *
     * @param snapshotId Iceberg snapshot of the feature table
     * @param end greatest end of the materialized intervals
     */
    record MaterializationState(long snapshotId, Instant end, String definitionHash) {}
}
