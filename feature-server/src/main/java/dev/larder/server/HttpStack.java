package dev.larder.server;

import com.codahale.metrics.MetricRegistry;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.server.metrics.EndpointMetrics;
import dev.larder.server.metrics.ServerMetrics;
import io.dropwizard.core.server.DefaultServerFactory;
import io.dropwizard.core.setup.Environment;
import io.dropwizard.jersey.setup.JerseyEnvironment;
import io.dropwizard.jetty.ConnectorFactory;
import io.dropwizard.jetty.HttpConnectorFactory;
import io.dropwizard.jetty.HttpsConnectorFactory;
import io.dropwizard.jetty.MutableServletContextHandler;
import io.dropwizard.request.logging.LogbackAccessRequestLogFactory;
import io.dropwizard.util.DataSize;
import io.dropwizard.util.Duration;
import jakarta.servlet.Servlet;
import jakarta.validation.Validator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/**
 * Connectors and handlers around the servlet, from the outside in: {@link ExchangeHandler}, {@link Admission}, the servlet.
 * Dropwizard's own filters and timers are left out; the servlet answers for methods, the exchange counts.
 */
final class HttpStack extends DefaultServerFactory {
    private static final String ADMIN_HOST = "127.0.0.1";
    private static final java.time.Duration SHORTEST_GRACE = java.time.Duration.ofSeconds(10);
    private static final java.time.Duration TIME_TO_SEND = java.time.Duration.ofSeconds(2);

    /** Answered however much else is at work. */
    private static final Set<String> FREE = Set.of("/health", "/metrics");

    /** They last as long as what they start. */
    private static final Set<String> UNHURRIED = Set.of("/materialize", "/materialize-incremental");

    /**
     * Keys in a path may hold any character. No path of ours is a file's, and paths are compared as they are written, so what is
     * ambiguous to others is not to us.
     */
    private static final UriCompliance PATHS = UriCompliance.DEFAULT.with(
            "LARDER",
            Violation.AMBIGUOUS_PATH_SEPARATOR,
            Violation.AMBIGUOUS_PATH_ENCODING,
            Violation.AMBIGUOUS_EMPTY_SEGMENT,
            Violation.AMBIGUOUS_PATH_SEGMENT,
            Violation.AMBIGUOUS_PATH_PARAMETER,
            Violation.SUSPICIOUS_PATH_CHARACTERS);

    private final ServerConfig config;
    private final Endpoints endpoints;
    private final ServerMetrics metrics;
    private final Map<String, EndpointMetrics> metricsOf = new HashMap<>();
    private final EndpointMetrics metricsOfOthers;

    /** @param identity shown over TLS; null: plain HTTP */
    HttpStack(ServerConfig config, @Nullable TlsIdentity identity, Endpoints endpoints, ServerMetrics metrics) {
        this.config = config;
        this.endpoints = endpoints;
        this.metrics = metrics;
        metricsOfOthers = metrics.endpoint("other");
        endpoints.registered().keySet().forEach(pattern -> metricsOf.put(pattern, metrics.endpoint(pattern)));
        setApplicationConnectors(List.of(applicationConnector(identity)));
        setAdminConnectors(List.of(limited(
                new PlainConnectorFactory(), ADMIN_HOST, config.adminPort().number())));
        LogbackAccessRequestLogFactory noRequestLog = new LogbackAccessRequestLogFactory();
        noRequestLog.setAppenders(List.of());
        setRequestLogFactory(noRequestLog);
        getGzipFilterFactory().setEnabled(false);
        setShutdownGracePeriod(Duration.milliseconds(grace().toMillis()));
    }

    /** Long enough for what was taken on to be answered, except what takes as long as it takes. */
    private java.time.Duration grace() {
        java.time.Duration needed = config.http().requestTime().plus(TIME_TO_SEND);
        return needed.compareTo(SHORTEST_GRACE) < 0 ? SHORTEST_GRACE : needed;
    }

    @Override
    public Server build(Environment environment) {
        Server server = super.build(environment);
        server.setErrorHandler(new JsonErrorHandler());
        Integer port = config.metricsPort();
        if (port != null) {
            ServerConnector connector = MetricsListener.connector(server, config.host(), port);
            server.addConnector(connector);
            server.setHandler(new MetricsListener(connector, metrics, server.getHandler()));
        }
        return server;
    }

    private ConnectorFactory applicationConnector(@Nullable TlsIdentity identity) {
        HttpConnectorFactory connector =
                identity == null ? new PlainConnectorFactory() : new TlsConnectorFactory(identity);
        connector.setUriCompliance(PATHS);
        return limited(connector, config.host(), config.port());
    }

    private HttpConnectorFactory limited(HttpConnectorFactory connector, String host, int port) {
        HttpLimits limits = config.http();
        connector.setBindHost(host);
        connector.setPort(port);
        connector.setIdleTimeout(Duration.milliseconds(limits.idleTime().toMillis()));
        connector.setMaxRequestHeaderSize(DataSize.bytes(limits.headerBytes()));
        return connector;
    }

    @Override
    protected Handler createAppServlet(
            Server server,
            JerseyEnvironment jersey,
            ObjectMapper objectMapper,
            Validator validator,
            MutableServletContextHandler servlets,
            @Nullable Servlet jerseyContainer,
            MetricRegistry unused) {
        servlets.setServer(server);
        HttpLimits limits = config.http();
        Admission admission = new Admission(limits, FREE, servlets);
        ExchangeHandler exchanges = new ExchangeHandler(this::metricsOf, limits.requestTime(), UNHURRIED, admission);
        metrics.gauge(
                "larder_http_requests_in_flight",
                "Requests received and not answered yet, those that wait included",
                exchanges::active);
        metrics.gauge(
                "larder_http_requests_waiting",
                "Requests that wait for others to end",
                admission::getSuspendedRequestCount);
        metrics.counter(
                "larder_http_requests_rejected_total",
                "Requests answered with 503 because too many were at work, or they had waited too long",
                admission::rejected);
        return exchanges;
    }

    private EndpointMetrics metricsOf(String path) {
        String pattern = endpoints.pattern(path);
        return pattern == null ? metricsOfOthers : metricsOf.getOrDefault(pattern, metricsOfOthers);
    }

    /** The exchange handler is the one that waits for requests at work. */
    @Override
    protected Handler addGracefulHandler(Handler handler) {
        return handler;
    }

    private static final class PlainConnectorFactory extends HttpConnectorFactory {
        @Override
        protected HttpConnectionFactory buildHttpConnectionFactory(HttpConfiguration configuration) {
            return HttpConnections.like(super.buildHttpConnectionFactory(configuration));
        }
    }

    /** Takes the identity from memory, where Dropwizard knows files of Java's own formats. */
    private static final class TlsConnectorFactory extends HttpsConnectorFactory {
        private final TlsIdentity identity;

        TlsConnectorFactory(TlsIdentity identity) {
            this.identity = identity;
            // Clients check whom they talk to; the server answers under whatever name it was reached.
            setDisableSniHostCheck(true);
        }

        @Override
        protected HttpConnectionFactory buildHttpConnectionFactory(HttpConfiguration configuration) {
            return HttpConnections.like(super.buildHttpConnectionFactory(configuration));
        }

        @Override
        protected SslContextFactory.Server configureSslContextFactory(SslContextFactory factory) {
            SslContextFactory.Server server = (SslContextFactory.Server) factory;
            server.setKeyStore(identity.keyStore());
            server.setKeyStorePassword("");
            server.setIncludeProtocols("TLSv1.2", "TLSv1.3");
            return server;
        }
    }
}
