package dev.larder.server.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import java.util.List;

/** What is counted of requests for one selection of features. Safe for use by many threads; on the hot path. */
public final class PlanMetrics {
    private static final double NANOS = 1e9;

    private final CounterDataPoint requests;
    private final DistributionDataPoint entityRows;
    private final DistributionDataPoint storeReads;
    private final DistributionDataPoint latency;
    private final List<StatusCounters> views;

    PlanMetrics(
            CounterDataPoint requests,
            DistributionDataPoint entityRows,
            DistributionDataPoint storeReads,
            DistributionDataPoint latency,
            List<StatusCounters> views) {
        this.requests = requests;
        this.entityRows = entityRows;
        this.storeReads = storeReads;
        this.latency = latency;
        this.views = views;
    }

    /** A request that is well formed, with so many entity rows. */
    public void asked(int rows) {
        requests.inc();
        entityRows.observe(rows);
    }

    /** The online store has answered, or failed to, after so long. */
    public void read(long nanos) {
        storeReads.observe(nanos / NANOS);
    }

    /** @param view position among the views of the selection */
    public StatusCounters view(int view) {
        return views.get(view);
    }

    DistributionDataPoint latency() {
        return latency;
    }
}
