package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.larder.feast.proto.core.FeatureView;
import dev.larder.feast.proto.core.Registry;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.TestServer.Answer;
import dev.larder.server.TestServer.FeastError;
import dev.larder.server.online.Limits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The registry changes, breaks and hangs while requests are answered. */
@Timeout(120)
final class RegistryRefreshTest {
    private static final String SERVICE =
            """
            {"feature_service": "swapped", "full_feature_names": true, "entities": {"driver_id": [1001, 4]}}""";

    private static final String SCORE =
            """
            {"features": ["driver_stale:score"], "entities": {"driver_id": [1001]}}""";

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @TempDir
    private Path folder = Path.of("");

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @Test
    void twoHundredSwapsFailNoRequestAndMixNoVersions() throws Exception {
        TestServer.goldenRepo(folder);
        byte[] first = version("first", "score", "driver_stale");
        byte[] second = version("second", "f_int32", "driver_basic");
        Registries.replace(folder.resolve("registry.db"), first);
        try (TestServer server = TestServer.strict(folder)) {
            AtomicBoolean done = new AtomicBoolean();
            AtomicInteger firsts = new AtomicInteger();
            AtomicInteger seconds = new AtomicInteger();
            List<Future<?>> asking = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                asking.add(threads.submit(() -> {
                    while (!done.get()) {
                        Answer answer = server.ask(SERVICE);
                        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
                        String seen = answer.json().at("/metadata/feature_names") + " "
                                + answer.json().at("/results/1/values");
                        if (seen.equals("[\"driver_id\",\"first__score\"] [0.25,null]")) {
                            firsts.incrementAndGet();
                        } else {
                            assertThat(seen).isEqualTo("[\"driver_id\",\"second__f_int32\"] [7,null]");
                            seconds.incrementAndGet();
                        }
                    }
                }));
            }
            for (int swap = 0; swap < 200; swap++) {
                byte[] next = swap % 2 == 0 ? second : first;
                if (swap % 4 < 2) {
                    Registries.replace(folder.resolve("registry.db"), next);
                } else {
                    writeInPlace(folder.resolve("registry.db"), next);
                }
                Thread.sleep(15);
            }
            done.set(true);
            for (Future<?> each : asking) {
                each.get();
            }
            assertThat(firsts.get()).as("answers of the first version").isGreaterThan(20);
            assertThat(seconds.get()).as("answers of the second version").isGreaterThan(20);
        }
    }

    /** The golden registry with one service that says by its alias which version it is. */
    private byte[] version(String alias, String feature, String view) throws IOException {
        return Registry.parseFrom(Files.readAllBytes(folder.resolve("registry.db"))).toBuilder()
                .addFeatureServices(
                        Registries.service("swapped", Registries.projection(view, alias, Map.of(), feature)))
                .setVersionId(UUID.randomUUID().toString())
                .build()
                .toByteArray();
    }

    /** As Feast does it: the file is emptied, then filled. */
    private static void writeInPlace(Path file, byte[] content) throws IOException, InterruptedException {
        try (SeekableByteChannel channel =
                Files.newByteChannel(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            Thread.sleep(3);
            int half = channel.write(ByteBuffer.wrap(content, 0, content.length / 2));
            Thread.sleep(3);
            channel.write(ByteBuffer.wrap(content, half, content.length - half));
        }
    }

    @Test
    void fiveHundredViewsAreSwappedWithoutAFailedRequest() throws Exception {
        TestServer.goldenRepo(folder);
        Registry golden = Registry.parseFrom(Files.readAllBytes(folder.resolve("registry.db")));
        List<byte[]> versions = new ArrayList<>();
        for (String suffix : List.of("even", "odd")) {
            versions.add(manyViews(golden, 500, suffix));
        }
        try (TestServer server = TestServer.strict(folder)) {
            AtomicBoolean done = new AtomicBoolean();
            List<Future<?>> asking = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                asking.add(threads.submit(() -> {
                    while (!done.get()) {
                        Answer answer = server.ask(SCORE);
                        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
                        assertThat(answer.json().at("/results/1/values/0").asDouble())
                                .isEqualTo(0.25);
                    }
                }));
            }
            for (int swap = 0; swap < 20; swap++) {
                Registries.replace(folder.resolve("registry.db"), versions.get(swap % 2));
                server.refreshRegistry();
                String view = "view_499_" + (swap % 2 == 0 ? "even" : "odd");
                assertThat(server.ask("{\"features\": [\"" + view + ":nope\"], \"entities\": {\"driver_id\": [1]}}")
                                .feastError()
                                .message())
                        .startsWith("Feature nope not found in feature view " + view);
            }
            done.set(true);
            for (Future<?> each : asking) {
                each.get();
            }
        }
    }

    private static byte[] manyViews(Registry golden, int count, String suffix) {
        FeatureView template = golden.getFeatureViewsList().stream()
                .filter(view -> view.getSpec().getName().equals("driver_basic"))
                .findFirst()
                .orElseThrow();
        Registry.Builder registry = golden.toBuilder().setVersionId(suffix);
        for (int i = 0; i < count; i++) {
            FeatureView.Builder view = template.toBuilder();
            view.getSpecBuilder().setName("view_" + i + "_" + suffix);
            registry.addFeatureViews(view);
        }
        return registry.build().toByteArray();
    }

    @Test
    void whatIsAppliedAfterTheStartIsServedWithinTheInterval() {
        TestServer.repo(folder);
        TestServer.copyGolden("online_store.db", folder);
        ServerConfig config = TestServer.config(folder, Mode.STRICT, Limits.DEFAULT);
        try (TestServer server = TestServer.start(
                ServerConfig.plain(
                        config.store(), config.mode(), config.host(), 0, 0, Duration.ofSeconds(1), config.limits()),
                TestServer.WHEN_FRESH)) {
            assertThat(server.ask(SCORE).status()).isEqualTo(503);
            TestServer.copyGolden("registry.db", folder);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(3))
                    .until(() -> server.ask(SCORE).status() == 200);
        }
    }

    @Test
    void aRegistryWithoutBytesIsAnEmptyOne() throws IOException {
        TestServer.repo(folder);
        Files.createFile(folder.resolve("registry.db"));
        try (TestServer server = TestServer.strict(folder)) {
            assertThat(server.get("/health").status()).isEqualTo(200);
            assertThat(server.ask(SCORE).feastError())
                    .isEqualTo(new FeastError(
                            404,
                            "FeatureViewNotFoundException",
                            "Feature view driver_stale does not exist in project golden (known: none)"));
        }
    }

    /** S3 as far as a registry needs it, until it accepts connections and says nothing more. */
    @Test
    void storageThatHangsDelaysNoRequest() throws Exception {
        TestServer.goldenRepo(folder);
        byte[] registry = Files.readAllBytes(folder.resolve("registry.db"));
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger hanging = new AtomicInteger();
        HttpServer s3 = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        s3.setExecutor(threads);
        s3.createContext("/", exchange -> {
            if (hangs.getCount() == 0) {
                hanging.incrementAndGet();
                awaitEnd(end);
            }
            answer(exchange, registry);
        });
        s3.start();
        System.setProperty("aws.accessKeyId", "none");
        System.setProperty("aws.secretAccessKey", "none");
        Files.writeString(
                folder.resolve("feature_store.yaml"),
                """
                project: golden
                registry: s3://bucket/registry.db
                online_store: {type: sqlite, path: online_store.db}
                larder: {s3: {endpoint: "http://127.0.0.1:%d", path_style: true}}
                """
                        .formatted(s3.getAddress().getPort()));
        try (TestServer server = TestServer.strict(folder)) {
            assertThat(server.ask(SCORE).status()).isEqualTo(200);
            hangs.countDown();
            Awaitility.await().until(() -> hanging.get() > 0);

            long[] millis = new long[300];
            for (int i = 0; i < millis.length; i++) {
                long start = System.nanoTime();
                assertThat(server.ask(SCORE).status()).isEqualTo(200);
                millis[i] = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            }
            Arrays.sort(millis);
            assertThat(millis[millis.length / 2]).as("milliseconds, median").isLessThan(100);
            assertThat(millis[millis.length - 1]).as("milliseconds, slowest").isLessThan(3_000);

            Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                            server.admin("/healthcheck")
                                    .json()
                                    .at("/registry/message")
                                    .asText())
                    .matches("The registry s3://bucket/registry.db has not answered for \\d+ s\\..*"));
            assertThat(server.get("/health").status()).isEqualTo(200);
        } finally {
            end.countDown();
            s3.stop(0);
        }
    }

    private static void awaitEnd(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void answer(HttpExchange exchange, byte[] content) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("ETag", "\"one\"");
            exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", Integer.toString(content.length));
                exchange.sendResponseHeaders(200, -1);
            } else {
                exchange.sendResponseHeaders(200, content.length);
                exchange.getResponseBody().write(content);
            }
        }
    }
}
