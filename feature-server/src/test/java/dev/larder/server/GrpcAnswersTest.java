package dev.larder.server;

import static dev.larder.feast.proto.serving.FieldStatus.NOT_FOUND;
import static dev.larder.feast.proto.serving.FieldStatus.NULL_VALUE;
import static dev.larder.feast.proto.serving.FieldStatus.OUTSIDE_MAX_AGE;
import static dev.larder.feast.proto.serving.FieldStatus.PRESENT;
import static dev.larder.server.GrpcClient.PYTHON_SERVER;
import static dev.larder.server.GrpcClient.SERVING_SERVICE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.larder.feast.JsonBuffer;
import dev.larder.feast.ValueJson;
import dev.larder.feast.proto.serving.FieldStatus;
import dev.larder.feast.proto.serving.GetOnlineFeaturesRequest;
import dev.larder.feast.proto.serving.GetOnlineFeaturesResponse;
import dev.larder.feast.proto.serving.GetOnlineFeaturesResponse.FeatureVector;
import dev.larder.feast.proto.types.RepeatedValue;
import dev.larder.feast.proto.types.Value;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.TestServer.Answer;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.server.online.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers over gRPC, from Feast's golden rows; those of {@code driver_stale} have a ttl of an hour. */
final class GrpcAnswersTest {
    private static final Instant WHEN_STALE = Instant.parse("2024-03-02T13:00:01Z");

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void golden() {
        TestServer.goldenRepo(folder);
    }

    @Test
    void servingServiceNamesFeaturesAsTheJavaServerDoesUnlessFullNamesAreAsked() {
        GetOnlineFeaturesRequest.Builder request = GrpcClient.features("driver_stale:score", "driver_basic:f_string")
                .putEntities("driver_id", GrpcClient.int64(1001));
        serve(Mode.STRICT, GrpcConfig.Names.JAVA, client -> {
            assertThat(names(client.ask(SERVING_SERVICE, request.build())))
                    .containsExactly("driver_stale:score", "driver_basic:f_string");
            assertThat(names(client.ask(PYTHON_SERVER, request.build())))
                    .containsExactly("driver_id", "score", "f_string");
            GetOnlineFeaturesRequest full =
                    request.clone().setFullFeatureNames(true).build();
            for (String service : List.of(SERVING_SERVICE, PYTHON_SERVER)) {
                assertThat(names(client.ask(service, full)))
                        .as(service)
                        .containsExactly("driver_id", "driver_stale__score", "driver_basic__f_string");
            }
        });
        serve(Mode.STRICT, GrpcConfig.Names.PYTHON, client -> assertThat(client.ask(SERVING_SERVICE, request.build()))
                .isEqualTo(client.ask(PYTHON_SERVER, request.build())));
    }

    @Test
    void oneFeatureOfTwoViewsIsNoCollisionWhereTheViewIsInTheName() {
        serve(Mode.STRICT, GrpcConfig.Names.JAVA, client -> {
            GetOnlineFeaturesResponse answer = client.ask(
                    SERVING_SERVICE,
                    GrpcClient.features("driver_stale:score", "driver_pushed:score")
                            .putEntities("driver_id", GrpcClient.int64(1001))
                            .build());
            assertThat(names(answer)).containsExactly("driver_stale:score", "driver_pushed:score");
        });
    }

    @Test
    void aServicesAliasesNameItsViewsAndTheirJoinKeys() throws IOException {
        Registries.change(
                folder,
                registry -> registry.addFeatureServices(Registries.service(
                        "trip",
                        Registries.projection("driver_stale", "origin", Map.of("driver_id", "origin_id"), "score"),
                        Registries.projection(
                                "driver_stale", "destination", Map.of("driver_id", "destination_id"), "score"))));
        serve(Mode.FEAST, GrpcConfig.Names.JAVA, client -> {
            GetOnlineFeaturesResponse answer = client.ask(
                    SERVING_SERVICE,
                    GetOnlineFeaturesRequest.newBuilder()
                            .setFeatureService("trip")
                            .putEntities("destination_id", GrpcClient.int64(9999, 1001))
                            .putEntities("origin_id", GrpcClient.int64(1001, 9999))
                            .setIncludeFeatureViewVersionMetadata(true)
                            .build());
            assertThat(names(answer)).containsExactly("origin:score", "destination:score");
            assertThat(GrpcClient.vector(answer, "origin:score").getStatusesList())
                    .containsExactly(PRESENT, NOT_FOUND);
            assertThat(GrpcClient.vector(answer, "destination:score").getStatusesList())
                    .containsExactly(NOT_FOUND, PRESENT);
            assertThat(answer.getMetadata().getFeatureViewMetadataList())
                    .extracting(view -> view.getName())
                    .containsExactly("driver_stale", "driver_stale");
        });
    }

