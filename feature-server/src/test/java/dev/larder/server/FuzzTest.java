package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.fuzz.Fuzz;
import dev.larder.server.fuzz.Fuzz.Report;
import dev.larder.server.fuzz.HttpRequest;
import dev.larder.server.fuzz.LogWatch;
import dev.larder.server.fuzz.Schemathesis;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.server.online.Limits;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever is sent over HTTP and gRPC is answered: in time, without a fault of the server, without a stack trace in the answer or
 * the log. {@code larder.fuzz.inputs} is how many inputs there are in all, {@code larder.fuzz.seed} makes them others, and
 * {@code larder.fuzz.only} repeats the one with that number.
 */
final class FuzzTest {
    private static final long INPUTS = Long.getLong("larder.fuzz.inputs", 20_000);
    private static final long SEED = Long.getLong("larder.fuzz.seed", 20_261_121);
    private static final long ONLY = Long.getLong("larder.fuzz.only", -1);
    private static final long STOPPED_INPUTS = 300;
    private static final HttpLimits LIMITS = new HttpLimits(
            HttpLimits.DEFAULT.concurrent(),
            HttpLimits.DEFAULT.queued(),
            Fuzz.PATIENCE,
            HttpLimits.DEFAULT.idleTime(),
            HttpLimits.DEFAULT.headerBytes());
    private static final Pattern COUNTED = Pattern.compile("feast_feature_server_request_total\\{.*} ([0-9.eE+]+)");

    private static final String SCORE =
            """
            {"features": ["driver_stale:score"], "entities": {"driver_id": [1001]}}""";

    private final Fuzz fuzz = new Fuzz(SEED, validRequests(), names());

    @Test
    void requestsMadeOfTheDocument(@TempDir Path folder) throws Exception {
        Schemathesis schemathesis = Schemathesis.required();
        long wanted = INPUTS / 5;
        try (TestServer server = start(TestServer.goldenRepo(Files.createDirectory(folder.resolve("repo"))));
                LogWatch log = LogWatch.open()) {
            long sent = 0;
            for (long round = 0; sent < wanted; round++) {
                long before = counted(server);
                schemathesis.run(server.uri(), SEED + round, perOperation(wanted - sent), INPUTS / 1_000 + 15, folder);
                sent += counted(server) - before;
            }
            System.out.printf("fuzz: schemathesis, seed %d: %d inputs%n", SEED, sent);
            assertThat(sent).isGreaterThanOrEqualTo(wanted);
            assertThat(log.traces()).isEmpty();
        }
    }

    @Test
    void anythingOverHttp(@TempDir Path folder) throws Exception {
        try (TestServer server = start(TestServer.goldenRepo(folder));
                LogWatch log = LogWatch.open()) {
            try (Witness witness = Witness.of(server)) {
                assertGood(fuzz.http(server.uri(), first(), count(INPUTS / 2), false), "HTTP", log);
                assertThat(witness.answers()).isPositive();
                assertThat(witness.strange()).isEmpty();
            }
            assertThat(server.ask(SCORE).status()).isEqualTo(200);
        }
    }

    @Test
    void anythingOverGrpc(@TempDir Path folder) throws Exception {
        try (TestServer server = start(TestServer.goldenRepo(folder));
                LogWatch log = LogWatch.open()) {
            assertGood(fuzz.grpc(grpc(server), first(), count(INPUTS * 3 / 10), false), "gRPC", log);
            assertThat(server.ask(SCORE).status()).isEqualTo(200);
        }
    }

