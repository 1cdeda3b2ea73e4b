package dev.larder.client;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.client.FeatureClientException.Reason;
import dev.larder.model.FeatureValue;
import dev.larder.model.ValueType;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that this client has sent, read back by it. */
final class WriteTest {
    private static final Instant NOON = Instant.parse("2024-06-01T12:00:00.123456Z");
    private static final UUID RANDOM = UUID.fromString("f47ac10b-58cc-4372-a567-0e02b2c3d479");
    private static final UUID OF_TIME = UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    private static final Instant TIME = Instant.parse("2024-06-01T00:00:00Z");
    private static final byte[] BYTES = {0, 1, -2, -1};

    /** What is sent for each type, as Java has it, and comes back equal. */
    private static final Map<ValueType, Object> VALUES = Map.ofEntries(
            entry(ValueType.BYTES, BYTES),
            entry(ValueType.STRING, "naïve-日本 \"x\""),
            entry(ValueType.INT32, Integer.MIN_VALUE),
            entry(ValueType.INT64, Long.MAX_VALUE),
            entry(ValueType.DOUBLE, Double.NEGATIVE_INFINITY),
            entry(ValueType.FLOAT, 0.1f),
            entry(ValueType.BOOL, false),
            entry(ValueType.UNIX_TIMESTAMP, TIME),
            entry(ValueType.BYTES_LIST, List.of(BYTES, new byte[0])),
            entry(ValueType.STRING_LIST, List.of("a", "", "a")),
            entry(ValueType.INT32_LIST, List.of(1, -1)),
            entry(ValueType.INT64_LIST, List.of((1L << 53) + 1, 0L)),
            entry(ValueType.DOUBLE_LIST, List.of(0.1, 1e300)),
            entry(ValueType.FLOAT_LIST, List.of(0.5f)),
            entry(ValueType.BOOL_LIST, List.of(true, false, true)),
            entry(ValueType.UNIX_TIMESTAMP_LIST, List.of(Instant.EPOCH, TIME)),
            entry(ValueType.MAP, Map.of("a", 1L, "b", List.of(1.5, 2.0), "c", Map.of("d", "x"))),
            entry(ValueType.MAP_LIST, List.of(Map.of("a", 1L), Map.of("b", "x"))),
            entry(ValueType.BYTES_SET, new LinkedHashSet<>(List.of(BYTES))),
            entry(ValueType.STRING_SET, Set.of("b", "a")),
            entry(ValueType.INT32_SET, Set.of(2, 1)),
            entry(ValueType.INT64_SET, Set.of(2L, 1L)),
            entry(ValueType.DOUBLE_SET, Set.of(2.5, 1.0)),
            entry(ValueType.FLOAT_SET, Set.of(2.5f, 1.0f)),
            entry(ValueType.BOOL_SET, Set.of(true, false)),
            entry(ValueType.UNIX_TIMESTAMP_SET, Set.of(TIME)),
            entry(ValueType.JSON, "{\"a\": [1, null]}"),
            entry(ValueType.JSON_LIST, List.of("{}", "[1]")),
            entry(ValueType.STRUCT, Map.of("a", 1L, "b", "x")),
            entry(ValueType.STRUCT_LIST, List.of(Map.of("a", 1L), Map.of())),
            entry(ValueType.UUID, RANDOM),
            entry(ValueType.TIME_UUID, OF_TIME),
            entry(ValueType.UUID_LIST, List.of(RANDOM)),
            entry(ValueType.TIME_UUID_LIST, List.of(OF_TIME)),
            entry(ValueType.UUID_SET, Set.of(RANDOM)),
            entry(ValueType.TIME_UUID_SET, Set.of(OF_TIME)),
            entry(ValueType.VALUE_LIST, Arrays.asList(List.of(1L, 2L), List.of(), null, List.of(List.of("deep")))),
            entry(ValueType.VALUE_SET, Set.of(List.of(1L, 2L), List.of(3L))),
            entry(ValueType.DECIMAL, new BigDecimal("1E-9")),
            entry(ValueType.DECIMAL_LIST, List.of(new BigDecimal("1.50"), new BigDecimal("2"))),
            entry(ValueType.DECIMAL_SET, Set.of(new BigDecimal("1.50"))),
            entry(ValueType.SCALAR_MAP, Map.of(1L, "one", true, List.of(2L), RANDOM, "id")),
            entry(ValueType.ZONED_TIMESTAMP, ZonedDateTime.parse("2024-03-01T12:00:00-08:00")));

    @TempDir
    private Path folder = Path.of("");

