package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.server.TestServer.Answer;
import dev.larder.server.TestServer.FeastError;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store that hangs, callers that are slow, too many at once, and a server that stops meanwhile. */
@Timeout(120)
final class OverloadTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final HttpLimits TWO_AND_ONE_WAITS = new HttpLimits(2, 1, LONG, LONG, 16 << 10);
    private static final String WAITING = "larder_http_requests_waiting";
    private static final String IN_FLIGHT = "larder_http_requests_in_flight";

    @TempDir
    private Path folder = Path.of("");

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private RedisServers servers;
    private RedisServer redis;

    @BeforeEach
    void redis() {
        servers = TestRedis.in(folder);
        redis = servers.standalone();
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        redis.thaw();
        servers.close();
    }

    @Test
    void whatIsTooMuchIsRefusedAtOnceAndTheRestIsAnswered() throws Exception {
        try (TestServer server = start(TWO_AND_ONE_WAITS)) {
            assertThat(ask(server, 1).status()).isEqualTo(200);
            redis.freeze();
            List<CompletableFuture<Answer>> asked = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int driver = i;
                asked.add(CompletableFuture.supplyAsync(() -> ask(server, driver), threads));
            }
            await().until(() -> server.metric(WAITING) == 1);
            assertThat(server.metric(IN_FLIGHT)).as("three, and this scrape").isEqualTo(4);

            try (RawConnection connection = new RawConnection(server.uri())) {
                String refused =
                        connection.post("/get-online-features", body(9)).answer();
                assertThat(refused)
                        .startsWith("HTTP/1.1 503 ")
                        .containsIgnoringCase("\r\nRetry-After: 1\r\n")
                        .containsIgnoringCase("\r\nContent-Type: application/json\r\n");
            }
            assertThat(ask(server, 9).feastError())
                    .isEqualTo(
                            new FeastError(
                                    503,
                                    "FeastError",
                                    "The server has too much to do: 2 requests are at work and 1 wait (--max-concurrent, --max-queued). Try again in a moment."));
            assertThat(server.metric("larder_http_requests_rejected_total")).isEqualTo(2);
            CompletableFuture<Answer> health = CompletableFuture.supplyAsync(() -> server.get("/health"), threads);
            await().until(() -> server.metric(IN_FLIGHT) == 5);

            redis.thaw();
            assertThat(health.get().status())
                    .as("it waited for Redis, not in the queue")
                    .isEqualTo(200);
            for (int i = 0; i < 3; i++) {
                assertThat(asked.get(i).get().json().at("/results/0/values").toString())
                        .isEqualTo("[" + i + "]");
            }
            await().until(() -> server.metric(IN_FLIGHT) == 1);
            assertThat(server.metric("larder_http_responses_total{code=\"503\",endpoint=\"/get-online-features\"}"))
                    .isEqualTo(2);
        }
    }

    @Test
    void aRequestWhoseTimeIsUpIsAnsweredWhileItsWorkGoesOn() throws Exception {
        HttpLimits oneSecond = new HttpLimits(2, 10, Duration.ofSeconds(1), LONG, 16 << 10);
        try (TestServer server = start(oneSecond)) {
            assertThat(ask(server, 1).status()).isEqualTo(200);
            redis.freeze();
            FeastError late = new FeastError(
                    503,
                    "FeastError",
                    "The request could not be answered within 1 s (--request-timeout). Try again in a moment.");
            List<CompletableFuture<Answer>> asked = new ArrayList<>();
            try (RawConnection connection = new RawConnection(server.uri())) {
                connection.post("/get-online-features", body(1));
                await().until(() -> server.metric(IN_FLIGHT) == 2);
                for (int i = 0; i < 3; i++) {
                    asked.add(CompletableFuture.supplyAsync(() -> ask(server, 1), threads));
                }
                assertThat(connection.answer())
                        .startsWith("HTTP/1.1 503 ")
                        .containsIgnoringCase("\r\nConnection: close\r\n")
                        .containsIgnoringCase("\r\nRetry-After: 1\r\n");
            }
            for (CompletableFuture<Answer> each : asked) {
                assertThat(each.get().feastError())
                        .as("at work or in the queue")
                        .isEqualTo(late);
            }
            assertThat(server.metric("larder_http_responses_total{code=\"503\",endpoint=\"/get-online-features\"}"))
                    .isEqualTo(4);

            redis.thaw();
            await().until(() -> server.metric(IN_FLIGHT) == 1);
            assertThat(ask(server, 1).status()).isEqualTo(200);
            assertThat(server.metric("larder_http_responses_total{code=\"200\",endpoint=\"/get-online-features\"}"))
                    .as("what came too late was not sent, so it does not count")
                    .isEqualTo(2);
        }
    }

    @Test
    void aCallerWhoDoesNotSendItsBodyHoldsNobodyUp() throws IOException {
        HttpLimits one = new HttpLimits(1, 10, Duration.ofSeconds(1), LONG, 16 << 10);
        try (TestServer server = start(one);
                RawConnection slow = new RawConnection(server.uri());
                RawConnection chunked = new RawConnection(server.uri())) {
            slow.send("POST /get-online-features HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"enti");
            assertThat(slow.answer()).startsWith("HTTP/1.1 503 ").contains("--request-timeout");
            assertThat(slow.isClosedByServer()).isTrue();
            assertThat(ask(server, 1).status()).isEqualTo(200);

            chunked.send(
                    "POST /get-online-features HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ent\r\n");
            assertThat(chunked.answer()).startsWith("HTTP/1.1 503 ").contains("--request-timeout");
            assertThat(chunked.isClosedByServer()).isTrue();
            assertThat(ask(server, 1).status()).isEqualTo(200);
            await().until(() -> server.metric(IN_FLIGHT) == 1);
        }
    }

    /** The store hangs for up to twice the time that a request has, so answers and timeouts meet as often as can be. */
    @Test
    void everyAnswerIsWholeAndTheCallersOwnWhereTimeoutsAndAnswersMeet() throws Exception {
        HttpLimits hurried = new HttpLimits(4, 100, Duration.ofMillis(30), LONG, 16 << 10);
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger answered = new AtomicInteger();
        AtomicInteger timedOut = new AtomicInteger();
        try (TestServer server = start(hurried)) {
            await().until(() -> ask(server, 1).status() == 200);
            Future<?> toggling = threads.submit(() -> {
                for (int round = 0; !done.get(); round++) {
                    redis.freeze();
                    Thread.sleep(round % 7 * 10L);
                    redis.thaw();
                }
                return null;
            });
            List<Future<?>> callers = new ArrayList<>();
            for (int caller = 0; caller < 8; caller++) {
                int own = 100 * caller;
                callers.add(threads.submit(() -> {
                    for (int i = 0; i < 150; i++) {
                        Answer answer = ask(server, own + i);
                        if (answer.status() == 200) {
                            answered.incrementAndGet();
                            assertThat(answer.json().at("/results/0/values").toString())
                                    .isEqualTo("[" + (own + i) + "]");
                        } else {
                            timedOut.incrementAndGet();
                            assertThat(answer.feastError().status()).isEqualTo(503);
                        }
                    }
                }));
            }
            for (Future<?> caller : callers) {
                caller.get();
            }
            done.set(true);
            toggling.get();
            assertThat(answered).as("%s timed out", timedOut).hasPositiveValue();
            assertThat(timedOut).as("%s answered", answered).hasPositiveValue();
            await().until(() -> server.metric(IN_FLIGHT) == 1);
            await().until(() -> ask(server, 1).status() == 200);
        }
    }

    @Test
    void aServerThatStopsAnswersWhatItHasTakenOn() throws Exception {
        TestServer server = start(TWO_AND_ONE_WAITS);
        try (RawConnection atWork = new RawConnection(server.uri());
                RawConnection waiting = new RawConnection(server.uri());
                RawConnection idle = new RawConnection(server.uri())) {
            assertThat(idle.post("/get-online-features", body(1)).answer()).startsWith("HTTP/1.1 200 ");
            redis.freeze();
            atWork.post("/get-online-features", body(1));
            waiting.post("/get-online-features", body(2));
            await().until(() -> server.metric(IN_FLIGHT) == 3);

            URI uri = server.uri();
            Future<?> stopping = threads.submit(server::close);
            await().until(() -> isRefused(uri));
            assertThat(idle.isClosedByServer()).isTrue();
            await().during(Duration.ofSeconds(2)).until(() -> !stopping.isDone());

            redis.thaw();
            for (RawConnection each : List.of(atWork, waiting)) {
                assertThat(each.answer()).startsWith("HTTP/1.1 200 ").containsIgnoringCase("\r\nConnection: close\r\n");
                assertThat(each.isClosedByServer()).isTrue();
            }
            stopping.get();
        }
    }

    @Test
    void headersThatAreTooLongAreRefused() throws IOException {
        try (TestServer server = start(TWO_AND_ONE_WAITS);
                RawConnection connection = new RawConnection(server.uri())) {
            connection.send("GET /health HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(17 << 10) + "\r\n\r\n");
            assertThat(connection.answer())
                    .startsWith("HTTP/1.1 431 ")
                    .endsWith("{\"detail\":\"Request Header Fields Too Large\"}");
        }
    }

    @Test
    void anIdleConnectionIsClosed() throws IOException {
        HttpLimits impatient = new HttpLimits(1, 1, LONG, Duration.ofMillis(200), 16 << 10);
        try (TestServer server = start(impatient);
                RawConnection connection = new RawConnection(server.uri())) {
            assertThat(connection
                            .send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                            .answer())
                    .startsWith("HTTP/1.1 200 ");
            assertThat(connection.isClosedByServer()).isTrue();
        }
    }

    /** A connection over which nothing goes because the server works is not idle. */
    @Test
    void aRequestAtWorkOutlivesTheIdleTime() throws Exception {
        HttpLimits impatient = new HttpLimits(1, 1, LONG, Duration.ofSeconds(1), 16 << 10);
        try (TestServer server = start(impatient)) {
            assertThat(ask(server, 1).status()).isEqualTo(200);
            redis.freeze();
            try (RawConnection atWork = new RawConnection(server.uri());
                    RawConnection waiting = new RawConnection(server.uri())) {
                atWork.post("/get-online-features", body(1));
                await().until(() -> server.metric(IN_FLIGHT) == 2);
                waiting.post("/get-online-features", body(2));
                await().until(() -> server.metric(WAITING) == 1);
                await().during(Duration.ofSeconds(3)).until(() -> server.metric(IN_FLIGHT) == 3);
                redis.thaw();
                assertThat(atWork.answer()).startsWith("HTTP/1.1 200 ");
                assertThat(waiting.answer()).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    private TestServer start(HttpLimits limits) throws IOException {
        return TestServer.start(
                TestServer.config(TestRedis.goldenRepo(folder.resolve("repo"), redis), limits, null, null),
                TestServer.WHEN_FRESH);
    }

    private static boolean isRefused(URI uri) throws IOException {
        try {
            new RawConnection(uri).close();
            return false;
        } catch (ConnectException e) {
            return true;
        }
    }

    private static Answer ask(TestServer server, int driver) {
        return server.ask(body(driver));
    }

    private static String body(int driver) {
        return "{\"features\": [\"driver_stale:score\"], \"entities\": {\"driver_id\": [%d]}}".formatted(driver);
    }
}
