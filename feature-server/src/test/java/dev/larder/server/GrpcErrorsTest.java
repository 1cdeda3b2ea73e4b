package dev.larder.server;

import static dev.larder.server.GrpcClient.PYTHON_SERVER;
import static dev.larder.server.GrpcClient.SERVING_SERVICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import dev.larder.feast.proto.core.FeatureSpecV2;
import dev.larder.feast.proto.serving.GetOnlineFeaturesRequest;
import dev.larder.feast.proto.types.Int64List;
import dev.larder.feast.proto.types.RepeatedValue;
import dev.larder.feast.proto.types.Value;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.TestServer.FeastError;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.server.online.Limits;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a caller over gRPC is told, word by word. */
@Timeout(60)
final class GrpcErrorsTest {
    private static final int MAX_BYTES = 1_000;
    private static final int RANDOM_REQUESTS = 2_000;

    private static TestServer server;
    private static GrpcClient client;

    @BeforeAll
    static void start(@TempDir Path folder) {
        server = start(folder, new Limits(MAX_BYTES, 10, 5, 12));
        client = GrpcClient.of(server);
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    private static TestServer start(Path folder, Limits limits) {
        return TestServer.start(
                TestServer.withGrpc(
                        TestServer.config(TestServer.goldenRepo(folder), Mode.STRICT, limits),
                        GrpcConfig.Names.JAVA,
                        null),
                TestServer.WHEN_FRESH);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments(
                        request("nope:x", GrpcClient.int64(1)),
                        Status.Code.NOT_FOUND,
                        "Feature view nope does not exist in project golden (known: driver_basic, driver_batch_agg, driver_pushed, driver_rich, driver_stale, driver_stream_agg, global_stats, pair_stats)"),
                arguments(
                        request("driver_stale:nope", GrpcClient.int64(1)),
                        Status.Code.NOT_FOUND,
                        "Feature nope not found in feature view driver_stale (known: score)"),
                arguments(
                        GetOnlineFeaturesRequest.newBuilder()
                                .setFeatureService("nope")
                                .putEntities("driver_id", GrpcClient.int64(1))
                                .build(),
                        Status.Code.NOT_FOUND,
                        "Feature service nope does not exist in project golden (known: alias_service, basic_service, odfv_service)"),
                arguments(
                        request("basic_pandas:int64_plus_one", GrpcClient.int64(1)),
                        Status.Code.UNIMPLEMENTED,
                        "On-demand feature view basic_pandas is Python code, which this server does not run. Ask for the features that it is computed from, and compute it in the caller."),
                arguments(
                        request("score", GrpcClient.int64(1)),
                        Status.Code.INVALID_ARGUMENT,
                        "Invalid feature reference 'score' (expected: <feature_view>:<feature>)"),
                arguments(
                        GetOnlineFeaturesRequest.newBuilder()
                                .putEntities("driver_id", GrpcClient.int64(1))
                                .build(),
                        Status.Code.INVALID_ARGUMENT,
                        "No features specified for retrieval (expected: \"features\": [\"<feature_view>:<feature>\", ...] or \"feature_service\": \"<name>\")"),
                arguments(
                        GrpcClient.features("driver_stale:score").build(),
                        Status.Code.INVALID_ARGUMENT,
                        "No entity rows: \"entities\" is empty (expected: \"driver_id\": [...])"),
                arguments(
                        request("driver_stale:score", GrpcClient.column()),
                        Status.Code.INVALID_ARGUMENT,
                        "No entity rows: column driver_id is empty (expected: \"driver_id\": [...])"),
                arguments(
                        GrpcClient.features("driver_stale:score", "driver_stale:score")
                                .putEntities("driver_id", GrpcClient.int64(1))
                                .build(),
                        Status.Code.INVALID_ARGUMENT,
                        "Duplicate features named driver_stale:score found: driver_stale:score, driver_stale:score. Name it once."),
                arguments(
                        request("pair_stats:trips", GrpcClient.int64(1)),
                        Status.Code.INVALID_ARGUMENT,
                        "Missing join key values for keys: customer_id of feature view pair_stats (given: driver_id)"),
                arguments(
                        request("driver_stale:score", GrpcClient.column(Value.getDefaultInstance())),
                        Status.Code.INVALID_ARGUMENT,
                        "Column driver_id, row 0: null is no join key (expected: Int64)"),
                arguments(
                        request("driver_stale:score", GrpcClient.column(GrpcClient.text("abc"))),
                        Status.Code.INVALID_ARGUMENT,
                        "Column driver_id, row 0: \"abc\" cannot be read as Int64 (accepted: a number, which is cut to a whole one, true, false, or text of a whole number)"),
                arguments(
                        request(
                                "driver_stale:score",
                                GrpcClient.column(Value.newBuilder()
                                        .setBytesVal(ByteString.copyFromUtf8("abc"))
                                        .build())),
                        Status.Code.INVALID_ARGUMENT,
                        "Column driver_id, row 0: 3 bytes cannot be read as Int64 (accepted: a number, which is cut to a whole one, true, false, or text of a whole number)"),
                arguments(
                        request(
                                "driver_stale:score",
                                GrpcClient.column(Value.newBuilder()
                                        .setInt64ListVal(Int64List.newBuilder().addVal(1))
                                        .build())),
                        Status.Code.INVALID_ARGUMENT,
                        "Column driver_id, row 0: a int64_list_val cannot be read as Int64 (accepted: a number, which is cut to a whole one, true, false, or text of a whole number)"),
                arguments(
                        request("driver_stale:score", GrpcClient.int64(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)),
                        Status.Code.INVALID_ARGUMENT,
                        "11 entity rows in one request (allowed: 10). Send several requests, or start the server with a greater --max-rows."),
                arguments(
                        GrpcClient.features(
                                        "driver_basic:f_int64",
                                        "driver_basic:f_int32",
                                        "driver_basic:f_float",
                                        "driver_basic:f_double",
                                        "driver_basic:f_string",
                                        "driver_basic:f_bool")
                                .putEntities("driver_id", GrpcClient.int64(1))
                                .build(),
                        Status.Code.INVALID_ARGUMENT,
                        "6 features in one request (allowed: 5). Send several requests, or start the server with a greater --max-features."),
                arguments(
                        GrpcClient.features("driver_basic:f_int64", "driver_basic:f_int32", "driver_basic:f_float")
                                .putEntities("driver_id", GrpcClient.int64(1, 2, 3, 4, 5))
                                .build(),
                        Status.Code.INVALID_ARGUMENT,
                        "5 entity rows with 3 features are 15 values in one request (allowed: 12). Send several requests, or start the server with a greater --max-values."));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void theCallersMistakesHaveAStatusThatIsNotRepeated(
            GetOnlineFeaturesRequest request, Status.Code code, String description) {
        Status refusal = client.refusal(SERVING_SERVICE, request);
        assertThat(refusal.getDescription()).isEqualTo(description);
        assertThat(refusal.getCode()).isEqualTo(code);
    }

    @Test
    void bytesThatAreNoRequestAreTheCallersMistake() {
        Status refusal = client.refusal(SERVING_SERVICE + "/GetOnlineFeatures", new byte[] {10, 5, 'x'});
        assertThat(refusal.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal.getDescription())
                .startsWith(
                        "The request is not the message that feast.serving.ServingService/GetOnlineFeatures takes: ");
    }

    @Test
    void methodsThatThereAreNotAreUnimplemented() {
        assertThat(client.refusal(SERVING_SERVICE + "/GetOnlineFeaturesV2", new byte[0])
                        .getCode())
                .isEqualTo(Status.Code.UNIMPLEMENTED);
        assertThat(client.refusal(PYTHON_SERVER + "/Pull", new byte[0]).getCode())
                .isEqualTo(Status.Code.UNIMPLEMENTED);
    }

    @Test
    void aRequestThatIsTooLargeIsRefusedPackedOrNot() {
        byte[] large = request("driver_stale:score", GrpcClient.column(GrpcClient.text("x".repeat(MAX_BYTES))))
                .toByteArray();
        Status refusal = client.refusal(SERVING_SERVICE + "/GetOnlineFeatures", large);
        assertThat(refusal.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refusal.getDescription())
                .isEqualTo("gRPC message exceeds maximum size %d: %d".formatted(MAX_BYTES, large.length));
        assertThatThrownBy(() -> client.call(
                        SERVING_SERVICE + "/GetOnlineFeatures", large, CallOptions.DEFAULT.withCompression("gzip")))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessage("RESOURCE_EXHAUSTED: Decompressed gRPC message exceeds maximum size " + MAX_BYTES);
    }

    @Test
    void aPackedRequestIsRead() {
        byte[] request = request("driver_stale:score", GrpcClient.int64(1001)).toByteArray();
        assertThat(client.call(
                        PYTHON_SERVER + "/GetOnlineFeatures", request, CallOptions.DEFAULT.withCompression("gzip")))
                .isEqualTo(client.call(PYTHON_SERVER + "/GetOnlineFeatures", request));
    }

    @Test
    void aListOfNamesThatIsTooLongForTrailersIsCut(@TempDir Path folder) throws IOException {
        try (TestServer wide = start(folder, Limits.DEFAULT);
                GrpcClient asking = GrpcClient.of(wide)) {
            Registries.change(folder, registry -> registry.getFeatureViewsBuilderList().stream()
                    .filter(view -> view.getSpec().getName().equals("driver_stale"))
                    .forEach(view -> {
                        for (int i = 0; i < 3_000; i++) {
                            view.getSpecBuilder()
                                    .addFeatures(FeatureSpecV2.newBuilder().setName("é" + i));
                        }
                    }));
            wide.refreshRegistry();
            Status refusal = asking.refusal(SERVING_SERVICE, request("driver_stale:nope", GrpcClient.int64(1)));
            assertThat(refusal.getCode()).isEqualTo(Status.Code.NOT_FOUND);
            assertThat(refusal.getDescription())
                    .startsWith("Feature nope not found in feature view driver_stale (known: score, é0, é1, ")
                    .endsWith("...");
        }
    }

    @Test
    void aStoreThatCannotBeReadIsUnavailableAndACorruptOneAFault(@TempDir Path folder) throws IOException {
        GetOnlineFeaturesRequest request = request("driver_stale:score", GrpcClient.int64(1001));
        try (TestServer asked = start(folder, Limits.DEFAULT);
                GrpcClient asking = GrpcClient.of(asked)) {
            Path store = folder.resolve("online_store.db");
            Files.delete(store);
            Status missing = asking.refusal(SERVING_SERVICE, request);
            FeastError http = asked.ask(
                            "{\"features\": [\"driver_stale:score\"], \"entities\": {\"driver_id\": [1001]}}")
                    .feastError();
            assertThat(missing.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(missing.getDescription()).isEqualTo(http.message()).contains("does not exist");
            Files.writeString(store, "not a database, but long enough to be looked at".repeat(40));
            assertThat(asking.refusal(SERVING_SERVICE, request).getCode()).isEqualTo(Status.Code.INTERNAL);
        }
    }

    /** A caller can send what he likes: he is told that it is his mistake. */
    @Test
    void noRequestIsAFaultOfTheServer() {
        Set<Status.Code> callers =
                Set.of(Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND, Status.Code.UNIMPLEMENTED);
        byte[] whole = request("driver_stale:score", GrpcClient.int64(1001)).toByteArray();
        Random random = new Random(20261121);
        int answered = 0;
        for (int i = 0; i < RANDOM_REQUESTS; i++) {
            byte[] request = whole.clone();
            for (int changes = random.nextInt(3); changes > 0; changes--) {
                request[random.nextInt(request.length)] = (byte) random.nextInt(256);
            }
            try {
                client.call(SERVING_SERVICE + "/GetOnlineFeatures", request);
                answered++;
            } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode()).as(e.getMessage()).isIn(callers);
            }
        }
        assertThat(answered).isBetween(RANDOM_REQUESTS / 4, RANDOM_REQUESTS * 3 / 4);
    }

    private static GetOnlineFeaturesRequest request(String feature, RepeatedValue drivers) {
        return GrpcClient.features(feature).putEntities("driver_id", drivers).build();
    }
}