    @Test
    void statusesSayWhyAValueIsMissingOrOld() throws SQLException {
        change("DELETE FROM golden_driver_basic WHERE feature_name = 'f_bool'");
        GetOnlineFeaturesRequest request = GrpcClient.features(
                        "driver_basic:f_bool", "driver_basic:f_ts", "driver_stale:score")
                .putEntities("driver_id", GrpcClient.int64(1001, 1003, 9999, 1001))
                .build();
        serve(Mode.STRICT, GrpcConfig.Names.JAVA, client -> {
            GetOnlineFeaturesResponse answer = client.ask(SERVING_SERVICE, request);
            expect(
                    GrpcClient.vector(answer, "driver_basic:f_bool"),
                    List.of(NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND),
                    List.of("", "", "", ""),
                    List.of(1709294400L, 1709380800L, 0L, 1709294400L));
            // For a null among times Feast stores -2^63, which is not shown.
            expect(
                    GrpcClient.vector(answer, "driver_basic:f_ts"),
                    List.of(PRESENT, NULL_VALUE, NOT_FOUND, PRESENT),
                    List.of("40c0a98caf06", "", "", "40c0a98caf06"),
                    List.of(1709294400L, 1709380800L, 0L, 1709294400L));
            expect(
                    GrpcClient.vector(answer, "driver_stale:score"),
                    List.of(OUTSIDE_MAX_AGE, NOT_FOUND, NOT_FOUND, OUTSIDE_MAX_AGE),
                    List.of("29000000000000d03f", "", "", "29000000000000d03f"),
                    List.of(1709380800L, 0L, 0L, 1709380800L));
        });
        serve(Mode.FEAST, GrpcConfig.Names.JAVA, client -> assertThat(
                        GrpcClient.vector(client.ask(SERVING_SERVICE, request), "driver_stale:score")
                                .getStatusesList())
                .containsExactly(PRESENT, NOT_FOUND, NOT_FOUND, PRESENT));
    }

    @Test
    void aTimeMayLieBefore1970() throws SQLException {
        change("UPDATE golden_driver_stale SET event_ts = -1");
        serve(Mode.FEAST, GrpcConfig.Names.JAVA, client -> assertThat(GrpcClient.vector(
                                client.ask(
                                        SERVING_SERVICE,
                                        GrpcClient.features("driver_stale:score")
                                                .putEntities("driver_id", GrpcClient.int64(1001))
                                                .build()),
                                "driver_stale:score")
                        .getEventTimestamps(0))
                .isEqualTo(Timestamp.newBuilder().setSeconds(-1).build()));
    }

    @Test
    void everyStoredValueComesAsItIsStored() throws SQLException {
        Map<String, Map<Long, String>> stored = storedValues();
        assertThat(stored).hasSize(27);
        stored.forEach((feature, byDriver) -> assertThat(byDriver).as(feature).isNotEmpty());
        serve(Mode.FEAST, GrpcConfig.Names.JAVA, client -> {
            GetOnlineFeaturesResponse answer = client.ask(
                    SERVING_SERVICE,
                    GrpcClient.features(stored.keySet().toArray(String[]::new))
                            .putEntities("driver_id", GrpcClient.int64(1001, 1002, 1003))
                            .build());
            stored.forEach((feature, byDriver) -> {
                for (int row = 0; row < 3; row++) {
                    String value = byDriver.getOrDefault(1001L + row, "");
                    // -2^63 seconds
                    value = value.equals("4080808080808080808001") ? "" : value;
                    assertThat(hex(GrpcClient.vector(answer, feature).getValues(row)))
                            .as("%s of driver %d", feature, 1001 + row)
                            .isEqualTo(value);
                }
            });
        });
    }

    @Test
    void keysOfEveryScalarTypeAreCastToTheDeclaredOne() {
        List<Value> keys = List.of(
                Value.newBuilder().setInt64Val(1001).build(),
                Value.newBuilder().setInt32Val(1001).build(),
                Value.newBuilder().setUnixTimestampVal(1001).build(),
                Value.newBuilder().setDoubleVal(1001.5).build(),
                Value.newBuilder().setFloatVal(1001).build(),
                GrpcClient.text("1001"),
                Value.newBuilder().setDecimalVal("1001").build());
        serve(Mode.FEAST, GrpcConfig.Names.JAVA, client -> {
            GetOnlineFeaturesResponse answer = client.ask(
                    PYTHON_SERVER,
                    GrpcClient.features("driver_stale:score")
                            .putEntities("driver_id", GrpcClient.column(keys.toArray(Value[]::new)))
                            .build());
            assertThat(GrpcClient.vector(answer, "driver_id").getValuesList())
                    .hasSize(keys.size())
                    .allMatch(value -> value.getInt64Val() == 1001);
            assertThat(GrpcClient.vector(answer, "score").getStatusesList())
                    .hasSize(keys.size())
                    .containsOnly(PRESENT);
        });
    }

