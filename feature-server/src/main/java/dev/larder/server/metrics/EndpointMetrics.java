package dev.larder.server.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** What is counted of one endpoint. Safe for use by many threads. */
public final class EndpointMetrics {
    private static final int FIRST_ERROR = 400;
    private static final int STATUSES = 600;
    private static final double NANOS = 1e9;

    private final String name;
    private final Counter responses;
    private final CounterDataPoint successes;
    private final CounterDataPoint errors;
    private final @Nullable DistributionDataPoint latency;
    private final AtomicReferenceArray<@Nullable CounterDataPoint> byStatus = new AtomicReferenceArray<>(STATUSES);

    /** @param latency null where it is told apart by what was asked, see {@link ReadTimer} */
    EndpointMetrics(String name, Counter requests, Counter responses, @Nullable Histogram latency) {
        this.name = name;
        this.responses = responses;
        successes = requests.labelValues(name, "success");
        errors = requests.labelValues(name, "error");
        this.latency = latency == null ? null : latency.labelValues(name, "", "");
    }

    /** @param status of HTTP, 100 to 599 */
    public void answered(int status) {
        (status < FIRST_ERROR ? successes : errors).inc();
        CounterDataPoint known = byStatus.get(status);
        if (known == null) {
            known = responses.labelValues(name, Integer.toString(status));
            byStatus.set(status, known);
        }
        known.inc();
    }

    /** From a request's first line to its answer's last byte. */
    public void took(long nanos) {
        if (latency != null) {
            latency.observe(nanos / NANOS);
        }
    }
}
