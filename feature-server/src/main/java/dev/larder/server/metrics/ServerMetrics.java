package dev.larder.server.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All metrics of one server: Feast's names, labels and buckets where Feast has the metric, {@code larder_} for what it lacks,
 * and the usual ones of a JVM.
 */
public final class ServerMetrics {
    private static final double[] LATENCY_SECONDS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    private static final double[] READ_SECONDS = {0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    private static final double[] MATERIALIZATION_SECONDS = {1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600};
    private static final double[] ENTITY_ROWS = {1, 5, 10, 25, 50, 100, 250, 500, 1000};

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final ExpositionFormats formats = ExpositionFormats.init();

    private final Counter requests = Counter.builder()
            .name("feast_feature_server_request_total")
            .help("Requests by endpoint; error: answered with a status of 400 or more")
            .labelNames("endpoint", "status")
            .withoutExemplars()
            .register(registry);
    private final Counter responses = Counter.builder()
            .name("larder_http_responses_total")
            .help("Answers by endpoint and HTTP status")
            .labelNames("endpoint", "code")
            .withoutExemplars()
            .register(registry);
    private final Histogram latency = Histogram.builder()
            .name("feast_feature_server_request_latency_seconds")
            .help("Time to answer a request; of requests for online features by how much was asked")
            .labelNames("endpoint", "feature_count", "feature_view_count")
            .classicOnly()
            .classicUpperBounds(LATENCY_SECONDS)
            .withoutExemplars()
            .register(registry);
    private final Counter onlineRequests = Counter.builder()
            .name("feast_online_features_request_total")
            .help("Requests for online features whose features and entity rows are known")
            .withoutExemplars()
            .register(registry);
    private final Histogram entityRows = Histogram.builder()
            .name("feast_online_features_entity_count")
            .help("Entity rows of a request for online features")
            .classicOnly()
            .classicUpperBounds(ENTITY_ROWS)
            .withoutExemplars()
            .register(registry);
    private final Counter statuses = Counter.builder()
            .name("feast_online_features_status_total")
            .help("Answered values by status: present, null_value, not_found, outside_max_age")
            .labelNames("feature_view", "status")
            .withoutExemplars()
            .register(registry);
    private final Histogram storeReads = Histogram.builder()
            .name("feast_feature_server_online_store_read_duration_seconds")
            .help("Time that the online store took to read all views of a request, also in vain")
            .classicOnly()
            .classicUpperBounds(READ_SECONDS)
            .withoutExemplars()
            .register(registry);

    private final Counter pushes = Counter.builder()
            .name("feast_push_request_total")
            .help("Pushes that were taken")
            .labelNames("push_source", "mode")
            .withoutExemplars()
            .register(registry);
    private final Counter pushedRows = Counter.builder()
            .name("larder_pushed_rows_total")
            .help(
                    "Rows that pushes have written, over all views of a push source; older ones than those stored are not")
            .labelNames("push_source")
            .withoutExemplars()
            .register(registry);
    private final Counter materializations = Counter.builder()
            .name("feast_materialization_result_total")
            .help("Materializations that this server has run, by feature view")
            .labelNames("feature_view", "status")
            .withoutExemplars()
            .register(registry);
    private final Histogram materializationTimes = Histogram.builder()
            .name("feast_materialization_duration_seconds")
            .help("Time of the run that materialized a feature view, alone or with others")
            .labelNames("feature_view")
            .classicOnly()
            .classicUpperBounds(MATERIALIZATION_SECONDS)
            .withoutExemplars()
            .register(registry);
    private final Counter calls = Counter.builder()
            .name("larder_grpc_calls_total")
            .help("Calls over gRPC by method and status code")
            .labelNames("method", "code")
            .withoutExemplars()
            .register(registry);
    private final Histogram callTimes = Histogram.builder()
            .name("larder_grpc_call_latency_seconds")
            .help("Time to answer a call over gRPC")
            .labelNames("method")
            .classicOnly()
            .classicUpperBounds(LATENCY_SECONDS)
            .withoutExemplars()
            .register(registry);

    private final ReadMetrics reads;
    private final WriteMetrics writes = new WriteMetrics(pushes, pushedRows);
    private final MaterializeMetrics materialized = new MaterializeMetrics(materializations, materializationTimes);
    private final RpcMetrics rpc = new RpcMetrics(calls, callTimes);
    private final String readEndpoint;

    /** @param readEndpoint path of the endpoint whose latency counts under the size of what is asked */
    public ServerMetrics(String readEndpoint) {
        this.readEndpoint = readEndpoint;
        reads = new ReadMetrics(
                onlineRequests, entityRows.labelValues(), statuses, storeReads.labelValues(), latency, readEndpoint);
        JvmMetrics.builder().register(registry);
        ProcessUsage usage = new ProcessUsage();
        GaugeWithCallback.builder()
                .name("feast_feature_server_cpu_usage")
                .help("Percent of one core that this process used since it was last asked")
                .labelNames("pid")
                .callback(callback -> callback.call(usage.cpuPercent(), usage.pid()))
                .register(registry);
        GaugeWithCallback.builder()
                .name("feast_feature_server_memory_usage")
                .help("Percent of this machine's memory that this process holds")
                .labelNames("pid")
                .callback(callback -> usage.memoryPercent().ifPresent(percent -> callback.call(percent, usage.pid())))
                .register(registry);
    }

    /** @param name the endpoint's path as it is registered, or what stands for all others */
    public EndpointMetrics endpoint(String name) {
        return new EndpointMetrics(name, requests, responses, name.equals(readEndpoint) ? null : latency);
    }

    public ReadMetrics reads() {
        return reads;
    }

    public WriteMetrics writes() {
        return writes;
    }

    public MaterializeMetrics materializations() {
        return materialized;
    }

    public RpcMetrics calls() {
        return rpc;
    }

    /** Adds what the definitions in service say of themselves. */
    public void watch(RegistryGauges.Source source) {
        RegistryGauges.register(source, registry);
    }

    /** Adds a number that somebody else keeps. */
    public void gauge(String name, String help, LongSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call((double) value.getAsLong()))
                .register(registry);
    }

    /** Adds a number that somebody else keeps and that never falls. */
    public void counter(String name, String help, LongSupplier value) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call((double) value.getAsLong()))
                .register(registry);
    }

    /** All numbers as they are now. */
    public Scrape scrape(@Nullable String accept) throws IOException {
        ExpositionFormatWriter writer = formats.findWriter(accept);
        ByteArrayOutputStream text = new ByteArrayOutputStream(1 << 14);
        writer.write(text, registry.scrape());
        return new Scrape(writer.getContentType(), text.toByteArray());
    }

    /** Prometheus' text, or another of its formats that the caller accepts. */
    public record Scrape(String contentType, byte[] body) {}
}
