package dev.larder.server;

import static dev.larder.server.GrpcClient.SERVING_SERVICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.feast.proto.serving.FieldStatus;
import dev.larder.feast.proto.serving.GetOnlineFeaturesRequest;
import dev.larder.feast.proto.serving.GetOnlineFeaturesResponse;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.server.online.Limits;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starting and stopping gRPC beside HTTP, and what it answers besides Feast's services. */
@Timeout(60)
final class GrpcLifeTest {
    private static final GetOnlineFeaturesRequest SCORE = GrpcClient.features("driver_stale:score")
            .putEntities("driver_id", GrpcClient.int64(1001))
            .build();

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void golden() {
        TestServer.goldenRepo(folder);
    }

    @Test
    void gRpcMayBeLeftOut() {
        try (FeatureServer server =
                FeatureServer.start(TestServer.config(folder, Mode.STRICT, Limits.DEFAULT), Clock.systemUTC())) {
            assertThat(server.grpcAddress()).isEmpty();
        }
    }

    @Test
    void aTakenPortIsNamedWithTheWayOutAndNothingStaysBehind() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ServerConfig config = grpc(null);
            ServerConfig onTaken = ServerConfig.plain(
                            config.store(), config.mode(), config.host(), freePort(), 0, Duration.ZERO, config.limits())
                    .withGrpc(new GrpcConfig(taken.getLocalPort(), GrpcConfig.Names.JAVA));
            assertThatThrownBy(() -> FeatureServer.start(onTaken, Clock.systemUTC()))
                    .isInstanceOfSatisfying(
                            LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PORT_TAKEN))
                    .hasMessageMatching(
                            "Cannot listen on 127\\.0\\.0\\.1:%d: .+\\. Stop the program that has the port, perhaps another Larder server, or choose another port with --grpc-port \\(0: any free one\\)\\."
                                    .formatted(taken.getLocalPort()));
            try (ServerSocket http = new ServerSocket(onTaken.port(), 1, InetAddress.getLoopbackAddress())) {
                assertThat(http.isBound()).isTrue();
            }
        }
    }

    @Test
    void callsAtWorkAreFinishedAndNewOnesRefused() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        InstantSource held = () -> {
            asked.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return TestServer.WHEN_FRESH;
        };
        FeatureServer server = FeatureServer.start(grpc(null), held.withZone(ZoneOffset.UTC));
        try (GrpcClient client = client(server);
                GrpcClient other = client(server)) {
            CompletableFuture<GetOnlineFeaturesResponse> answer =
                    CompletableFuture.supplyAsync(() -> client.ask(SERVING_SERVICE, SCORE));
            asked.await();
            CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
            Awaitility.await().until(() -> isRefused(other));
            assertThat(closed).isNotDone();
            assertThat(answer).isNotDone();
            goOn.countDown();
            assertThat(GrpcClient.vector(answer.get(30, TimeUnit.SECONDS), "driver_stale:score")
                            .getStatuses(0))
                    .isEqualTo(FieldStatus.PRESENT);
            closed.get(30, TimeUnit.SECONDS);
        } finally {
            goOn.countDown();
            server.close();
        }
    }

    @Test
    void healthIsThatOfHttp() throws IOException {
        try (TestServer server = TestServer.start(grpc(null), TestServer.WHEN_FRESH);
                GrpcClient client = GrpcClient.of(server)) {
            for (String service : List.of("", SERVING_SERVICE, GrpcClient.PYTHON_SERVER)) {
                assertThat(check(client, service)).as(service).isEqualTo(ServingStatus.SERVING);
            }
            assertThatThrownBy(() -> check(client, "nope"))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasMessage(
                            "NOT_FOUND: Service nope is not served (known: GrpcFeatureServer, feast.serving.ServingService)");
            Files.delete(folder.resolve("online_store.db"));
            assertThat(server.get("/health").status()).isEqualTo(503);
            assertThat(check(client, "")).isEqualTo(ServingStatus.NOT_SERVING);
            TestServer.copyGolden("online_store.db", folder);
            assertThat(server.get("/health").status()).isEqualTo(200);
            assertThat(check(client, "")).isEqualTo(ServingStatus.SERVING);
        }
    }

    @Test
    void whoWatchesHealthIsToldOfChangesAndOfTheEnd() throws Exception {
        Answers<HealthCheckResponse> known = new Answers<>();
        Answers<HealthCheckResponse> unknown = new Answers<>();
        TestServer server = TestServer.start(grpc(null), TestServer.WHEN_FRESH);
        try (GrpcClient client = GrpcClient.of(server)) {
            HealthGrpc.HealthStub health = HealthGrpc.newStub(client.channel());
            health.watch(HealthCheckRequest.getDefaultInstance(), known);
            health.watch(HealthCheckRequest.newBuilder().setService("nope").build(), unknown);
            assertThat(known.next()).isEqualTo("SERVING");
            assertThat(unknown.next()).isEqualTo("SERVICE_UNKNOWN");
            Files.delete(folder.resolve("online_store.db"));
            assertThat(known.next()).isEqualTo("NOT_SERVING");
            TestServer.copyGolden("online_store.db", folder);
            assertThat(known.next()).isEqualTo("SERVING");
            long before = System.nanoTime();
            server.close();
            assertThat(known.next()).isEqualTo("UNAVAILABLE: The server is stopping.");
            assertThat(unknown.next()).isEqualTo("UNAVAILABLE: The server is stopping.");
            // Who watches does not hold the end up for the time that calls at work are given.
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(9));
        } finally {
            server.close();
        }
    }

    @Test
    void reflectionDescribesTheServicesInBothVersions() throws Exception {
        try (TestServer server = TestServer.start(grpc(null), TestServer.WHEN_FRESH);
                GrpcClient client = GrpcClient.of(server)) {
            Answers<ServerReflectionResponse> answers = new Answers<>();
            StreamObserver<ServerReflectionRequest> asking =
                    ServerReflectionGrpc.newStub(client.channel()).serverReflectionInfo(answers);
            asking.onNext(
                    ServerReflectionRequest.newBuilder().setListServices("").build());
            assertThat(answers.take().getListServicesResponse().getServiceList())
                    .extracting(ServiceResponse::getName)
                    .containsExactlyInAnyOrder(
                            SERVING_SERVICE,
                            GrpcClient.PYTHON_SERVER,
                            "grpc.health.v1.Health",
                            "grpc.reflection.v1.ServerReflection",
                            "grpc.reflection.v1alpha.ServerReflection");
            for (String service : List.of(SERVING_SERVICE, GrpcClient.PYTHON_SERVER)) {
                asking.onNext(ServerReflectionRequest.newBuilder()
                        .setFileContainingSymbol(service)
                        .build());
                assertThat(answers.take().getFileDescriptorResponse().getFileDescriptorProtoList())
                        .as(service)
                        .isNotEmpty();
            }
            asking.onCompleted();

            Answers<io.grpc.reflection.v1alpha.ServerReflectionResponse> older = new Answers<>();
            StreamObserver<io.grpc.reflection.v1alpha.ServerReflectionRequest> askingOlder =
                    io.grpc.reflection.v1alpha.ServerReflectionGrpc.newStub(client.channel())
                            .serverReflectionInfo(older);
            askingOlder.onNext(io.grpc.reflection.v1alpha.ServerReflectionRequest.newBuilder()
                    .setFileContainingSymbol(SERVING_SERVICE + ".GetOnlineFeatures")
                    .build());
            assertThat(older.take().getFileDescriptorResponse().getFileDescriptorProtoCount())
                    .isPositive();
            askingOlder.onCompleted();
        }
    }

    @Test
    void tlsProvesTheServerAndPlainCallsAreRefused() throws Exception {
        Certificates certificates = Certificates.make(folder);
        Tls tls = new Tls(certificates.key(), certificates.certificate());
        try (TestServer server = TestServer.start(grpc(tls), TestServer.WHEN_FRESH);
                GrpcClient plain = GrpcClient.of(server);
                GrpcClient trusting = new GrpcClient(NettyChannelBuilder.forTarget(server.grpcAddress())
                        .overrideAuthority("localhost")
                        .sslContext(GrpcSslContexts.forClient()
                                .trustManager(certificates.authority().toFile())
                                .build())
                        .build());
                GrpcClient doubting = new GrpcClient(NettyChannelBuilder.forTarget(server.grpcAddress())
                        .overrideAuthority("localhost")
                        .build())) {
            assertThat(GrpcClient.vector(trusting.ask(SERVING_SERVICE, SCORE), "driver_stale:score")
                            .getStatuses(0))
                    .isEqualTo(FieldStatus.PRESENT);
            assertThat(plain.refusal(SERVING_SERVICE, SCORE).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(doubting.refusal(SERVING_SERVICE, SCORE).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        }
    }

    private ServerConfig grpc(@Nullable Tls tls) {
        return TestServer.withGrpc(TestServer.config(folder, Mode.STRICT, Limits.DEFAULT), GrpcConfig.Names.JAVA, tls);
    }

    private static GrpcClient client(FeatureServer server) {
        return new GrpcClient(NettyChannelBuilder.forTarget(server.grpcAddress().orElseThrow())
                .usePlaintext()
                .build());
    }

    private static boolean isRefused(GrpcClient client) {
        try {
            client.call(SERVING_SERVICE + "/GetFeastServingInfo", new byte[0]);
            return false;
        } catch (StatusRuntimeException e) {
            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            return true;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static ServingStatus check(GrpcClient client, String service) {
        return HealthGrpc.newBlockingStub(client.channel())
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .check(HealthCheckRequest.newBuilder().setService(service).build())
                .getStatus();
    }

    /** What a stream brings, in order. */
    private static final class Answers<T> implements StreamObserver<T> {
        private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();

        @Override
        public void onNext(T answer) {
            arrived.add(answer);
        }

        @Override
        public void onError(Throwable failure) {
            arrived.add(failure);
        }

        @Override
        public void onCompleted() {
            arrived.add("completed");
        }

        @SuppressWarnings("unchecked")
        T take() throws InterruptedException {
            return (T) nextObject();
        }

        /** A health status, or the end's message. */
        String next() throws InterruptedException {
            Object next = nextObject();
            if (next instanceof HealthCheckResponse health) {
                return health.getStatus().name();
            }
            return next instanceof Throwable failure ? String.valueOf(failure.getMessage()) : next.toString();
        }

        private Object nextObject() throws InterruptedException {
            Object next = arrived.poll(30, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing came");
            }
            return next;
        }
    }
}
