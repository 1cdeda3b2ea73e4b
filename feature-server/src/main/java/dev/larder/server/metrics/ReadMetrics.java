package dev.larder.server.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.LinkedHashSet;
import java.util.List;

/** What is counted of requests for online features. Safe for use by many threads. */
public final class ReadMetrics {
    private static final int[] FEATURE_COUNTS = {10, 50, 200};

    private final CounterDataPoint requests;
    private final DistributionDataPoint entityRows;
    private final Counter statuses;
    private final DistributionDataPoint storeReads;
    private final Histogram latency;
    private final String endpoint;
    private final DistributionDataPoint latencyOfUnknown;

    ReadMetrics(
            Counter requests,
            DistributionDataPoint entityRows,
            Counter statuses,
            DistributionDataPoint storeReads,
            Histogram latency,
            String endpoint) {
        this.requests = requests.labelValues();
        this.entityRows = entityRows;
        this.statuses = statuses;
        this.storeReads = storeReads;
        this.latency = latency;
        this.endpoint = endpoint;
        latencyOfUnknown = latency.labelValues(endpoint, "", "");
    }

    /**
     * Resolved once for a selection of features, then only counted to.
     *
     * @param views name of the feature view of each part of the answer; one that is read twice counts once
     */
    public PlanMetrics plan(int features, List<String> views) {
        int distinct = new LinkedHashSet<>(views).size();
        return new PlanMetrics(
                requests,
                entityRows,
                storeReads,
                latency.labelValues(endpoint, featureCount(features), Integer.toString(distinct)),
                views.stream().map(view -> new StatusCounters(statuses, view)).toList());
    }

    /** Starts the time of one request. */
    public ReadTimer start() {
        return new ReadTimer(latencyOfUnknown);
    }

    /** Feast's bins. */
    static String featureCount(int features) {
        int lower = 1;
        for (int upper : FEATURE_COUNTS) {
            if (features <= upper) {
                return lower + "-" + upper;
            }
            lower = upper + 1;
        }
        return lower + "+";
    }
}
