package dev.larder.server.metrics;

import io.prometheus.metrics.core.datapoints.DistributionDataPoint;

/** The time of one request for online features; it counts under the size of what was asked, once that is known. */
public final class ReadTimer implements AutoCloseable {
    private static final double NANOS = 1e9;

    private final long start = System.nanoTime();
    private DistributionDataPoint latency;

    ReadTimer(DistributionDataPoint latency) {
        this.latency = latency;
    }

    public void plan(PlanMetrics plan) {
        latency = plan.latency();
    }

    /** The request is answered. */
    @Override
    public void close() {
        latency.observe((System.nanoTime() - start) / NANOS);
    }
}
