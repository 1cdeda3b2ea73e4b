package dev.larder.server.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;

/** What is counted of calls over gRPC. Safe for use by many threads. */
public final class RpcMetrics {
    private static final double NANOS = 1e9;

    private final Counter calls;
    private final Histogram latency;

    RpcMetrics(Counter calls, Histogram latency) {
        this.calls = calls;
        this.latency = latency;
    }

    /**
     * A call has ended.
     *
     * @param method full name, for example {@code feast.serving.ServingService/GetOnlineFeatures}
     * @param code of gRPC, for example {@code NOT_FOUND}
     */
    public void ended(String method, String code, long nanos) {
        calls.labelValues(method, code).inc();
        latency.labelValues(method).observe(nanos / NANOS);
    }
}
