package dev.larder.server.metrics;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Which definitions are served, how old they are, and how fresh the values of their views. */
public final class RegistryGauges {
    private static final double NANOS = 1e9;

    private RegistryGauges() {}

    /** Asked once for each metric of a scrape. */
    public interface Source {
        /** Empty as long as nothing was applied. */
        Optional<Served> served();

        /** How often the registry could not be read, or what it held not be understood. */
        long refreshFailures();

        /** Whether older definitions are served than those of the registry. */
        boolean isStale();

        Instant now();
    }

    /**
     * The definitions in service.
     *
     * @param version differs after every write of the registry
     * @param lastUpdated when the registry was written
     * @param materializedUntil greatest end of the materialized intervals, by view; views that never were are left out
     */
    public record Served(String project, String version, Instant lastUpdated, Map<String, Instant> materializedUntil) {}

    static void register(Source source, PrometheusRegistry registry) {
        GaugeWithCallback.builder()
                .name("feast_feature_freshness_seconds")
                .help("Seconds since the end of the latest materialized interval")
                .labelNames("feature_view", "project")
                .callback(callback -> source.served().ifPresent(served -> served.materializedUntil()
                        .forEach((view, end) ->
                                callback.call(seconds(Duration.between(end, source.now())), view, served.project()))))
                .register(registry);
        GaugeWithCallback.builder()
                .name("larder_registry_version")
                .help("1 for the version of the registry that is served")
                .labelNames("project", "version")
                .callback(callback ->
                        source.served().ifPresent(served -> callback.call(1, served.project(), served.version())))
                .register(registry);
        GaugeWithCallback.builder()
                .name("larder_registry_age_seconds")
                .help("Seconds since the served version of the registry was written")
                .callback(callback -> source.served()
                        .ifPresent(
                                served -> callback.call(seconds(Duration.between(served.lastUpdated(), source.now())))))
                .register(registry);
        GaugeWithCallback.builder()
                .name("larder_registry_stale")
                .help(
                        "1 while an older version is served because the registry cannot be read; the health check says why")
                .callback(callback -> callback.call(source.isStale() ? 1 : 0))
                .register(registry);
        CounterWithCallback.builder()
                .name("larder_registry_refresh_failures_total")
                .help("How often the registry could not be read again")
                .callback(callback -> callback.call((double) source.refreshFailures()))
                .register(registry);
    }

    private static double seconds(Duration duration) {
        return duration.getSeconds() + duration.getNano() / NANOS;
    }
}
