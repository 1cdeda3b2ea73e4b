package dev.larder.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.larder.client.FeatureClientException.Reason;
import dev.larder.server.Tls;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many calls at once, TLS, and servers and stores that hang, go and come back. */
@Timeout(300)
final class ConnectionTest {
    private static final FeatureRequest SCORE = FeatureRequest.features("driver_stale:score")
            .entity("driver_id", 1001)
            .build();

    @TempDir
    private Path folder = Path.of("");

    @Test
    void aThousandCallsAtOnceAreEachAnsweredTheirOwn() {
        try (TestServer server = TestServer.start(TestServer.goldenRepo(folder));
                FeatureClient client = server.client().build()) {
            List<CompletableFuture<FeatureTable>> calls = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                calls.add(client.get(FeatureRequest.features("driver_stale:score", "driver_basic:f_int64")
                        .entity("driver_id", i % 2 == 0 ? 1001 : 1_000_000 + i)
                        .entity("driver_id", 1002)
                        .build()));
            }
            for (int i = 0; i < calls.size(); i++) {
                FeatureTable table = calls.get(i).join();
                assertThat(table.row(0).getDouble("score")).isEqualTo(i % 2 == 0 ? 0.25 : null);
                assertThat(table.row(0).entity().get("driver_id")).isEqualTo(i % 2 == 0 ? 1001 : 1_000_000 + i);
                assertThat(table.row(1).getLong("f_int64")).isEqualTo(-5);
            }
        }
    }

    @Test
    void tlsTrustsTheGivenAuthorityAndNoOther() throws Exception {
        openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.crt");
        openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout other.key -out other.crt");
        openssl("req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr");
        Files.writeString(folder.resolve("names"), "subjectAltName=IP:127.0.0.1\n");
        openssl(
                "x509 -req -days 2 -CA ca.crt -CAkey ca.key -CAcreateserial -extfile names -in server.csr -out server.crt");
        Tls tls = new Tls(folder.resolve("server.key"), folder.resolve("server.crt"));
        Path repo = TestServer.goldenRepo(folder.resolve("repo"));
        try (TestServer server = TestServer.start(repo, config -> config.withTls(tls));
                FeatureClient trusting =
                        server.client().tls(folder.resolve("ca.crt")).build();
                FeatureClient wary =
                        server.client().tls(folder.resolve("other.crt")).build();
                FeatureClient ofTheJdk = server.client().tls().build();
                FeatureClient plain = server.client().build()) {
            assertThat(trusting.getBlocking(SCORE).row(0).getDouble("score")).isEqualTo(0.25);
            for (FeatureClient refused : List.of(wary, ofTheJdk)) {
                assertThatThrownBy(() -> refused.getBlocking(SCORE))
                        .hasMessageStartingWith("127.0.0.1:%d cannot be reached: ".formatted(server.port()))
                        .hasMessageContaining("certification path")
                        .isInstanceOfSatisfying(FeatureClientException.class, e -> assertThat(e.reason())
                                .isEqualTo(Reason.UNAVAILABLE));
            }
            assertFails(Reason.UNAVAILABLE, () -> plain.getBlocking(SCORE));
        }
    }

    @Test
    void anAuthorityThatIsNoneIsNamed() throws IOException {
        Path absent = folder.resolve("absent.pem");
        ReadTest.assertFails(
                Reason.INVALID_REQUEST,
                "Cannot read the authority's certificate %s (NoSuchFileException). Name a PEM file that this user may read."
                        .formatted(absent),
                () -> FeatureClient.to("localhost", 1).tls(absent));
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");
        ReadTest.assertFails(
                Reason.INVALID_REQUEST,
                "%s holds no certificate (expected: PEM, -----BEGIN CERTIFICATE-----)".formatted(empty),
                () -> FeatureClient.to("localhost", 1).tls(empty));
    }

    @Test
    void aStoreThatHangsEndsInTheDeadlineAndACallMayBeGivenUp() throws IOException {
        try (RedisServers servers = TestServer.redis(Files.createDirectory(folder.resolve("redis")))) {
            RedisServer redis = servers.standalone();
            Path repo = TestServer.redisRepo(folder.resolve("repo"), redis);
            try (TestServer server = TestServer.start(repo);
                    FeatureClient client = server.client().build()) {
                assertThat(client.getBlocking(SCORE).row(0).status("score")).isEqualTo(FeatureStatus.NOT_FOUND);
                redis.freeze();
                try {
                    CompletableFuture<FeatureTable> givenUp = client.get(SCORE);
                    long start = System.nanoTime();
                    ReadTest.assertFails(
                            Reason.DEADLINE,
                            "127.0.0.1:%d did not answer within 300 ms. Allow a longer deadline, or see what keeps it."
                                    .formatted(server.port()),
                            () -> client.getBlocking(FeatureRequest.features("driver_stale:score")
                                    .entity("driver_id", 1001)
                                    .deadline(Duration.ofMillis(300))
                                    .build()));
                    assertThat(Duration.ofNanos(System.nanoTime() - start))
                            .isBetween(Duration.ofMillis(300), Duration.ofSeconds(30));
                    assertThat(givenUp).isNotDone();
                    givenUp.cancel(true);
                    assertThatThrownBy(givenUp::join).isInstanceOf(CancellationException.class);

                    Thread.currentThread().interrupt();
                    assertFails(Reason.CANCELLED, () -> client.getBlocking(SCORE));
                    assertThat(Thread.interrupted()).isTrue();
                } finally {
                    redis.thaw();
                }
                assertThat(client.getBlocking(SCORE).row(0).status("score")).isEqualTo(FeatureStatus.NOT_FOUND);
            }
        }
    }

    @Test
    void aRowIsSentOnceEvenIfTheStoreIsAway() throws Exception {
        OnlineRow row = OnlineRow.at(TestServer.WHEN_STALE).set("driver_id", 1).set("score", 1.0);
        try (RedisServers servers = TestServer.redis(Files.createDirectory(folder.resolve("redis")))) {
            RedisServer redis = servers.standalone();
            Path repo = TestServer.redisRepo(folder.resolve("repo"), redis);
            try (TestServer server = TestServer.start(repo);
                    FeatureClient client = server.client().retries(10).build()) {
                client.pushBlocking("driver_push", row);
                redis.stop();
                assertFails(Reason.UNAVAILABLE, () -> client.pushBlocking("driver_push", row));
                assertThat(server.calls("Push", "UNAVAILABLE")).isEqualTo(1);
            }
        }
    }

    @Test
    void aReadIsAskedAgainWhileTheStoreIsAwayIfToldSo() throws Exception {
        Path repo = TestServer.goldenRepo(folder);
        Path store = repo.resolve("online_store.db");
        Path away = repo.resolve("away.db");
        try (TestServer server = TestServer.start(repo);
                FeatureClient once = server.client().build();
                FeatureClient patient = server.client().retries(10).build()) {
            Files.move(store, away);
            assertFails(Reason.UNAVAILABLE, () -> once.getBlocking(SCORE));
            assertThat(server.calls("GetOnlineFeatures", "UNAVAILABLE")).isEqualTo(1);

            assertFails(Reason.UNAVAILABLE, () -> patient.getBlocking(SCORE));
            assertThat(server.calls("GetOnlineFeatures", "UNAVAILABLE")).isEqualTo(12);

            CompletableFuture<FeatureTable> answered = patient.get(SCORE);
            await().until(() -> server.calls("GetOnlineFeatures", "UNAVAILABLE") > 12 || answered.isDone());
            Files.move(away, store);
            // Where the machine was too slow to bring the store back in time, all eleven attempts were in vain.
            try {
                assertThat(answered.join().row(0).getDouble("score")).isEqualTo(0.25);
            } catch (CompletionException e) {
                assertThat(server.calls("GetOnlineFeatures", "UNAVAILABLE")).isEqualTo(23);
            }
        }
    }

    @Test
    void aServerThatComesBackIsUsedSoon() throws IOException {
        int port = freePort();
        Path repo = TestServer.goldenRepo(folder);
        try (FeatureClient client = FeatureClient.to("127.0.0.1", port)
                .deadline(TestServer.PATIENCE)
                .build()) {
            assertThatThrownBy(() -> client.getBlocking(SCORE))
                    .hasMessage("127.0.0.1:%d cannot be reached: Connection refused".formatted(port))
                    .isInstanceOfSatisfying(FeatureClientException.class, e -> assertThat(e.reason())
                            .isEqualTo(Reason.UNAVAILABLE));
            for (int life = 0; life < 2; life++) {
                try (TestServer server = TestServer.start(
                        repo, config -> config.withGrpc(new GrpcConfig(port, GrpcConfig.Names.JAVA)))) {
                    assertThat(server.port()).isEqualTo(port);
                    await().atMost(Duration.ofSeconds(60)).until(() -> isAnswered(client));
                }
                assertFails(Reason.UNAVAILABLE, () -> client.getBlocking(SCORE));
            }
        }
    }

    @Test
    void anAnswerThatIsTooLargeAndAClosedClientAreSaid() {
        try (TestServer server = TestServer.start(TestServer.goldenRepo(folder))) {
            try (FeatureClient small = server.client().maxAnswerBytes(20).build()) {
                assertFails(Reason.INVALID_REQUEST, () -> small.getBlocking(SCORE));
            }
            FeatureClient closed = server.client().build();
            List<CompletableFuture<FeatureTable>> atWork =
                    Stream.generate(() -> closed.get(SCORE)).limit(200).toList();
            closed.close();
            assertThat(atWork).as("they were waited for").allMatch(CompletableFuture::isDone);
            assertThat(atWork).allSatisfy(answer -> assertThat(answer).isCompleted());
            ReadTest.assertFails(
                    Reason.CANCELLED,
                    "This client of 127.0.0.1:%d is closed".formatted(server.port()),
                    () -> closed.getBlocking(SCORE));
        }
    }

    @Test
    void settingsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> FeatureClient.to("localhost", 1).retries(11))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("retries: 11 (expected: 0 to 10)");
        assertThatThrownBy(() -> FeatureClient.to("localhost", 1).deadline(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("deadline: PT0S (expected: > 0)");
    }

    private static boolean isAnswered(FeatureClient client) {
        try {
            return client.getBlocking(SCORE).size() == 1;
        } catch (FeatureClientException e) {
            assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE);
            return false;
        }
    }

    private static void assertFails(Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(FeatureClientException.class, e -> assertThat(e.reason())
                .as(e.getMessage())
                .isEqualTo(reason));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void openssl(String arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments.split(" ")));
        Path log = folder.resolve("openssl.log");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    }
}