    @Test
    void requestContextStandsBesideTheEntities() {
        serve(Mode.FEAST, GrpcConfig.Names.JAVA, client -> {
            GetOnlineFeaturesResponse answer = client.ask(
                    PYTHON_SERVER,
                    GrpcClient.features("pair_stats:trips")
                            .putEntities("driver_id", GrpcClient.int64(1001))
                            .putRequestContext("customer_id", GrpcClient.column(GrpcClient.text("c1")))
                            .putRequestContext(
                                    "amount",
                                    GrpcClient.column(
                                            Value.newBuilder().setDoubleVal(1.5).build()))
                            .build());
            assertThat(names(answer)).containsExactlyInAnyOrder("driver_id", "customer_id", "trips");
            assertThat(GrpcClient.vector(answer, "trips").getValues(0).getInt64Val())
                    .isEqualTo(3);
        });
    }

    /** Whatever Feast's clients were recorded to ask over HTTP, in both modes. */
    @Test
    void grpcAnswersWhatHttpAnswers() throws IOException {
        for (Mode mode : Mode.values()) {
            try (TestServer server = start(mode, GrpcConfig.Names.JAVA);
                    GrpcClient client = GrpcClient.of(server)) {
                int compared = 0;
                for (GoldenHttpTest.Exchange exchange : GoldenHttpTest.exchanges()) {
                    JsonNode body = exchange.request().path("json");
                    if (!exchange.request().at("/path").asText().equals("/get-online-features")
                            || exchange.response().path("status").asInt() != 200) {
                        continue;
                    }
                    Answer http = server.ask(body.toString());
                    if (http.status() == 200) {
                        GetOnlineFeaturesResponse answer = client.ask(PYTHON_SERVER, request(body));
                        assertThat(json(answer))
                                .as("%s, mode %s", exchange.name(), mode)
                                .isEqualTo(columns(http.json()));
                        compared++;
                    }
                }
                assertThat(compared).isGreaterThan(20);
            }
        }
    }

    @Test
    void aLargeAnswerComesWhole() {
        int rows = 40_000;
        long[] drivers = new long[rows];
        for (int row = 0; row < rows; row++) {
            drivers[row] = row % 3 == 0 ? 1001 : row % 3 == 1 ? 1002 : 10_000 + row;
        }
        serve(Mode.FEAST, GrpcConfig.Names.JAVA, client -> {
            GetOnlineFeaturesResponse answer = client.ask(
                    SERVING_SERVICE,
                    GrpcClient.features("driver_basic:f_string", "driver_basic:l_double", "driver_basic:f_int64")
                            .putEntities("driver_id", GrpcClient.int64(drivers))
                            .build());
            assertThat(answer.getSerializedSize()).isGreaterThan(1 << 20);
            for (FeatureVector vector : answer.getResultsList()) {
                assertThat(vector.getValuesCount()).isEqualTo(rows);
                assertThat(vector.getEventTimestampsCount()).isEqualTo(rows);
                for (int row = 0; row < rows; row++) {
                    if (vector.getStatuses(row) != (row % 3 == 2 ? NOT_FOUND : PRESENT)
                            || !vector.getValues(row).equals(vector.getValues(row % 3))) {
                        throw new AssertionError("row " + row + ": " + vector.getValues(row));
                    }
                }
            }
        });
    }

    private void serve(Mode mode, GrpcConfig.Names names, Consumer<GrpcClient> asking) {
        try (TestServer server = start(mode, names);
                GrpcClient client = GrpcClient.of(server)) {
            asking.accept(client);
        }
    }

    private TestServer start(Mode mode, GrpcConfig.Names names) {
        return TestServer.start(
                TestServer.withGrpc(TestServer.config(folder, mode, Limits.DEFAULT), names, null), WHEN_STALE);
    }

    private static List<String> names(GetOnlineFeaturesResponse answer) {
        return answer.getMetadata().getFeatureNames().getValList();
    }

