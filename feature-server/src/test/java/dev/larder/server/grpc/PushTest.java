package dev.larder.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import dev.larder.feast.proto.serving.PushRequest;
import dev.larder.feast.proto.serving.WriteToOnlineStoreRequest;
import dev.larder.feast.proto.types.DoubleList;
import dev.larder.feast.proto.types.Map;
import dev.larder.feast.proto.types.Null;
import dev.larder.feast.proto.types.Value;
import dev.larder.feast.proto.types.ZonedTimestamp;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.SqliteOnlineStore;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.metrics.ServerMetrics;
import dev.larder.server.online.Limits;
import dev.larder.server.online.OnlineFeatures;
import dev.larder.server.ports.ListenPort;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that come over gRPC, as whoever writes them gets them; among them those that were sent to Feast's own server. */
final class PushTest {
    @TempDir
    private Path folder = Path.of("");

    private final Written written = new Written();
    private @Nullable SqliteOnlineStore store;
    private @Nullable GrpcServer server;

    /** Remembers its calls; of one source and one view it knows nothing. */
    private static final class Written implements FeatureWriter {
        private final List<String> calls = new ArrayList<>();

        @Override
        public void push(
                String pushSource,
                java.util.Map<String, @Nullable Object> row,
                Target target,
                boolean useCachedRegistry) {
            if (pushSource.equals("nope")) {
                throw new LarderException(ErrorCode.DATA_SOURCE_NOT_FOUND, "Unable to find push source 'nope'.");
            }
            calls.add("push %s %s %s %s".formatted(pushSource, sorted(row), target, useCachedRegistry));
        }

        @Override
        public void write(String featureView, java.util.Map<String, @Nullable Object> row, boolean useCachedRegistry) {
            calls.add("write %s %s %s".formatted(featureView, sorted(row), useCachedRegistry));
        }

        private static String sorted(java.util.Map<String, @Nullable Object> row) {
            List<String> columns = new ArrayList<>();
            row.forEach((name, value) -> columns.add(name + "=" + value
                    + (value == null ? "" : ":" + value.getClass().getSimpleName())));
            columns.sort(null);
            return columns.toString();
        }
    }

    @BeforeEach
    void start() throws Exception {
        start(written);
    }

    @AfterEach
    void stop() throws Exception {
        Objects.requireNonNull(server).stop();
        Objects.requireNonNull(store).close();
    }

    private void start(@Nullable FeatureWriter writer) throws Exception {
        SqliteOnlineStore opened = SqliteOnlineStore.open(folder.resolve("online.db"), "golden");
        store = opened;
        ServerMetrics metrics = new ServerMetrics("/get-online-features");
        OnlineFeatures features = new OnlineFeatures(
                () -> {
                    throw new LarderException(ErrorCode.STEP_MISSING, "nothing applied");
                },
                opened,
                3,
                Mode.STRICT,
                Limits.DEFAULT,
                Clock.systemUTC(),
                metrics.reads());
        ExecutorService workers = Workers.start();
        GrpcServices services = new GrpcServices(
                features,
                GrpcConfig.Names.JAVA,
                writer,
                e -> e.code() == ErrorCode.DATA_SOURCE_NOT_FOUND ? 422 : 400,
                workers);
        GrpcServer started = new GrpcServer(
                "127.0.0.1",
                ListenPort.exactly(0),
                1 << 20,
                null,
                services.definitions(),
                services::isQuick,
                workers,
                () -> true,
                metrics.calls());
        started.start();
        server = started;
    }

    @Test
    void takesWhatFeastsServerTookAndRefusesWhatItRefused() throws IOException {
        List<String> answers = new ArrayList<>();
        for (JsonNode line : recorded()) {
            String method = line.path("method").asText().substring(1);
            if (!method.endsWith("/Push") && !method.endsWith("/WriteToOnlineStore")) {
                continue;
            }
            byte[] request = HexFormat.of().parseHex(line.path("request_hex").asText());
            try {
                answers.add(line.path("case").asText() + " " + HexFormat.of().formatHex(call(method, request)));
                assertThat(line.path("response_hex").asText("0801")).isEqualTo("0801");
            } catch (StatusRuntimeException e) {
                answers.add(line.path("case").asText() + " " + e.getMessage());
            }
        }
        assertThat(answers)
                .containsExactly(
                        // Feast cannot turn text into a number; whether that can be done is the writer's to say.
                        "push_text 0801",
                        "push_typed 0801",
                        "push_both INVALID_ARGUMENT: Only one of features or typed_features may be set, not both",
                        "push_unknown_source INVALID_ARGUMENT: Unable to find push source 'nope'.",
                        // Feast says INTERNAL, which a client takes for a fault of the server.
                        "push_bad_mode INVALID_ARGUMENT: to: 'x' (expected: online, offline or online_and_offline)",
                        "write_typed 0801");
        assertThat(written.calls)
                .containsExactly(
                        "push driver_push [driver_id=5001:String, event_timestamp=2024-06-01T00:00:00:String, score=0.5:String] ONLINE true",
                        "push driver_push [driver_id=5002:Integer, event_timestamp=2024-06-01T00:00:00:String, score=0.5:Double] ONLINE true",
                        "write driver_pushed [driver_id=5003:Integer, event_timestamp=2024-06-01T00:00:00:String, score=0.5:Double] true");
    }

