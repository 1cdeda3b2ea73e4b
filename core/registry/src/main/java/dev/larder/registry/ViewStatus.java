package dev.larder.registry;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What the registry says about a view besides its definition.
 *
 * @param materialized intervals in the order of the registry
 * @param disabled someone has switched the view off; it must not be served
 */
public record ViewStatus(List<Interval> materialized, State state, boolean disabled) {

    /** Copied to the online store: the rows with stamps in (start, end]. */
    public record Interval(Instant start, Instant end) {}

    /** Feast's states of a view; a view is served in {@link #UNSPECIFIED} and {@link #AVAILABLE_ONLINE}. */
    public enum State {
        UNSPECIFIED,
        CREATED,
        GENERATED,
        MATERIALIZING,
        AVAILABLE_ONLINE
    }

    public ViewStatus {
        materialized = List.copyOf(materialized);
    }

    /** Greatest end of the materialized intervals; empty before the first materialization. */
    public Optional<Instant> materializedUntil() {
        return materialized.stream().map(Interval::end).max(Comparator.naturalOrder());
    }
}