    /** @param values as hex */
    private static void expect(
            FeatureVector vector, List<FieldStatus> statuses, List<String> values, List<Long> eventSeconds) {
        assertThat(vector.getStatusesList()).isEqualTo(statuses);
        assertThat(vector.getValuesList()).extracting(GrpcAnswersTest::hex).isEqualTo(values);
        assertThat(vector.getEventTimestampsList())
                .extracting(Timestamp::getSeconds)
                .isEqualTo(eventSeconds);
    }

    private static String hex(Value value) {
        return HexFormat.of().formatHex(value.toByteArray());
    }

    /** Features with their view, and the bytes that the store's file holds of them, by driver. */
    private Map<String, Map<Long, String>> storedValues() throws SQLException {
        Map<String, Map<Long, String>> values = new HashMap<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("online_store.db"));
                Statement statement = connection.createStatement()) {
            for (String view : List.of("driver_basic", "driver_rich")) {
                try (ResultSet rows = statement.executeQuery(
                        "SELECT hex(substr(entity_key, -8, 2)), feature_name, lower(hex(value)) FROM golden_" + view)) {
                    while (rows.next()) {
                        long driver =
                                switch (rows.getString(1)) {
                                    case "E903" -> 1001;
                                    case "EA03" -> 1002;
                                    case "EB03" -> 1003;
                                    default -> throw new AssertionError(rows.getString(1));
                                };
                        values.computeIfAbsent(view + ":" + rows.getString(2), name -> new HashMap<>())
                                .put(driver, rows.getString(3));
                    }
                }
            }
        }
        return values;
    }

    private void change(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("online_store.db"));
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isPositive();
        }
    }

    private static GetOnlineFeaturesRequest request(JsonNode body) {
        GetOnlineFeaturesRequest.Builder request = GetOnlineFeaturesRequest.newBuilder();
        if (body.path("feature_service").isTextual()) {
            request.setFeatureService(body.path("feature_service").asText());
        } else {
            body.path("features")
                    .forEach(feature -> request.getFeaturesBuilder().addVal(feature.asText()));
        }
        body.path("entities").properties().forEach(column -> {
            RepeatedValue.Builder values = RepeatedValue.newBuilder();
            column.getValue().forEach(value -> values.addVal(value(value)));
            request.putEntities(column.getKey(), values.build());
        });
        return request.setFullFeatureNames(body.path("full_feature_names").asBoolean())
                .build();
    }

    private static Value value(JsonNode json) {
        Value.Builder value = Value.newBuilder();
        if (json.isIntegralNumber()) {
            value.setInt64Val(json.longValue());
        } else if (json.isNumber()) {
            value.setDoubleVal(json.doubleValue());
        } else if (json.isBoolean()) {
            value.setBoolVal(json.booleanValue());
        } else if (json.isTextual()) {
            value.setStringVal(json.textValue());
        }
        return value.build();
    }

    /** By feature: statuses, values and times as HTTP shows them. */
    private static Map<String, String> columns(JsonNode http) {
        Map<String, String> columns = new HashMap<>();
        JsonNode names = http.at("/metadata/feature_names");
        for (int i = 0; i < names.size(); i++) {
            JsonNode result = http.path("results").get(i);
            columns.put(
                    names.get(i).asText(),
                    result.path("statuses") + " " + result.path("values") + " " + result.path("event_timestamps"));
        }
        return columns;
    }

    private static Map<String, String> json(GetOnlineFeaturesResponse answer) {
        Map<String, String> columns = new HashMap<>();
        for (int i = 0; i < answer.getResultsCount(); i++) {
            FeatureVector vector = answer.getResults(i);
            List<String> statuses = new ArrayList<>();
            List<JsonNode> values = new ArrayList<>();
            List<String> times = new ArrayList<>();
            for (int row = 0; row < vector.getValuesCount(); row++) {
                statuses.add(vector.getStatuses(row).name());
                values.add(json(vector.getValues(row).toByteString()));
                Timestamp time = vector.getEventTimestamps(row);
                times.add(Instant.ofEpochSecond(time.getSeconds(), time.getNanos())
                        .toString());
            }
            columns.put(
                    names(answer).get(i),
                    TestServer.JSON.valueToTree(statuses) + " " + TestServer.JSON.valueToTree(values) + " "
                            + TestServer.JSON.valueToTree(times));
        }
        return columns;
    }

    private static JsonNode json(ByteString value) {
        JsonBuffer json = new JsonBuffer(value.size());
        ValueJson.write(value.toByteArray(), json);
        try {
            return TestServer.JSON.readTree(json.bytes(), 0, json.length());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
