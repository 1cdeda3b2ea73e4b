package dev.larder.server;

import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.health.HealthCheck;
import com.codahale.metrics.health.HealthCheckRegistry;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.RedisOnlineStore;
import dev.larder.onlinestore.RedisSettings;
import dev.larder.onlinestore.SqliteOnlineStore;
import dev.larder.registry.FileRegistry;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.OnlineStoreConfig;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.server.grpc.GrpcServer;
import dev.larder.server.grpc.GrpcServices;
import dev.larder.server.grpc.TlsContext;
import dev.larder.server.grpc.Workers;
import dev.larder.server.metrics.ServerMetrics;
import dev.larder.server.online.OnlineFeatures;
import dev.larder.server.ports.ListenPort;
import dev.larder.server.write.FeatureWrites;
import dev.larder.server.write.WriteRules;
import io.dropwizard.core.Configuration;
import io.dropwizard.core.setup.Environment;
import io.dropwizard.jackson.Jackson;
import io.dropwizard.jersey.validation.Validators;
import io.dropwizard.lifecycle.Managed;
import io.dropwizard.logging.common.DefaultLoggingFactory;
import jakarta.servlet.ServletRegistration;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;

/**
 * A Dropwizard application that answers Feast's online requests. It is configured in code: feature_store.yaml and the command
 * line say everything. Jersey is off, because one servlet serves all paths and scanning would only cost start-up time.
 */
public final class FeatureServer implements AutoCloseable {
    /** How long a write waits for a transaction of Feast or of a materialization. */
    private static final Duration SQLITE_PATIENCE = Duration.ofSeconds(5);

    private final Server server;
    private final Endpoints endpoints;
    private final ServedRegistry registry;
    private final DefaultLoggingFactory log;

    private FeatureServer(Server server, Endpoints endpoints, ServedRegistry registry, DefaultLoggingFactory log) {
        this.server = server;
        this.endpoints = endpoints;
        this.registry = registry;
        this.log = log;
    }

    /**
     * Starts a server, which then runs until it is closed or the process is asked to end; requests at work are finished
     * first. Neither the registry nor the online store need exist yet.
     *
     * @param clock tells "now" for the ttl
     * @throws LarderException {@code PORT_TAKEN} for a port that must be the one asked for; {@code ARGUMENT_INVALID} for a host
     *     that is not this machine's; as {@link TlsIdentity#read}; {@code PROCESS_FAILED} if the server does not start for
     *     another reason
     */
    public static FeatureServer start(ServerConfig config, Clock clock) {
        MetricRegistry metrics = new MetricRegistry();
        DefaultLoggingFactory log = ServerLog.start(metrics);
        Tls tls = config.tls();
        TlsIdentity identity = tls == null ? null : TlsIdentity.read(tls, Clock.systemUTC());
        FeatureStoreConfig store = config.store();
        ServedRegistry registry = new ServedRegistry(FileRegistry.open(store), store.project(), config.registryTtl());
        OnlineStore online = open(store);
        Endpoints endpoints = new Endpoints();
        Server server = server(config, identity, clock, metrics, registry, online, endpoints);
        FeatureServer started = new FeatureServer(server, endpoints, registry, log);
        try {
            for (Connector connector : server.getConnectors()) {
                bind((ServerConnector) connector, config);
            }
            registry.awaitFirstLook();
            GrpcServer grpc = server.getBean(GrpcServer.class);
            if (grpc != null) {
                start(grpc, config.host());
            }
            server.start();
            return started;
        } catch (LarderException e) {
            started.closeAfter(e);
            throw e;
        } catch (Exception e) {
            started.closeAfter(e);
            throw new LarderException(ErrorCode.PROCESS_FAILED, "Cannot start the feature server: " + e, e);
        }
    }

    private void closeAfter(Exception failure) {
        for (Connector connector : server.getConnectors()) {
            ((ServerConnector) connector).close();
        }
        try {
            close();
        } catch (LarderException e) {
            failure.addSuppressed(e);
        }
    }

