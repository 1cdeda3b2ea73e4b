package dev.larder.server.online;

import dev.larder.feast.proto.serving.FieldStatus;
import dev.larder.server.metrics.StatusCounters;

/** How many values of one view an answer holds, by status. */
final class StatusCounts {
    private int present;
    private int nulls;
    private int notFound;
    private int expired;

    /** @param status a number of Feast's {@code FieldStatus} */
    void add(int status) {
        switch (status) {
            case FieldStatus.PRESENT_VALUE -> present++;
            case FieldStatus.NULL_VALUE_VALUE -> nulls++;
            case FieldStatus.NOT_FOUND_VALUE -> notFound++;
            case FieldStatus.OUTSIDE_MAX_AGE_VALUE -> expired++;
            default -> throw new IllegalArgumentException("status: " + status);
        }
    }

    void addPresent(int count) {
        present += count;
    }

    void tell(StatusCounters counters) {
        counters.add(present, nulls, notFound, expired);
    }
}
