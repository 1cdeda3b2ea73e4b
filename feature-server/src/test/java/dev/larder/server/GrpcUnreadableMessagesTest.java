package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.fuzz.LogWatch;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.server.online.Limits;
import io.grpc.Status;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that are no message are the caller's mistake in the services of gRPC's own, too, and fill no log. */
@Timeout(60)
final class GrpcUnreadableMessagesTest {
    private static TestServer server;
    private static GrpcClient client;

    @BeforeAll
    static void start(@TempDir Path folder) {
        server = TestServer.start(
                TestServer.withGrpc(
                        TestServer.config(TestServer.goldenRepo(folder), Mode.STRICT, Limits.DEFAULT),
                        GrpcConfig.Names.JAVA,
                        null),
                TestServer.WHEN_FRESH);
        client = GrpcClient.of(server);
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "grpc.health.v1.Health/Check",
                "grpc.health.v1.Health/Watch",
                "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
            })
    void isRefused(String method) {
        try (LogWatch log = LogWatch.open()) {
            Status refusal = client.refusal(method, new byte[] {10, 5, 'x'});
            assertThat(refusal.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(refusal.getDescription())
                    .startsWith("The request is not the message that " + method + " takes: ");
            assertThat(log.traces()).isEmpty();
        }
    }
}
