package dev.larder.server;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Options of {@code serve} about HTTP itself, and those of {@code feast serve} that say nothing here. */
final class ServeOptions {
    private static final double MILLIS = 1e3;

    @Option(
            names = {"-k", "--key"},
            paramLabel = "FILE",
            description = "Private key (PEM) to serve over TLS with; needs --cert, too.")
    private @Nullable Path key;

    @Option(
            names = {"-c", "--cert"},
            paramLabel = "FILE",
            description = "Certificate of --key (PEM), followed by those of the authorities between.")
    private @Nullable Path certificate;

    @Option(
            names = {"-m", "--metrics"},
            showDefaultValue = Visibility.NEVER,
            description =
                    "Also serves the metrics alone on --metrics-port, as feast serve does; feature_server.metrics.enabled in feature_store.yaml does the same.")
    private boolean metrics;

    @Option(names = "--metrics-port", description = "Port for --metrics, on the same address; 0 is any free one.")
    private int metricsPort = ServerConfig.DEFAULT_METRICS_PORT;

    @Option(
            names = "--max-concurrent",
            description = "Requests worked on at once; further ones wait. /health and /metrics always get in.")
    private int maxConcurrent = HttpLimits.DEFAULT.concurrent();

    @Option(names = "--max-queued", description = "Requests that wait; further ones are refused with 503 at once.")
    private int maxQueued = HttpLimits.DEFAULT.queued();

    @Option(
            names = "--request-timeout",
            paramLabel = "SECONDS",
            description = "A request that has no answer after so many seconds, waiting included, is answered with 503.")
    private double requestTimeout = HttpLimits.DEFAULT.requestTime().toMillis() / MILLIS;

    @Option(
            names = {"--keep-alive-timeout", "--keep_alive_timeout"},
            paramLabel = "SECONDS",
            description = "A connection over which nothing goes for so many seconds is closed.")
    private double keepAliveTimeout = HttpLimits.DEFAULT.idleTime().toMillis() / MILLIS;

    @Option(names = "--max-header-bytes", description = "Requests with a longer line and headers are refused.")
    private int maxHeaderBytes = HttpLimits.DEFAULT.headerBytes();

    @Option(
            names = {"-t", "--type"},
            paramLabel = "http",
            description = "Feast's: the only type there is.")
    private String type = "http";

    @Option(
            names = {"-w", "--workers"},
            paramLabel = "N",
            description = "Feast's, without meaning here: one process serves on all cores.")
    private @Nullable Integer workers;

    @Option(
            names = {"--worker-connections", "--worker_connections"},
            paramLabel = "N",
            description = "Feast's, without meaning here: connections cost little; see --max-concurrent.")
    private @Nullable Integer workerConnections;

    @Option(
            names = {"--max-requests", "--max_requests"},
            paramLabel = "N",
            description = "Feast's, without meaning here: nothing needs to be started anew.")
    private @Nullable Integer maxRequests;

    @Option(
            names = {"--max-requests-jitter", "--max_requests_jitter"},
            paramLabel = "N",
            description = "Feast's, without meaning here.")
    private @Nullable Integer maxRequestsJitter;

    @Option(
            names = {"--no-access-log", "--no_access_log"},
            showDefaultValue = Visibility.NEVER,
            description = "Feast's, without meaning here: there is no access log.")
    private boolean noAccessLog;

    @Option(
            names = {"--no-feature-log", "--no_feature_log"},
            showDefaultValue = Visibility.NEVER,
            description = "Feast's, without meaning here: served features are not logged.")
    private boolean noFeatureLog;

    /** @throws LarderException {@code ARGUMENT_INVALID} for a limit that cannot be */
    HttpLimits limits() {
        try {
            return new HttpLimits(
                    maxConcurrent, maxQueued, seconds(requestTimeout), seconds(keepAliveTimeout), maxHeaderBytes);
        } catch (IllegalArgumentException e) {
            throw invalid(String.valueOf(e.getMessage()));
        }
    }

    /** @throws LarderException {@code ARGUMENT_INVALID} for one file without the other */
    @Nullable
    Tls tls() {
        if (key != null && certificate != null) {
            return new Tls(key, certificate);
        }
        if (key != null) {
            throw invalid("--key without --cert (expected: both, to serve over TLS)");
        }
        if (certificate != null) {
            throw invalid(
                    "--cert without --key (expected: both, to serve over TLS). -c after serve is Feast's short form of --cert; the repository's -c stands before serve.");
        }
        return null;
    }

    /**
     * Null unless metrics have a port of their own.
     *
     * @param wanted whether the repository wants it, without {@code --metrics}
     */
    @Nullable
    Integer metricsPort(boolean wanted) {
        return metrics || wanted ? metricsPort : null;
    }

    /** @throws LarderException {@code ARGUMENT_INVALID} for a type that Feast has not, either */
    void checkType() {
        if (!type.toLowerCase(Locale.ROOT).equals("http")) {
            throw invalid("--type: '%s' (expected: http)".formatted(type));
        }
    }

    /** Options that were given and change nothing. */
    List<String> withoutMeaning() {
        List<String> given = new ArrayList<>();
        add(given, "--workers", workers);
        add(given, "--worker-connections", workerConnections);
        add(given, "--max-requests", maxRequests);
        add(given, "--max-requests-jitter", maxRequestsJitter);
        add(given, "--no-access-log", noAccessLog ? true : null);
        add(given, "--no-feature-log", noFeatureLog ? true : null);
        return given;
    }

    private static void add(List<String> given, String option, @Nullable Object value) {
        if (value != null) {
            given.add(option);
        }
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis((long) Math.min(seconds * MILLIS, Integer.MAX_VALUE));
    }

    private static LarderException invalid(String message) {
        return new LarderException(ErrorCode.ARGUMENT_INVALID, message);
    }
}
