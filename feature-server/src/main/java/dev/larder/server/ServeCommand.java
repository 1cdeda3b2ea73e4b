package dev.larder.server;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.server.online.Limits;
import dev.larder.server.ports.ListenPort;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code serve}: runs until the process is asked to end. */
@Command(
        name = "serve",
        description =
                "Answers online requests as Feast's feature server does, over HTTP and gRPC. GET /docs describes every path, GET /metrics is for Prometheus.",
        showDefaultValues = true)
final class ServeCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable Main main;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Shows this text.")
    @SuppressWarnings("unused") // read by the parser
    private boolean help;

    @Option(
            names = {"-h", "--host"},
            description = "Address to listen on; 0.0.0.0 is every address of this machine.")
    private String host = ServerConfig.DEFAULT_HOST;

    @Option(
            names = {"-p", "--port"},
            description = "Port to listen on; 0 is any free one.")
    private int port = ServerConfig.DEFAULT_PORT;

    @Option(
            names = "--admin-port",
            description =
                    "Port of health checks and metrics, on 127.0.0.1 only; 0 is any free one. Unless it is given, a free one is used where it is taken.")
    private int adminPort = ServerConfig.DEFAULT_ADMIN_PORT;

    @Option(
            names = "--mode",
            paramLabel = "strict|feast",
            converter = ModeConverter.class,
            description =
                    "strict: NULL_VALUE, OUTSIDE_MAX_AGE as the ttl says, the latest pushed row stays; feast: statuses and pushes as in Feast's Python server. Default: as feature_store.yaml says.")
    private @Nullable Mode mode;

    @Option(
            names = {"-r", "--registry_ttl_sec", "--registry-ttl-sec"},
            description = "Seconds after which the registry is looked at again; 0 is every few milliseconds.")
    private long registryTtlSeconds = ServerConfig.DEFAULT_REGISTRY_TTL.toSeconds();

    @Option(names = "--max-body-bytes", description = "Larger request bodies are refused.")
    private int maxBodyBytes = Limits.DEFAULT.bodyBytes();

    @Option(names = "--max-rows", description = "Requests for more entity rows are refused.")
    private int maxRows = Limits.DEFAULT.rows();

    @Option(names = "--max-features", description = "Requests for more features are refused.")
    private int maxFeatures = Limits.DEFAULT.features();

    @Option(names = "--max-values", description = "Requests for more values (rows times features) are refused.")
    private int maxValues = Limits.DEFAULT.values();

    @Option(
            names = "--larder-command",
            paramLabel = "FILE|none",
            description =
                    "What POST /materialize runs. Default: the larder script that this server was started with; none: nothing is materialized here.")
    private @Nullable String larderCommand;

    @Option(
            names = "--grpc-port",
            description = "Port of gRPC; 0 is any free one. Unless it is given, a free one is used where it is taken.")
    private int grpcPort = GrpcConfig.DEFAULT_PORT;

    @Option(names = "--no-grpc", showDefaultValue = Visibility.NEVER, description = "Serves HTTP alone.")
    private boolean noGrpc;

    @Option(
            names = "--grpc-names",
            paramLabel = "java|python",
            converter = NamesConverter.class,
            showDefaultValue = Visibility.NEVER,
            description =
                    "How ServingService names features: java: view:feature, without join keys; python: feature, after the join keys. Default: java.")
    private GrpcConfig.Names grpcNames = GrpcConfig.Names.JAVA;

    @Mixin
    private ServeOptions options = new ServeOptions();

    /** How {@code --grpc-names} is written. */
    static final class NamesConverter implements ITypeConverter<GrpcConfig.Names> {
        @Override
        public GrpcConfig.Names convert(String value) {
            return switch (value) {
                case "java" -> GrpcConfig.Names.JAVA;
                case "python" -> GrpcConfig.Names.PYTHON;
                default ->
                    throw new TypeConversionException("'%s' are no names (expected: java or python)".formatted(value));
            };
        }
    }

    /** How {@code --mode} is written. */
    static final class ModeConverter implements ITypeConverter<Mode> {
        @Override
        public Mode convert(String value) {
            return switch (value) {
                case "strict" -> Mode.STRICT;
                case "feast" -> Mode.FEAST;
                default ->
                    throw new TypeConversionException("'%s' is no mode (expected: strict or feast)".formatted(value));
            };
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        FeatureStoreConfig store = FeatureStoreConfigLoader.load(parent().repo(), parent().file());
        Mode answers = mode == null ? store.larder().mode() : mode;
        ServerConfig config = new ServerConfig(
                store,
                answers,
                host,
                checkedPort("--port", port),
                listenPort("--admin-port", adminPort),
                registryTtl(),
                limits(),
                options.limits(),
                larderCommand(),
                options.tls(),
                noGrpc ? null : new GrpcConfig(listenPort("--grpc-port", grpcPort), grpcNames),
                metricsPort(store));
        options.checkType();
        try (FeatureServer server = FeatureServer.start(config, Clock.systemUTC())) {
            announce(server, store.project(), answers);
            announceOptions(server, config);
            server.join();
        }
        return 0;
    }

    private void announce(FeatureServer server, String project, Mode answers) {
        int views = 0;
        String missing = "";
        try {
            views = server.registry().get().repository().featureViews().size();
        } catch (LarderException e) {
            missing = ": " + e.getMessage();
        }
        PrintWriter out = commandSpec().commandLine().getOut();
        String grpc = server.grpcAddress().map(" and gRPC on %s"::formatted).orElse("");
        out.println("Larder serves %s%s (project %s, mode %s, %d feature views)%s"
                .formatted(server.uri(), grpc, project, answers.name().toLowerCase(Locale.ROOT), views, missing));
        out.flush();
    }

    private @Nullable Path larderCommand() {
        if (larderCommand != null) {
            return larderCommand.equals("none") ? null : Path.of(larderCommand);
        }
        String home = System.getProperty("larder.home");
        return home == null ? null : Path.of(home, "larder");
    }

    private Duration registryTtl() {
        if (registryTtlSeconds < 0) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "--registry_ttl_sec: %d (expected: 0 or more)".formatted(registryTtlSeconds));
        }
        return Duration.ofSeconds(registryTtlSeconds);
    }

    private void announceOptions(FeatureServer server, ServerConfig config) {
        PrintWriter out = commandSpec().commandLine().getOut();
        GrpcConfig grpc = config.grpc();
        if (grpc != null) {
            server.grpcAddress().ifPresent(address -> announceMove(out, "gRPC", grpc.port(), address, "--grpc-port"));
        }
        announceMove(
                out, "the admin port", config.adminPort(), server.adminUri().getAuthority(), "--admin-port");
        if (config.metricsPort() != null) {
            out.println("Metrics alone are on %s".formatted(server.metricsUri()));
        }
        List<String> withoutMeaning = options.withoutMeaning();
        if (!withoutMeaning.isEmpty()) {
            out.println(
                    "Without meaning here: %s (serve --help says why)".formatted(String.join(", ", withoutMeaning)));
        }
        out.flush();
    }

    private static void announceMove(
            PrintWriter out, String what, ListenPort preferred, String address, String option) {
        int opened = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        if (preferred.movedTo(opened)) {
            out.println("Port %d is taken: %s is on %s (choose a port with %s)"
                    .formatted(preferred.number(), what, address, option));
        }
    }

    private @Nullable Integer metricsPort(FeatureStoreConfig store) {
        Integer chosen = options.metricsPort(store.metricsListener());
        return chosen == null ? null : checkedPort("--metrics-port", chosen);
    }

    private Limits limits() {
        try {
            return new Limits(maxBodyBytes, maxRows, maxFeatures, maxValues);
        } catch (IllegalArgumentException e) {
            throw new LarderException(ErrorCode.ARGUMENT_INVALID, "Invalid limit: " + e.getMessage(), e);
        }
    }

    /** One that was asked for is kept to; {@code feast serve} has neither port, so who switches from it may not know of them. */
    private ListenPort listenPort(String option, int port) {
        boolean given = commandSpec().commandLine().getParseResult().hasMatchedOption(option);
        int checked = checkedPort(option, port);
        return given ? ListenPort.exactly(checked) : ListenPort.preferably(checked);
    }

    private static int checkedPort(String option, int port) {
        if (port < 0 || port > 65_535) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID, "%s: %d (expected: 0 to 65535)".formatted(option, port));
        }
        return port;
    }

    private Main parent() {
        return injected(main);
    }

    private CommandSpec commandSpec() {
        return injected(spec);
    }

    private static <T> T injected(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("the command was not made by its parser");
        }
        return value;
    }
}