    private static OnlineStore open(FeatureStoreConfig config) {
        if (config.onlineStore() instanceof OnlineStoreConfig.Redis redis) {
            RedisSettings settings = RedisSettings.parse(
                    redis.redisType(), redis.connectionString(), redis.sentinelMaster(), redis.keyTtlSeconds());
            return RedisOnlineStore.open(settings, config.project());
        }
        return SqliteOnlineStore.open(
                ((OnlineStoreConfig.Sqlite) config.onlineStore()).path(), config.project(), SQLITE_PATIENCE);
    }

    private static Server server(
            ServerConfig config,
            @Nullable TlsIdentity identity,
            Clock clock,
            MetricRegistry metrics,
            ServedRegistry registry,
            OnlineStore online,
            Endpoints endpoints) {
        HealthCheckRegistry checks = new HealthCheckRegistry();
        Environment environment = new Environment(
                "larder",
                Jackson.newMinimalObjectMapper(),
                Validators.newValidatorFactory(),
                metrics,
                FeatureServer.class.getClassLoader(),
                checks,
                new Configuration());
        environment.jersey().disable();
        Health health = new Health(registry, online);
        ServerMetrics counted = new ServerMetrics(GetOnlineFeatures.PATH);
        counted.watch(new RegistryState(registry, config.store().project(), clock));
        OnlineFeatures features = new OnlineFeatures(
                registry,
                online,
                config.store().entityKeyVersion(),
                config.mode(),
                config.limits(),
                clock,
                counted.reads());
        FeatureWrites writes = new FeatureWrites(
                registry.writes(),
                online,
                config.store().entityKeyVersion(),
                WriteRules.of(config.mode(), config.store().onlineStore()),
                config.limits(),
                clock);
        int maxBodyBytes = config.limits().bodyBytes();
        endpoints
                .add("POST", GetOnlineFeatures.PATH, new GetOnlineFeatures(features, maxBodyBytes, counted.reads()))
                .add("POST", "/push", new PushFeatures(writes, maxBodyBytes, counted.writes()))
                .add("POST", "/write-to-online-store", new WriteToOnlineStore(writes, maxBodyBytes))
                .add("GET", "/health", new GetHealth(health))
                .add("GET", "/metrics", new GetMetrics(counted))
                .add("GET", GetFeatureCatalog.PATH, new GetFeatureCatalog(registry))
                .addBelow("GET", GetEntityFeatures.PREFIX, new GetEntityFeatures(registry, features))
                .add("GET", "/openapi.json", new GetOpenApi())
                .add("GET", SwaggerUi.PATH, new SwaggerUi())
                .addBelow("GET", SwaggerUi.FILES, new SwaggerUi());
        MaterializeEndpoints.add(
                endpoints, environment.lifecycle(), config, online, registry, clock, counted.materializations());
        ServletRegistration.Dynamic servlet =
                environment.servlets().addServlet("features", new EndpointServlet(endpoints));
        servlet.addMapping("/*");
        servlet.setAsyncSupported(true);
        environment
                .admin()
                .addServlet(
                        "metrics", new EndpointServlet(new Endpoints().add("GET", "/metrics", new GetMetrics(counted))))
                .addMapping("/metrics");
        checks.register("registry", check(() -> health.registryProblem().or(registry::staleBecause)));
        checks.register("online-store", check(health::storeProblem));
        environment.lifecycle().manage(new ClosedAtStop(online, registry));
        Server server = new HttpStack(config, identity, endpoints, counted).build(environment);
        GrpcConfig grpc = config.grpc();
        if (grpc != null) {
            server.addBean(grpcServer(config, grpc, identity, features, writes, health, counted), true);
        }
        return server;
    }

    private static GrpcServer grpcServer(
            ServerConfig config,
            GrpcConfig grpc,
            @Nullable TlsIdentity identity,
            OnlineFeatures features,
            FeatureWrites writes,
            Health health,
            ServerMetrics counted) {
        ExecutorService workers = Workers.start();
        GrpcServices services = new GrpcServices(
                features,
                grpc.names(),
                new RowsFromGrpc(writes, counted.writes()),
                e -> ErrorAnswer.of(e).status(),
                workers);
        return new GrpcServer(
                config.host(),
                grpc.port(),
                config.limits().bodyBytes(),
                identity == null ? null : TlsContext.of(identity.key(), identity.chain()),
                services.definitions(),
                services::isQuick,
                workers,
                () -> health.problem().isEmpty(),
                counted.calls());
    }

