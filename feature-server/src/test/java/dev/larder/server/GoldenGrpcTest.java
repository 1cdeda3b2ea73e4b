package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.feast.proto.serving.GetOnlineFeaturesResponse;
import dev.larder.feast.proto.serving.GetOnlineFeaturesResponse.FeatureVector;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.server.online.Limits;
import io.grpc.Status;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sends the bytes that Feast's clients have sent: to Feast's Python server over its SQLite store, on the same files and in mode
 * {@code feast}; and what its Java client has sent, of which the answer's shape was recorded.
 */
final class GoldenGrpcTest {
    private static TestServer server;
    private static GrpcClient client;

    /** @param line one recorded exchange */
    record Exchange(String name, JsonNode line) {
        String method() {
            return line.path("method").asText().substring(1);
        }

        byte[] request() {
            return bytes("request_hex");
        }

        GetOnlineFeaturesResponse response() throws IOException {
            return GetOnlineFeaturesResponse.parseFrom(bytes("response_hex"));
        }

        private byte[] bytes(String field) {
            return HexFormat.of().parseHex(line.path(field).asText());
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void start(@TempDir Path folder) {
        server = TestServer.start(
                TestServer.withGrpc(
                        TestServer.config(TestServer.goldenRepo(folder), Mode.FEAST, Limits.DEFAULT),
                        GrpcConfig.Names.JAVA,
                        null),
                Instant.parse("2026-11-21T00:00:00Z"));
        client = GrpcClient.of(server);
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    /** Without what it reads back after a push, which the store's file does not hold. */
    static List<Exchange> pythonServer() throws IOException {
        return exchanges("grpc_python_server.jsonl").stream()
                .filter(exchange -> exchange.method().equals("GrpcFeatureServer/GetOnlineFeatures"))
                .filter(exchange -> !exchange.name().equals("read_back"))
                .toList();
    }

    static List<Exchange> javaClient() throws IOException {
        return exchanges("java_client_0_38_0.jsonl").stream()
                .filter(exchange -> exchange.method().endsWith("GetOnlineFeatures"))
                .toList();
    }

    private static List<Exchange> exchanges(String file) throws IOException {
        List<Exchange> exchanges = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(TestServer.golden(file), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode exchange = TestServer.JSON.readTree(line);
                if (exchange.has("method")) {
                    exchanges.add(new Exchange(exchange.path("case").asText("request " + exchanges.size()), exchange));
                }
            }
        }
        return exchanges;
    }

    @Test
    void theRecordingsAreAllThere() throws IOException {
        assertThat(pythonServer()).hasSize(6);
        assertThat(javaClient()).hasSize(4);
    }

    @ParameterizedTest
    @MethodSource("pythonServer")
    void answersWhatFeastsPythonServerAnswers(Exchange exchange) throws IOException {
        switch (exchange.name()) {
            // Feast says UNKNOWN and INTERNAL, which a client takes for faults of the server.
            case "unknown_view", "unknown_service" -> {
                Status refusal = client.refusal(exchange.method(), exchange.request());
                String feast = exchange.line().path("details").asText();
                assertThat(refusal.getCode()).isEqualTo(Status.Code.NOT_FOUND);
                assertThat(refusal.getDescription())
                        .startsWith(feast.replace("Exception calling application: ", "") + " (known: ");
            }
            // Feast looks a key of another type up and finds nothing: here it is cast, as over HTTP.
            case "int32_for_int64_key" -> {
                GetOnlineFeaturesResponse answer = ask(exchange);
                assertThat(GrpcClient.vector(answer, "driver_id").getValues(0).getInt64Val())
                        .isEqualTo(1001);
                assertThat(GrpcClient.vector(answer, "f_int64").getValues(0).getInt64Val())
                        .isEqualTo(1L << 53);
            }
            default -> assertThat(byName(ask(exchange))).isEqualTo(byName(exchange.response()));
        }
    }

    @Test
    void anAnswerHasTheVeryBytesOfFeasts() throws IOException {
        for (Exchange exchange : pythonServer()) {
            // Of one feature, because the order of several is random in Feast.
            if (exchange.name().equals("present_and_missing") || exchange.name().equals("full_names")) {
                assertThat(client.call(exchange.method(), exchange.request()))
                        .as(exchange.name())
                        .isEqualTo(exchange.bytes("response_hex"));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("javaClient")
    void answersInTheShapeThatFeastsJavaClientTakes(Exchange exchange) throws IOException {
        if (exchange.line().has("answer_code")) {
            assertThat(client.refusal(exchange.method(), exchange.request()).getCode())
                    .hasToString(exchange.line().path("answer_code").asText());
            return;
        }
        GetOnlineFeaturesResponse answer = ask(exchange);
        GetOnlineFeaturesResponse recorded = exchange.response();
        assertThat(answer.getMetadata()).isEqualTo(recorded.getMetadata());
        assertThat(answer.getResultsCount()).isEqualTo(recorded.getResultsCount());
        for (int i = 0; i < answer.getResultsCount(); i++) {
            FeatureVector vector = answer.getResults(i);
            assertThat(vector.getStatusesList())
                    .isEqualTo(recorded.getResults(i).getStatusesList());
            assertThat(vector.getValuesCount()).isEqualTo(vector.getStatusesCount());
            assertThat(vector.getEventTimestampsCount()).isEqualTo(vector.getStatusesCount());
        }
    }

    private static GetOnlineFeaturesResponse ask(Exchange exchange) throws IOException {
        return GetOnlineFeaturesResponse.parseFrom(client.call(exchange.method(), exchange.request()));
    }

    private static Map<String, FeatureVector> byName(GetOnlineFeaturesResponse answer) {
        List<String> names = answer.getMetadata().getFeatureNames().getValList();
        assertThat(answer.getResultsCount()).isEqualTo(names.size());
        Map<String, FeatureVector> vectors = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            vectors.put(names.get(i), answer.getResults(i));
        }
        return vectors;
    }
}
