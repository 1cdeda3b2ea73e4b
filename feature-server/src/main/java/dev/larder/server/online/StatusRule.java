package dev.larder.server.online;

import dev.larder.feast.proto.serving.FieldStatus;
import dev.larder.onlinestore.ViewRows;
import dev.larder.registry.config.LarderConfig.Mode;

/**
 * Which status a stored value is answered with: one rule for every form of an answer. A status is a number of Feast's {@code
 * FieldStatus}.
 *
 * @param nowSeconds what the ttl counts from, seconds since 1970
 */
record StatusRule(Mode mode, long nowSeconds) {
    /** @param ttlSeconds of the rows' view; 0: no limit */
    boolean isAnyExpired(ViewRows stored, long ttlSeconds) {
        if (mode == Mode.FEAST || ttlSeconds == 0) {
            return false;
        }
        for (int row = 0; row < stored.size(); row++) {
            if (isExpired(stored, row, ttlSeconds)) {
                return true;
            }
        }
        return false;
    }

    /**
     * @param ttlSeconds of the row's view
     * @return of a value that was never written {@code NOT_FOUND}
     */
    int status(ViewRows stored, int row, int feature, long ttlSeconds) {
        if (!isWritten(stored, row, feature)) {
            return FieldStatus.NOT_FOUND_VALUE;
        } else if (mode == Mode.FEAST) {
            return FieldStatus.PRESENT_VALUE;
        } else if (isExpired(stored, row, ttlSeconds)) {
            return FieldStatus.OUTSIDE_MAX_AGE_VALUE;
        }
        return isNull(stored, row, feature) ? FieldStatus.NULL_VALUE_VALUE : FieldStatus.PRESENT_VALUE;
    }

    /** Whether a value that is not expired is answered with another status than {@code PRESENT}. */
    boolean isMissing(ViewRows stored, int row, int feature) {
        return !isWritten(stored, row, feature) || (mode == Mode.STRICT && isNull(stored, row, feature));
    }

    private boolean isExpired(ViewRows stored, int row, long ttlSeconds) {
        return mode == Mode.STRICT
                && ttlSeconds > 0
                && stored.isFound(row)
                && nowSeconds - stored.eventSeconds(row) > ttlSeconds;
    }

    static boolean isWritten(ViewRows stored, int row, int feature) {
        return stored.isFound(row) && stored.start(row, feature) >= 0;
    }

    static boolean isNull(ViewRows stored, int row, int feature) {
        return StoredNull.is(stored.buffer(row, feature), stored.start(row, feature), stored.length(row, feature));
    }
}
