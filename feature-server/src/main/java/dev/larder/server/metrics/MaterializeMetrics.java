package dev.larder.server.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Duration;
import java.util.List;

/** What is counted of materializations that this server runs. Safe for use by many threads. */
public final class MaterializeMetrics {
    private static final double MILLIS = 1e3;

    private final Counter results;
    private final Histogram durations;

    MaterializeMetrics(Counter results, Histogram durations) {
        this.results = results;
        this.durations = durations;
    }

    /** A run has ended; its time counts for each of its views. */
    public void ended(List<String> featureViews, boolean success, Duration time) {
        for (String view : featureViews) {
            results.labelValues(view, success ? "success" : "failure").inc();
            durations.labelValues(view).observe(time.toMillis() / MILLIS);
        }
    }
}
