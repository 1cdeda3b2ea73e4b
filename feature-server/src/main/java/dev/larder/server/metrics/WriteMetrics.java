package dev.larder.server.metrics;

import io.prometheus.metrics.core.metrics.Counter;

/** What is counted of rows that are sent. Safe for use by many threads. */
public final class WriteMetrics {
    private final Counter pushes;
    private final Counter rows;

    WriteMetrics(Counter pushes, Counter rows) {
        this.pushes = pushes;
        this.rows = rows;
    }

    /**
     * A push has succeeded.
     *
     * @param to where it went, for example {@code online}
     * @param written rows that are stored now, over all views of the source
     */
    public void pushed(String pushSource, String to, long written) {
        pushes.labelValues(pushSource, to).inc();
        rows.labelValues(pushSource).inc(written);
    }
}
