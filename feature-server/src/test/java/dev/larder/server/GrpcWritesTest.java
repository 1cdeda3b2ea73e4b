package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.feast.proto.serving.GetOnlineFeaturesResponse;
import dev.larder.feast.proto.serving.PushRequest;
import dev.larder.feast.proto.serving.WriteToOnlineStoreRequest;
import dev.larder.feast.proto.types.Int64List;
import dev.larder.feast.proto.types.Value;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.server.online.Limits;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that come over gRPC are in the online store. */
final class GrpcWritesTest {
    private static final String PUSH = "GrpcFeatureServer/Push";
    private static final String WRITE = "GrpcFeatureServer/WriteToOnlineStore";

    @TempDir
    private Path folder = Path.of("");

    @Test
    void whatWasSentToFeastsServerIsReadBackAsItWas() throws IOException {
        List<String> answers = new ArrayList<>();
        try (TestServer server = start(Mode.FEAST);
                GrpcClient client = GrpcClient.of(server);
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(TestServer.golden("grpc_python_server.jsonl"), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode recorded = TestServer.JSON.readTree(line);
                String name = recorded.path("case").asText();
                String method = recorded.path("method").asText().substring(1);
                byte[] request =
                        HexFormat.of().parseHex(recorded.path("request_hex").asText());
                if (method.equals(PUSH) || method.equals(WRITE)) {
                    answers.add(name + " " + answer(client, method, request));
                } else if (name.equals("read_back")) {
                    assertThat(GetOnlineFeaturesResponse.parseFrom(client.call(method, request)))
                            .isEqualTo(GetOnlineFeaturesResponse.parseFrom(HexFormat.of()
                                    .parseHex(recorded.path("response_hex").asText())));
                    answers.add(name);
                }
            }
        }
        assertThat(answers)
                .containsExactly(
                        // Feast fails there with INTERNAL.
                        "push_text INVALID_ARGUMENT: Feature view driver_pushed, column score, row 0: \"0.5\" cannot be read as Float64 (accepted: a number)",
                        "push_typed 0801",
                        "push_both INVALID_ARGUMENT: Only one of features or typed_features may be set, not both",
                        "push_unknown_source INVALID_ARGUMENT: Unable to find push source 'nope'. Push sources that feed feature views: driver_push.",
                        "push_bad_mode INVALID_ARGUMENT: to: 'x' (expected: online, offline or online_and_offline)",
                        "write_typed 0801",
                        "read_back");
    }

    @Test
    void typedValuesAreWrittenAndMistakesHaveAStatus() {
        try (TestServer server = start(Mode.STRICT);
                GrpcClient client = GrpcClient.of(server)) {
            WriteToOnlineStoreRequest basic = WriteToOnlineStoreRequest.newBuilder()
                    .setFeatureViewName("driver_basic")
                    .putTypedFeatures(
                            "driver_id", Value.newBuilder().setInt32Val(7).build())
                    .putTypedFeatures(
                            "f_int64",
                            Value.newBuilder().setInt64Val(Long.MAX_VALUE).build())
                    .putTypedFeatures(
                            "f_double",
                            Value.newBuilder()
                                    .setDoubleVal(Double.NEGATIVE_INFINITY)
                                    .build())
                    .putTypedFeatures(
                            "l_int64",
                            Value.newBuilder()
                                    .setInt64ListVal(
                                            Int64List.newBuilder().addVal(1).addVal(2))
                                    .build())
                    .putTypedFeatures("f_string", Value.getDefaultInstance())
                    .putTypedFeatures(
                            "event_timestamp",
                            Value.newBuilder()
                                    .setUnixTimestampVal(1_709_380_800)
                                    .build())
                    .build();

            assertThat(answer(client, WRITE, basic.toByteArray())).isEqualTo("0801");

            JsonNode read = server.ask(Map.of(
                            "features",
                            List.of(
                                    "driver_basic:f_int64",
                                    "driver_basic:f_double",
                                    "driver_basic:l_int64",
                                    "driver_basic:f_string",
                                    "driver_basic:f_bool"),
                            "entities",
                            Map.of("driver_id", List.of(7))))
                    .json();
            assertThat(read.at("/results/1/values/0").longValue()).isEqualTo(Long.MAX_VALUE);
            assertThat(read.at("/results/2/values/0").asText()).isEqualTo("-Infinity");
            assertThat(read.at("/results/3/values/0").toString()).isEqualTo("[1,2]");
            assertThat(read.at("/results/4/statuses/0").asText()).isEqualTo("NULL_VALUE");
            assertThat(read.at("/results/5/statuses/0").asText()).isEqualTo("NOT_FOUND");
            assertThat(read.at("/results/1/event_timestamps/0").asText()).isEqualTo("2024-03-02T12:00:00Z");

            assertThat(answer(
                            client,
                            WRITE,
                            basic.toBuilder().setFeatureViewName("nope").build().toByteArray()))
                    .startsWith("NOT_FOUND: Can't recognize feast object with a name nope (known: driver_basic,");
            assertThat(answer(
                            client,
                            PUSH,
                            PushRequest.newBuilder()
                                    .setStreamFeatureView("driver_push")
                                    .setTo("offline")
                                    .putFeatures("driver_id", "7")
                                    .build()
                                    .toByteArray()))
                    .startsWith("UNIMPLEMENTED: \"to\": \"offline\" would write to the source of driver_pushed, too,");
        }
    }

    private TestServer start(Mode mode) {
        return TestServer.start(
                TestServer.withGrpc(
                        TestServer.config(TestServer.goldenRepo(folder), mode, Limits.DEFAULT),
                        GrpcConfig.Names.JAVA,
                        null),
                TestServer.WHEN_FRESH);
    }

    /** The answer's bytes, or the status. */
    private static String answer(GrpcClient client, String method, byte[] request) {
        try {
            return HexFormat.of().formatHex(client.call(method, request));
        } catch (StatusRuntimeException e) {
            Status status = e.getStatus();
            return status.getCode() + ": " + status.getDescription();
        }
    }
}