    /** The same inputs while the store is stopped: what would have been answered is 503 then, nothing else is worse. */
    @Test
    void anythingWhileRedisIsStoppedAndBack(@TempDir Path folder) throws Exception {
        try (RedisServers servers = RedisRepos.servers(Files.createDirectory(folder.resolve("redis")))) {
            RedisServer redis = servers.standalone();
            try (TestServer server = start(RedisRepos.golden(folder.resolve("repo"), redis, ""));
                    LogWatch log = LogWatch.open()) {
                long count = count(STOPPED_INPUTS);
                assertThat(server.ask(SCORE).status()).isEqualTo(200);
                assertGood(fuzz.http(server.uri(), first(), count, false), "HTTP over Redis", log);
                assertGood(fuzz.grpc(grpc(server), first(), count, false), "gRPC over Redis", log);
                redis.stop();
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> server.ask(SCORE).status() == 503);
                Report http = fuzz.http(server.uri(), first(), count, true);
                Report grpc = fuzz.grpc(grpc(server), first(), count, true);
                assertThat(http.problems()).isEmpty();
                assertThat(grpc.problems()).isEmpty();
                assertThat(server.ask(SCORE).status()).isEqualTo(503);
                if (ONLY < 0) {
                    assertThat(http.answered("503")).isPositive();
                    assertThat(grpc.answered("UNAVAILABLE")).isPositive();
                }
                assertThat(log.traces())
                        .allMatch(trace -> trace.contains("LarderException") && trace.contains("Redis"));
                redis.start();
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> server.ask(SCORE).status() == 200);
                assertThat(log.traces())
                        .allMatch(trace -> trace.contains("LarderException") && trace.contains("Redis"));
                assertGood(fuzz.http(server.uri(), first(), count, false), "HTTP after Redis came back", log);
                assertGood(fuzz.grpc(grpc(server), first(), count, false), "gRPC after Redis came back", log);
            }
        }
    }

    /** Asks the same all the time, and must be answered the same, whatever others send: they share the server's buffers. */
    private static final class Witness implements AutoCloseable {
        private static final int MOST = 20;
        private static final String QUESTION =
                """
                {"features": ["no_such_view:score"], "entities": {"driver_id": [1001]}}""";

        private final AtomicLong answers = new AtomicLong();
        private final List<String> strange = new CopyOnWriteArrayList<>();
        private final Thread thread;
        private volatile boolean closed;

        private Witness(TestServer server) {
            TestServer.Answer usual = server.ask(QUESTION);
            assertThat(usual.status()).isEqualTo(404);
            thread = new Thread(
                    () -> {
                        while (!closed && strange.size() < MOST) {
                            String seen = "";
                            try {
                                TestServer.Answer answer = server.ask(QUESTION);
                                seen = answer.equals(usual) ? "" : answer.toString();
                            } catch (RuntimeException e) {
                                seen = e.toString();
                            }
                            answers.incrementAndGet();
                            if (!seen.isEmpty()) {
                                strange.add(seen);
                            }
                        }
                    },
                    "witness");
        }

        static Witness of(TestServer server) {
            Witness witness = new Witness(server);
            witness.thread.start();
            return witness;
        }

        long answers() {
            return answers.get();
        }

        List<String> strange() {
            return strange;
        }

        @Override
        public void close() {
            closed = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static TestServer start(Path repo) {
        return TestServer.start(
                TestServer.withGrpc(
                        TestServer.config(repo, Mode.STRICT, Limits.DEFAULT).withHttp(LIMITS),
                        GrpcConfig.Names.JAVA,
                        null),
                TestServer.WHEN_FRESH);
    }

    private static void assertGood(Report report, String what, LogWatch log) {
        System.out.printf("fuzz: %s, seed %d: %d inputs, answers %s%n", what, SEED, report.inputs(), report.answers());
        assertThat(report.problems()).isEmpty();
        assertThat(log.traces()).isEmpty();
        assertThat(report.inputs()).isPositive();
    }

    private static long first() {
        return Math.max(0, ONLY);
    }

    private static long count(long all) {
        return ONLY < 0 ? all : 1;
    }

    /** Of nine operations that take parameters; what there is besides is extra. */
    private static long perOperation(long wanted) {
        return Math.max(10, wanted / 9);
    }

    private static URI grpc(TestServer server) {
        return URI.create("http://" + server.grpcAddress());
    }

    /** Requests that the server has answered, those for its metrics not included. */
    private static long counted(TestServer server) {
        return server.get("/metrics")
                .text()
                .lines()
                .filter(line -> !line.contains("endpoint=\"/metrics\""))
                .map(COUNTED::matcher)
                .filter(Matcher::matches)
                .mapToLong(line -> (long) Double.parseDouble(line.group(1)))
                .sum();
    }

    /** What Feast's own server was asked. */
    private static List<HttpRequest> validRequests() {
        List<HttpRequest> requests = new ArrayList<>(List.of(
                new HttpRequest("GET", "/api/v1/features/driver_basic/1001", ""),
                new HttpRequest("GET", "/api/v1/features", ""),
                new HttpRequest("GET", "/materialize", "")));
        recorded()
                .forEach(request -> requests.add(new HttpRequest(
                        request.path("method").asText(),
                        request.path("path").asText(),
                        request.has("json")
                                ? request.path("json").toString()
                                : request.path("raw").asText())));
        return requests;
    }

    private static List<JsonNode> recorded() {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(TestServer.golden("http_sqlite.jsonl"), StandardCharsets.UTF_8))) {
            List<JsonNode> requests = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                requests.add(TestServer.JSON.readTree(line).path("request"));
            }
            return requests;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All texts in what was recorded: names of views, features, services, join keys and the like. */
    private static List<String> names() {
        Set<String> names = new TreeSet<>();
        for (JsonNode request : recorded()) {
            collect(request.path("json"), names);
        }
        return List.copyOf(names);
    }

    private static void collect(JsonNode node, Set<String> names) {
        if (node.isTextual()) {
            names.add(node.asText());
        }
        node.fieldNames().forEachRemaining(names::add);
        node.forEach(inner -> collect(inner, names));
    }
}