    private static HealthCheck check(Supplier<Optional<LarderException>> problem) {
        return new HealthCheck() {
            @Override
            protected Result check() {
                return problem.get()
                        .map(e -> Result.unhealthy("%s", e.getMessage()))
                        .orElse(Result.healthy());
            }
        };
    }

    /** Done before the start, so that what is wrong with an address can be told of the right one. */
    private static void bind(ServerConnector connector, ServerConfig config) {
        String option = "application".equals(connector.getName()) ? "--port" : "--" + connector.getName() + "-port";
        ListenPort port =
                "admin".equals(connector.getName()) ? config.adminPort() : ListenPort.exactly(connector.getPort());
        try {
            port.open(number -> {
                connector.setPort(number);
                connector.open();
                return connector;
            });
        } catch (IOException e) {
            throw cannotListen(connector.getHost(), port.number(), option, e);
        }
    }

    /** Before HTTP's start too, and for the same reason. */
    private static void start(GrpcServer grpc, String host) throws Exception {
        int port = grpc.port();
        try {
            grpc.start();
        } catch (IOException e) {
            throw cannotListen(host, port, "--grpc-port", e);
        }
    }

    private static LarderException cannotListen(String host, int port, String option, IOException e) {
        if (!isOwnAddress(host)) {
            return new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Cannot listen on %s: it is no address of this machine. Choose another one with --host, such as 127.0.0.1 or 0.0.0.0."
                            .formatted(host),
                    e);
        }
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return new LarderException(
                ErrorCode.PORT_TAKEN,
                "Cannot listen on %s:%d: %s. Stop the program that has the port, perhaps another Larder server, or choose another port with %s (0: any free one)."
                        .formatted(host, port, cause.getMessage(), option),
                e);
    }

    private static boolean isOwnAddress(String host) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(host, 0));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Where requests are taken, for example {@code http://127.0.0.1:6566}. */
    public URI uri() {
        return uri("application");
    }

    /** Where gRPC is served, for example {@code 127.0.0.1:6565}; empty if it is not. */
    public Optional<String> grpcAddress() {
        return Optional.ofNullable(server.getBean(GrpcServer.class)).map(grpc -> uri().getHost() + ":" + grpc.port());
    }

    /** Where the listener for metrics alone is, for example {@code http://127.0.0.1:8000}. */
    public URI metricsUri() {
        return uri("metrics");
    }

    /** Where health checks and metrics are, for example {@code http://127.0.0.1:8081}. */
    public URI adminUri() {
        return uri("admin");
    }

    private URI uri(String name) {
        for (Connector connector : server.getConnectors()) {
            if (name.equals(connector.getName())) {
                ServerConnector bound = (ServerConnector) connector;
                String host = bound.getHost().contains(":") ? "[" + bound.getHost() + "]" : bound.getHost();
                String scheme = bound.getProtocols().contains("ssl") ? "https" : "http";
                return URI.create(scheme + "://" + host + ":" + bound.getLocalPort());
            }
        }
        throw new IllegalStateException("connector: " + name + " (expected: application, admin or metrics)");
    }

    ServedRegistry registry() {
        return registry;
    }

    /** Methods by path or prefix, of everything that is answered. */
    SortedMap<String, Set<String>> registered() {
        return endpoints.registered();
    }

    /** Waits until the server has stopped. */
    void join() throws InterruptedException {
        server.join();
    }

    /** Takes no more requests, finishes those at work, and closes the online store. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new LarderException(ErrorCode.PROCESS_FAILED, "Cannot stop the feature server: " + e, e);
        } finally {
            registry.close();
            log.stop();
        }
    }

    /** Closes what was opened when the server stops, also when the process is asked to end. */
    private record ClosedAtStop(OnlineStore store, ServedRegistry registry) implements Managed {
        @Override
        public void stop() {
            store.close();
            registry.close();
        }
    }
}