    @Test
    void aRowIsGivenAsJsonWouldHoldIt() {
        PushRequest request = PushRequest.newBuilder()
                .setStreamFeatureView("s")
                .setTo("online_and_offline")
                .putTypedFeatures(
                        "a_null", Value.newBuilder().setNullVal(Null.NULL).build())
                .putTypedFeatures("b_unset", Value.getDefaultInstance())
                .putTypedFeatures(
                        "c_bytes",
                        Value.newBuilder()
                                .setBytesVal(ByteString.copyFromUtf8("hi"))
                                .build())
                .putTypedFeatures(
                        "d_time",
                        Value.newBuilder().setUnixTimestampVal(1_709_294_400).build())
                .putTypedFeatures(
                        "e_no_time",
                        Value.newBuilder().setUnixTimestampVal(Long.MIN_VALUE).build())
                .putTypedFeatures(
                        "f_infinite",
                        Value.newBuilder()
                                .setDoubleVal(Double.POSITIVE_INFINITY)
                                .build())
                .putTypedFeatures(
                        "g_float", Value.newBuilder().setFloatVal(0.5f).build())
                .putTypedFeatures(
                        "h_list",
                        Value.newBuilder()
                                .setDoubleListVal(
                                        DoubleList.newBuilder().addVal(1).addVal(0.5))
                                .build())
                .putTypedFeatures(
                        "i_map",
                        Value.newBuilder()
                                .setMapVal(Map.newBuilder()
                                        .putVal(
                                                "k",
                                                Value.newBuilder()
                                                        .setBoolVal(true)
                                                        .build()))
                                .build())
                .putTypedFeatures(
                        "j_long", Value.newBuilder().setInt64Val(1L << 53).build())
                .build();
        assertThat(call("GrpcFeatureServer/Push", request.toByteArray())).isEqualTo(new byte[] {8, 1});
        assertThat(written.calls)
                .containsExactly(
                        "push s [a_null=null, b_unset=null, c_bytes=aGk=:String, d_time=2024-03-01T12:00:00Z:String, e_no_time=null, f_infinite=Infinity:Double, g_float=0.5:Float, h_list=[1.0, 0.5]:ArrayList, i_map={k=true}:LinkedHashMap, j_long=9007199254740992:Long] ONLINE_AND_OFFLINE false");
    }

    @Test
    void whatNeitherIsARowNorHoldsATimeIsTheCallersMistake() {
        assertThatThrownBy(() -> call("GrpcFeatureServer/Push", new byte[] {10, 5}))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageStartingWith(
                        "INVALID_ARGUMENT: The request is not the message that GrpcFeatureServer/Push takes: ");
        WriteToOnlineStoreRequest request = WriteToOnlineStoreRequest.newBuilder()
                .putTypedFeatures(
                        "event_timestamp",
                        Value.newBuilder().setUnixTimestampVal(Long.MAX_VALUE).build())
                .build();
        assertThatThrownBy(() -> call("GrpcFeatureServer/WriteToOnlineStore", request.toByteArray()))
                .hasMessage(
                        "INVALID_ARGUMENT: Column event_timestamp: 9223372036854775807 is no time (expected: seconds since 1970)");
    }

    @Test
    void aZoneThatThereIsNotIsTheCallersMistake() {
        WriteToOnlineStoreRequest request = WriteToOnlineStoreRequest.newBuilder()
                .putTypedFeatures(
                        "seen",
                        Value.newBuilder()
                                .setZonedTimestampVal(
                                        ZonedTimestamp.newBuilder().setZone("a:b"))
                                .build())
                .build();
        assertThatThrownBy(() -> call("GrpcFeatureServer/WriteToOnlineStore", request.toByteArray()))
                .hasMessageStartingWith("INVALID_ARGUMENT: Column seen: ")
                .hasMessageContaining("invalid format: a:b");
    }

    @Test
    void aServerWithoutAWriterSaysSo() throws Exception {
        stop();
        start(null);
        for (String method : List.of("Push", "WriteToOnlineStore")) {
            assertThatThrownBy(() -> call("GrpcFeatureServer/" + method, new byte[0]))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED))
                    .hasMessageContaining("This server takes no rows over gRPC.");
        }
    }

    private static List<JsonNode> recorded() throws IOException {
        List<JsonNode> recorded = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(PushTest.class.getResourceAsStream("/golden/grpc_python_server.jsonl")),
                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                recorded.add(new JsonMapper().readTree(line));
            }
        }
        return recorded;
    }

    private byte[] call(String method, byte[] request) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", Objects.requireNonNull(server).port())
                .usePlaintext()
                .build();
        try {
            MethodDescriptor<byte[], byte[]> descriptor = MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                    .setType(MethodType.UNARY)
                    .setFullMethodName(method)
                    .build();
            return ClientCalls.blockingUnaryCall(channel, descriptor, CallOptions.DEFAULT, request);
        } finally {
            channel.shutdownNow();
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream message) {
            try {
                return message.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
