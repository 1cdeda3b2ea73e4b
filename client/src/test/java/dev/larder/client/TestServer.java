package dev.larder.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.larder.feast.proto.core.DataSource;
import dev.larder.feast.proto.core.Entity;
import dev.larder.feast.proto.core.EntitySpecV2;
import dev.larder.feast.proto.core.FeatureSpecV2;
import dev.larder.feast.proto.core.FeatureView;
import dev.larder.feast.proto.core.FeatureViewSpec;
import dev.larder.feast.proto.core.Registry;
import dev.larder.model.ValueType;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.FeatureServer;
import dev.larder.server.ServerConfig;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.server.online.Limits;
import dev.larder.servers.NativeTools;
import dev.larder.servers.Part;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Larder's own feature server over Feast's golden registry and online store, and clients of it. */
final class TestServer implements AutoCloseable {
    /** For calls that are to be answered, on a machine that is busy. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /** An hour and a second after the golden rows of {@code driver_stale}, whose ttl is an hour. */
    static final Instant WHEN_STALE = Instant.parse("2024-03-02T13:00:01Z");

    private static final Path GOLDEN =
            Path.of(System.getProperty("larder.root"), "feature-server/src/test/resources/golden");

    private final FeatureServer server;

    private TestServer(FeatureServer server) {
        this.server = server;
    }

    static Path goldenRepo(Path folder) {
        return repo(folder, "{type: sqlite, path: online_store.db}", "registry.db", "online_store.db");
    }

    /** Over a Redis that holds nothing, and for whose answers the server waits long. */
    static Path redisRepo(Path folder, RedisServer redis) {
        return repo(
                folder,
                "{type: redis, connection_string: \"%s,socket_timeout=60\"}".formatted(redis.address()),
                "registry.db");
    }

    /** In CI Redis must be there; on a user's machine a test that needs it is skipped and says what is missing. */
    static RedisServers redis(Path folder) {
        String missing = NativeTools.missing(Set.of(Part.REDIS)).orElse("");
        if (System.getenv("CI") == null) {
            assumeTrue(missing.isEmpty(), missing);
        }
        assertThat(missing).isEmpty();
        return RedisServers.in(folder);
    }

    private static Path repo(Path folder, String onlineStore, String... files) {
        try {
            Files.createDirectories(folder);
            Files.writeString(
                    folder.resolve("feature_store.yaml"),
                    """
                    project: golden
                    provider: local
                    registry: registry.db
                    online_store: %s
                    offline_store: {type: dask}
                    entity_key_serialization_version: 3
                    """
                            .formatted(onlineStore));
            for (String file : files) {
                Files.copy(GOLDEN.resolve(file), folder.resolve(file));
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Before a server is started on it. */
    static void register(Path repo, Consumer<Registry.Builder> change) throws IOException {
        Path file = repo.resolve("registry.db");
        Registry.Builder registry = Registry.parseFrom(Files.readAllBytes(file)).toBuilder();
        change.accept(registry);
        Files.write(file, registry.build().toByteArray());
    }

    static Entity entity(String name, String joinKey) {
        return Entity.newBuilder()
                .setSpec(EntitySpecV2.newBuilder()
                        .setName(name)
                        .setProject("golden")
                        .setJoinKey(joinKey)
                        .setValueTypeValue(ValueType.INT64.number()))
                .build();
    }

    /** @param pushSource null: none feeds it */
    static FeatureView view(
            String name, String entity, String joinKey, @Nullable String pushSource, Map<String, ValueType> features) {
        FeatureViewSpec.Builder spec = FeatureViewSpec.newBuilder()
                .setName(name)
                .setProject("golden")
                .addEntities(entity)
                .addEntityColumns(
                        FeatureSpecV2.newBuilder().setName(joinKey).setValueTypeValue(ValueType.INT64.number()))
                .setBatchSource(DataSource.newBuilder().setTimestampField("event_timestamp"))
                .setOnline(true);
        if (pushSource != null) {
            spec.setStreamSource(DataSource.newBuilder()
                    .setType(DataSource.SourceType.PUSH_SOURCE)
                    .setName(pushSource)
                    .setProject("golden"));
        }
        features.forEach((feature, type) ->
                spec.addFeatures(FeatureSpecV2.newBuilder().setName(feature).setValueTypeValue(type.number())));
        return FeatureView.newBuilder().setSpec(spec).build();
    }

    static TestServer start(Path repo) {
        return start(repo, UnaryOperator.identity());
    }

    static TestServer start(Path repo, UnaryOperator<ServerConfig> change) {
        ServerConfig config = ServerConfig.plain(
                        FeatureStoreConfigLoader.load(repo),
                        Mode.STRICT,
                        ServerConfig.DEFAULT_HOST,
                        0,
                        0,
                        Duration.ZERO,
                        Limits.DEFAULT)
                .withGrpc(new GrpcConfig(0, GrpcConfig.Names.JAVA));
        return new TestServer(FeatureServer.start(change.apply(config), Clock.fixed(WHEN_STALE, ZoneOffset.UTC)));
    }

    int port() {
        String address = server.grpcAddress().orElseThrow();
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    FeatureClient.Builder client() {
        return FeatureClient.to("127.0.0.1", port()).deadline(PATIENCE);
    }

    /** How many calls of {@code GrpcFeatureServer} the server has answered with a status. */
    double calls(String method, String code) throws IOException, InterruptedException {
        String name = "larder_grpc_calls_total{code=\"%s\",method=\"GrpcFeatureServer/%s\"} ".formatted(code, method);
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server.uri() + "/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .sum();
    }

    @Override
    public void close() {
        server.close();
    }
}
