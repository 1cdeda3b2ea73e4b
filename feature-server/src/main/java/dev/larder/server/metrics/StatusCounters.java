package dev.larder.server.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;

/** Values of one feature view by the status they were answered with. Safe for use by many threads. */
public final class StatusCounters {
    private final CounterDataPoint present;
    private final CounterDataPoint nullValue;
    private final CounterDataPoint notFound;
    private final CounterDataPoint outsideMaxAge;

    StatusCounters(Counter statuses, String view) {
        present = statuses.labelValues(view, "present");
        nullValue = statuses.labelValues(view, "null_value");
        notFound = statuses.labelValues(view, "not_found");
        outsideMaxAge = statuses.labelValues(view, "outside_max_age");
    }

    /** Adds what one answer holds of the view: four additions for however many values. */
    public void add(int presents, int nulls, int missing, int expired) {
        add(present, presents);
        add(nullValue, nulls);
        add(notFound, missing);
        add(outsideMaxAge, expired);
    }

    private static void add(CounterDataPoint counter, int count) {
        if (count > 0) {
            counter.inc(count);
        }
    }
}
