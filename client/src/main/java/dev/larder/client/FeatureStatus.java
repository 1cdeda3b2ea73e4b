package dev.larder.client;

/**
 * What a server says of one value. Larder's server in mode {@code strict} tells all of them; Feast's Python server, and ours in
 * mode {@code feast}, answer {@code PRESENT} for nulls and for values that are too old.
 */
public enum FeatureStatus {
    /** There is a row, and this is its value. */
    PRESENT,
    /** There is a row, and its value is null. */
    NULL_VALUE,
    /** The entity, or this feature of it, was never written. */
    NOT_FOUND,
    /** The value is older than its view's ttl; it is given all the same. */
    OUTSIDE_MAX_AGE,
    /** A status that this client does not know. */
    UNKNOWN;

    static FeatureStatus ofNumber(int number) {
        return switch (number) {
            case 1 -> PRESENT;
            case 2 -> NULL_VALUE;
            case 3 -> NOT_FOUND;
            case 4 -> OUTSIDE_MAX_AGE;
            default -> UNKNOWN;
        };
    }
}