    @Test
    void everyTypeComesBackAsItWasSent() throws IOException {
        Set<ValueType> types = EnumSet.allOf(ValueType.class);
        types.removeAll(Set.of(ValueType.INVALID, ValueType.NULL));
        assertThat(VALUES).containsOnlyKeys(types);
        Path repo = TestServer.goldenRepo(folder);
        TestServer.register(
                repo,
                registry -> registry.addFeatureViews(TestServer.view(
                        "everything",
                        "driver",
                        "driver_id",
                        null,
                        types.stream().collect(Collectors.toMap(ValueType::name, Function.identity())))));
        OnlineRow values = OnlineRow.at(NOON).set("driver_id", 1);
        OnlineRow nulls = OnlineRow.at(NOON).set("driver_id", 2);
        for (ValueType type : types) {
            values.set(type.name(), VALUES.get(type));
            nulls.set(type.name(), null);
        }
        try (TestServer server = TestServer.start(repo);
                FeatureClient client = server.client().build()) {
            client.writeBlocking("everything", values);
            client.writeBlocking("everything", nulls);

            FeatureTable table = client.getBlocking(FeatureRequest.features(
                            types.stream().map(type -> "everything:" + type).toList())
                    .entities("driver_id", List.of(1, 2))
                    .build());
            for (ValueType type : types) {
                FeatureRow row = table.row(0);
                assertThat(row.getValue(type.name()).type()).isEqualTo(type);
                assertThat(comparable(row.getObject(type.name())))
                        .as("%s", type)
                        .isEqualTo(comparable(VALUES.get(type)));
                assertThat(row.status(type.name())).as("%s", type).isEqualTo(FeatureStatus.PRESENT);
                assertThat(table.row(1).getObject(type.name())).as("%s", type).isNull();
                assertThat(table.row(1).status(type.name())).as("%s", type).isEqualTo(FeatureStatus.NULL_VALUE);
            }
            FeatureRow row = table.row(0);
            assertThat(row.getSet("INT64_SET", Long.class)).containsExactlyInAnyOrder(1L, 2L);
            assertThat(row.getSet("TIME_UUID_SET", UUID.class)).containsExactly(OF_TIME);
            assertThat(row.getMap("STRUCT")).containsEntry("a", 1L);
            assertThat(row.getScalarMap("SCALAR_MAP")).containsEntry(1L, "one").containsEntry(RANDOM, "id");
            assertThat(row.getDecimal("DECIMAL")).isEqualTo(new BigDecimal("1E-9"));
            assertThat(row.getString("DECIMAL")).isEqualTo("1E-9");
            assertThat(row.getString("JSON")).isEqualTo("{\"a\": [1, null]}");
            assertThat(row.getUuid("TIME_UUID")).isEqualTo(OF_TIME);
            assertThat(row.getZonedDateTime("ZONED_TIMESTAMP"))
                    .isEqualTo(ZonedDateTime.parse("2024-03-01T12:00:00-08:00"));
            assertThat(row.getInstant("ZONED_TIMESTAMP")).isEqualTo("2024-03-01T20:00:00Z");
            assertThat(row.getList("VALUE_LIST", List.class)).element(2).isNull();
            assertThat(row.eventTimestamp("INT64")).isNotNull();
        }
    }

    @Test
    void aPushedRowIsReadWhenTheFutureIsDone() {
        try (TestServer server = TestServer.start(TestServer.goldenRepo(folder));
                FeatureClient client = server.client().build()) {
            FeatureRequest request = FeatureRequest.features("driver_pushed:score")
                    .entity("driver_id", 7)
                    .build();
            FeatureRow row = client.push(
                            "driver_push",
                            OnlineRow.at(NOON).set("driver_id", 7).set("score", 0.75))
                    .thenCompose(pushed -> client.get(request))
                    .join()
                    .row(0);
            assertThat(row.getDouble("score")).isEqualTo(0.75);
            assertThat(row.status("score")).isEqualTo(FeatureStatus.PRESENT);

            client.pushBlocking(
                    "driver_push",
                    OnlineRow.at(NOON.minusSeconds(60)).set("driver_id", 7).set("score", 0.5));
            assertThat(client.getBlocking(request).row(0).getDouble("score"))
                    .as("a late row changes nothing")
                    .isEqualTo(0.75);

            OnlineRow sent = OnlineRow.at(NOON).set("driver_id", 8).set("score", new FeatureValue.Float32(0.5f));
            client.writeBlocking("driver_pushed", sent.created(NOON));
            client.writeBlocking(
                    "driver_pushed", sent.created(NOON.minusSeconds(1)).set("score", 9.0));
            assertThat(client.getBlocking(FeatureRequest.features("driver_pushed:score")
                                    .entity("driver_id", 8)
                                    .build())
                            .row(0)
                            .getDouble("score"))
                    .as("of one event time, the one created later")
                    .isEqualTo(0.5);

            ReadTest.assertFails(
                    Reason.INVALID_REQUEST,
                    "Unable to find push source 'nope'. Push sources that feed feature views: driver_push.",
                    () -> client.pushBlocking("nope", sent));
            ReadTest.assertFails(
                    Reason.INVALID_REQUEST,
                    "Feature view driver_pushed, column score, row 0: \"x\" cannot be read as Float64 (accepted: a number)",
                    () -> client.writeBlocking("driver_pushed", sent.set("score", "x")));
            ReadTest.assertFails(
                    Reason.INVALID_REQUEST,
                    "Column score: Text[type=STRING, value=x] cannot be a member of Array(Int64) (expected: Int64)",
                    () -> client.writeBlocking(
                            "driver_pushed",
                            sent.set(
                                    "score",
                                    new FeatureValue.Collection(ValueType.INT64_LIST, List.of(FeatureValue.of("x"))))));
        }
    }

    /** Arrays of bytes are equal only to themselves. */
    private static @Nullable Object comparable(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        } else if (value instanceof Set<?> set) {
            return set.stream().map(WriteTest::comparable).collect(Collectors.toSet());
        } else if (value instanceof List<?> list) {
            return list.stream().map(WriteTest::comparable).collect(Collectors.toCollection(ArrayList::new));
        }
        return value;
    }
}
