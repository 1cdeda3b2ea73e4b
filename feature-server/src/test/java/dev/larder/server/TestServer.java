package dev.larder.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.larder.model.LarderException;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.server.online.Limits;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** A feature server on free ports over a folder with Feast's golden files, and a client of it. */
final class TestServer implements AutoCloseable {
    static final JsonMapper JSON = new JsonMapper();

    /** Before the golden rows of {@code driver_stale} are an hour old, which is that view's ttl. */
    static final Instant WHEN_FRESH = Instant.parse("2024-03-02T12:00:00Z");

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    private final FeatureServer server;

    private TestServer(FeatureServer server) {
        this.server = server;
    }

    /** An answer with its body as text. */
    record Answer(int status, String contentType, String text) {
        JsonNode json() {
            try {
                return JSON.readTree(text);
            } catch (IOException e) {
                throw new UncheckedIOException(text, e);
            }
        }

        /** What a Feast client makes of an error: the body is a JSON string that holds a JSON object. */
        FeastError feastError() {
            try {
                JsonNode error = JSON.readTree(json().textValue());
                return new FeastError(
                        status,
                        error.path("class").asText(),
                        error.path("message").asText());
            } catch (IOException e) {
                throw new UncheckedIOException(text, e);
            }
        }
    }

    record FeastError(int status, String feastClass, String message) {}

    /** Feast's golden registry and online store, with a feature_store.yaml of ours. */
    static Path goldenRepo(Path folder) {
        repo(folder);
        copyGolden("registry.db", folder);
        copyGolden("online_store.db", folder);
        return folder;
    }

    /** A repository to which nothing was applied. */
    static Path repo(Path folder) {
        try {
            Files.writeString(
                    folder.resolve("feature_store.yaml"),
                    """
                    project: golden
                    provider: local
                    registry: registry.db
                    online_store: {type: sqlite, path: online_store.db}
                    offline_store: {type: dask}
                    entity_key_serialization_version: 3
                    """);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void copyGolden(String name, Path folder) {
        try (InputStream golden = golden(name)) {
            Files.copy(golden, folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static InputStream golden(String name) {
        return Objects.requireNonNull(TestServer.class.getResourceAsStream("/golden/" + name), name);
    }

    static TestServer strict(Path repo) {
        return start(config(repo, Mode.STRICT, Limits.DEFAULT), WHEN_FRESH);
    }

    static TestServer start(ServerConfig config, Instant now) {
        return start(config, Clock.fixed(now, ZoneOffset.UTC));
    }

    static TestServer start(ServerConfig config, Clock clock) {
        return new TestServer(FeatureServer.start(config, clock));
    }

    /** The registry is looked at all the time; {@link #refreshRegistry} waits for it. */
    static ServerConfig config(Path repo, Mode mode, Limits limits) {
        return ServerConfig.plain(
                FeatureStoreConfigLoader.load(repo), mode, ServerConfig.DEFAULT_HOST, 0, 0, Duration.ZERO, limits);
    }

    /** The same with gRPC beside it. */
    static ServerConfig withGrpc(ServerConfig config, GrpcConfig.Names names, @Nullable Tls tls) {
        return config.withGrpc(new GrpcConfig(0, names)).withTls(tls);
    }

    /** Waits until what the registry holds now was looked at, whether or not it could be used. */
    void refreshRegistry() {
        try {
            Object unused = server.registry().refreshed(Duration.ofSeconds(20));
        } catch (LarderException e) {
            // The answers of the server say it.
        }
    }

    /** As {@link #config(Path, Mode, Limits)} in mode strict, with other limits of HTTP, over TLS, or with metrics apart. */
    static ServerConfig config(Path repo, HttpLimits http, @Nullable Tls tls, @Nullable Integer metricsPort) {
        return config(repo, Mode.STRICT, Limits.DEFAULT)
                .withHttp(http)
                .withTls(tls)
                .withMetricsPort(metricsPort);
    }

    URI uri() {
        return server.uri();
    }

    /** Host and port of gRPC. */
    String grpcAddress() {
        return server.grpcAddress().orElseThrow();
    }

    URI metricsUri() {
        return server.metricsUri();
    }

    /** Methods by path or prefix. */
    SortedMap<String, Set<String>> registered() {
        return server.registered();
    }

    /** A number that the server tells; NaN if it tells none. */
    double metric(String nameAndLabels) {
        return get("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(nameAndLabels + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(nameAndLabels.length() + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    URI adminUri() {
        return server.adminUri();
    }

    Answer get(String path) {
        return send(HttpRequest.newBuilder(uri().resolve(path)));
    }

    Answer admin(String path) {
        return send(HttpRequest.newBuilder(adminUri().resolve(path)));
    }

    Answer ask(String body) {
        return post("/get-online-features", body);
    }

    Answer post(String path, String body) {
        return send(HttpRequest.newBuilder(uri().resolve(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    Answer post(String path, Map<String, ?> body) {
        try {
            return post(path, JSON.writeValueAsString(body));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Answer ask(Map<String, ?> body) {
        return post("/get-online-features", body);
    }

    Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response =
                    HTTP.send(request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
