package dev.larder.server;

import dev.larder.model.Repository;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.SqliteOnlineStore;
import dev.larder.registry.FileRegistry;
import dev.larder.registry.RepositoryLoader;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Starts a server over a repository made for the purpose, asks it what servers are asked, and stops it. The build runs this in
 * a JVM that notes which classes were loaded ({@code -XX:ArchiveClassesAtExit}); a server that is started with those from the
 * archive answers in half the time. Fails if an answer is not 200.
 */
final class Rehearsal {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int FAILED = 1;
    private static final long MILLIS_BETWEEN_LOOKS = 50;

    private static final String SETTINGS =
            """
            project: rehearsal
            provider: local
            registry: registry.db
            online_store: {type: sqlite, path: online.db}
            entity_key_serialization_version: 3
            """;

    private static final String DEFINITIONS =
            """
            kind: Entity
            name: user
            join_key: user_id
            value_type: Int64
            ---
            kind: DataSource
            name: visits
            type: cdc
            table: public.visits
            primary_key: [visit_id]
            event_time: at
            columns:
              - {name: visit_id, type: Int64}
              - {name: user_id, type: Int64}
              - {name: at, type: Timestamp}
            ---
            kind: FeatureView
            name: visits_last_day
            entities: [user]
            source: visits
            aggregations:
              - {name: visits, function: count, window: 1d, type: Int64}
            """;

    private static final String ROWS =
            """
            {"feature_view_name": "visits_last_day",
             "df": {"user_id": [1, 2], "visits": [3, 4], "event_timestamp": ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]}}""";

    private static final String QUESTION =
            """
            {"features": ["visits_last_day:visits"], "entities": {"user_id": [1, 2]}}""";

    private Rehearsal() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("larder-rehearsal");
        int exitCode = FAILED;
        try {
            rehearse(folder);
            exitCode = 0;
        } catch (IOException | RuntimeException e) {
            System.err.println("The rehearsal failed: " + e);
        }
        remove(folder);
        // Only the end of the process ends the server.
        System.exit(exitCode);
    }

    private static void rehearse(Path folder) throws IOException, InterruptedException {
        Files.writeString(folder.resolve(FeatureStoreConfigLoader.FILE_NAME), SETTINGS);
        Files.writeString(folder.resolve("definitions.yaml"), DEFINITIONS);
        FeatureStoreConfig config = FeatureStoreConfigLoader.load(folder);
        Repository definitions = RepositoryLoader.load(config);
        try (OnlineStore store = SqliteOnlineStore.open(folder.resolve("online.db"), config.project());
                FileRegistry registry = FileRegistry.open(config)) {
            store.prepare(definitions.featureViews());
            registry.apply(registry.plan(config, definitions));
        }
        int port = freePort();
        String[] command = {
            "-c", folder.toString(), "serve", "--port", Integer.toString(port), "--grpc-port", "0", "--admin-port", "0"
        };
        Thread server = new Thread(() -> Main.run(command), "rehearsal");
        server.setDaemon(true);
        server.start();
        URI uri = URI.create("http://" + ServerConfig.DEFAULT_HOST + ":" + port);
        HttpClient client = HttpClient.newHttpClient();
        awaitStart(client, uri);
        ask(client, post(uri.resolve("/write-to-online-store"), ROWS));
        ask(client, post(uri.resolve("/get-online-features"), QUESTION));
        for (String path : List.of("/metrics", "/api/v1/features/visits_last_day/1")) {
            ask(client, HttpRequest.newBuilder(uri.resolve(path)).build());
        }
    }

    private static void awaitStart(HttpClient client, URI uri) throws InterruptedException {
        HttpRequest health = HttpRequest.newBuilder(uri.resolve("/health")).build();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                ask(client, health);
                return;
            } catch (IOException | IllegalStateException e) {
                if (System.nanoTime() - end > 0) {
                    throw new IllegalStateException(
                            "The server has not answered within " + PATIENCE.toSeconds() + " s", e);
                }
                Thread.sleep(MILLIS_BETWEEN_LOOKS);
            }
        }
    }

    private static HttpRequest post(URI uri, String body) {
        return HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static void ask(HttpClient client, HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(request + " was answered " + answer.statusCode() + ": " + answer.body());
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
