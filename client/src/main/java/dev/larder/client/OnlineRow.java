package dev.larder.client;

import dev.larder.client.FeatureClientException.Reason;
import dev.larder.model.FeatureValue;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A row for the online store: when it holds, its join keys and its features. Not for use by several threads at once; it may be
 * changed and sent again.
 */
public final class OnlineRow {
    /** The names that Larder's server knows the two times of a row by, whatever the source calls them. */
    private static final String EVENT_TIME = "event_timestamp";

    private static final String CREATED = "created";

    private final Map<String, FeatureValue> columns = new LinkedHashMap<>();

    private OnlineRow() {}

    /** @param eventTime what is finer than a microsecond is cut */
    public static OnlineRow at(Instant eventTime) {
        return at(EVENT_TIME, eventTime);
    }

    /** For Feast's own servers, which want the source's own name. */
    public static OnlineRow at(String timestampField, Instant eventTime) {
        return new OnlineRow().time(timestampField, eventTime);
    }

    /** Of two rows at one event time the one created later stays; without it, the one that arrives later. */
    public OnlineRow created(Instant created) {
        return time(CREATED, created);
    }

    /**
     * Sets a join key or feature.
     *
     * @param value null; a number, {@code String}, {@code Boolean}, {@code byte[]}, {@code Instant} (of which whole seconds are kept),
     *     {@code ZonedDateTime}, {@code UUID} or {@code BigDecimal}; a {@code List}, array or {@code Set} of one of these; a {@code Map};
     *     or a {@link FeatureValue}. The server casts to the type that the feature is declared with
     * @throws FeatureClientException {@code INVALID_REQUEST} for what cannot be sent
     */
    public OnlineRow set(String column, @Nullable Object value) {
        try {
            columns.put(column, FromJava.value(value));
            return this;
        } catch (FeatureClientException e) {
            throw new FeatureClientException(e.reason(), "Column %s: %s".formatted(column, e.getMessage()), e);
        }
    }

    /** As text, which all servers take, and which alone holds fractions of a second. */
    private OnlineRow time(String column, Instant time) {
        columns.put(column, FeatureValue.of(time.toString()));
        return this;
    }

    Map<String, FeatureValue> columns() {
        if (columns.size() < 2) {
            throw new FeatureClientException(
                    Reason.INVALID_REQUEST,
                    "The row has no columns but %s (expected: join keys and features)".formatted(columns.keySet()));
        }
        return columns;
    }
}
