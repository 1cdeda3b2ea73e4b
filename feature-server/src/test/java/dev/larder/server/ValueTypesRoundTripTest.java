package dev.larder.server;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.larder.feast.proto.core.DataSource;
import dev.larder.feast.proto.core.FeatureSpecV2;
import dev.larder.feast.proto.core.FeatureView;
import dev.larder.feast.proto.core.FeatureViewSpec;
import dev.larder.model.ValueType;
import dev.larder.servers.RedisServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every value type, written through {@code /write-to-online-store} and read through {@code /get-online-features}. */
final class ValueTypesRoundTripTest {
    private static final Set<ValueType> NO_TYPES_OF_FEATURES = EnumSet.of(ValueType.INVALID, ValueType.NULL);

    /** What is written for each type. */
    private static final Map<ValueType, String> CELLS = Map.ofEntries(
            entry(ValueType.BYTES, "\"AAH+/w==\""),
            entry(ValueType.STRING, "\"naïve-日本 \\\"x\\\"\""),
            entry(ValueType.INT32, "-2147483648"),
            entry(ValueType.INT64, "9223372036854775807"),
            entry(ValueType.DOUBLE, "0.1"),
            entry(ValueType.FLOAT, "1.5"),
            entry(ValueType.BOOL, "false"),
            entry(ValueType.UNIX_TIMESTAMP, "1717200000"),
            entry(ValueType.BYTES_LIST, "[\"YQ==\", \"\"]"),
            entry(ValueType.STRING_LIST, "[\"a\", \"\", \"a\"]"),
            entry(ValueType.INT32_LIST, "[1, -1]"),
            entry(ValueType.INT64_LIST, "[9007199254740993, 0]"),
            entry(ValueType.DOUBLE_LIST, "[0.1, 1e300]"),
            entry(ValueType.FLOAT_LIST, "[0.5]"),
            entry(ValueType.BOOL_LIST, "[true, false, true]"),
            entry(ValueType.UNIX_TIMESTAMP_LIST, "[0, 1717200000]"),
            entry(ValueType.MAP, "{\"a\": 1, \"b\": [1.5, 2.0], \"c\": {\"d\": null, \"e\": [\"x\"]}}"),
            entry(ValueType.MAP_LIST, "[{\"a\": 1}, {\"b\": \"x\"}]"),
            entry(ValueType.BYTES_SET, "[\"YQ==\"]"),
            entry(ValueType.STRING_SET, "[\"b\", \"a\"]"),
            entry(ValueType.INT32_SET, "[2, 1]"),
            entry(ValueType.INT64_SET, "[2, 1]"),
            entry(ValueType.DOUBLE_SET, "[2.5, 1.0]"),
            entry(ValueType.FLOAT_SET, "[2.5, 1.0]"),
            entry(ValueType.BOOL_SET, "[true, false]"),
            entry(ValueType.UNIX_TIMESTAMP_SET, "[2, 1]"),
            entry(ValueType.JSON, "\"{\\\"a\\\": [1, null]}\""),
            entry(ValueType.JSON_LIST, "[\"{}\", \"[1]\"]"),
            entry(ValueType.STRUCT, "{\"a\": 1, \"b\": \"x\"}"),
            entry(ValueType.STRUCT_LIST, "[{\"a\": 1}, {}]"),
            entry(ValueType.UUID, "\"f47ac10b-58cc-4372-a567-0e02b2c3d479\""),
            entry(ValueType.TIME_UUID, "\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\""),
            entry(ValueType.UUID_LIST, "[\"f47ac10b-58cc-4372-a567-0e02b2c3d479\"]"),
            entry(ValueType.TIME_UUID_LIST, "[\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\"]"),
            entry(ValueType.UUID_SET, "[\"f47ac10b-58cc-4372-a567-0e02b2c3d479\"]"),
            entry(ValueType.TIME_UUID_SET, "[\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\"]"),
            entry(ValueType.VALUE_LIST, "[[1, 2], [], null, [[\"deep\"]]]"),
            entry(ValueType.VALUE_SET, "[[1, 2], [3]]"),
            entry(ValueType.DECIMAL, "\"1E-9\""),
            entry(ValueType.DECIMAL_LIST, "[\"1.50\", \"2\"]"),
            entry(ValueType.DECIMAL_SET, "[\"1.50\"]"),
            entry(ValueType.SCALAR_MAP, "{\"1\": \"one\", \"true\": [2]}"),
            entry(ValueType.ZONED_TIMESTAMP, "\"2024-03-01T12:00:00-08:00\""));

    /** What comes back where it is written in another form. */
    private static final Map<ValueType, String> OTHER_FORMS = Map.of(
            ValueType.UNIX_TIMESTAMP,
            "\"2024-06-01T00:00:00Z\"",
            ValueType.MAP,
            "\"{\\\"a\\\": 1, \\\"b\\\": [1.5, 2.0], \\\"c\\\": {\\\"d\\\": null, \\\"e\\\": [\\\"x\\\"]}}\"",
            ValueType.STRUCT_LIST,
            "[\"{\\\"a\\\": 1}\", {}]",
            ValueType.DECIMAL_LIST,
            "[\"1.50\", 2]",
            ValueType.STRING_SET,
            "[\"b\", \"a\", \"b\"]",
            ValueType.INT64,
            "\"9223372036854775807\"",
            ValueType.ZONED_TIMESTAMP,
            "\"2024-03-01T12:00:00-08:00[America/Los_Angeles]\"");

    @Test
    void overSqlite(@TempDir Path folder) throws IOException {
        roundTrip(TestServer.goldenRepo(folder));
    }

    @Test
    void overRedis(@TempDir Path folder) throws IOException {
        try (RedisServers servers = RedisRepos.servers(Files.createDirectory(folder.resolve("redis")))) {
            roundTrip(RedisRepos.golden(folder.resolve("repo"), servers.standalone(), ""));
        }
    }

    private static void roundTrip(Path repo) throws IOException {
        List<ValueType> types = Arrays.stream(ValueType.values())
                .filter(type -> !NO_TYPES_OF_FEATURES.contains(type))
                .toList();
        assertThat(CELLS).containsOnlyKeys(types);
        Registries.change(repo, registry -> registry.addFeatureViews(everything(types)));
        ObjectNode df = TestServer.JSON.createObjectNode();
        df.putArray("driver_id").add(1).add(2).add(3);
        df.put("event_timestamp", "2024-06-01T00:00:00");
        for (ValueType type : types) {
            JsonNode cell = json(Objects.requireNonNull(CELLS.get(type)));
            df.putArray(type.name())
                    .add(cell)
                    .add(json(OTHER_FORMS.getOrDefault(type, cell.toString())))
                    .addNull();
        }
        ObjectNode body = TestServer.JSON.createObjectNode().put("feature_view_name", "everything");
        body.set("df", df);
        try (TestServer server = TestServer.strict(repo)) {
            TestServer.Answer written = server.post("/write-to-online-store", body.toString());
            assertThat(written).isEqualTo(new TestServer.Answer(200, "application/json", "null"));

            JsonNode answer = server.ask(Map.of(
                            "features",
                            types.stream().map(type -> "everything:" + type).toList(),
                            "entities",
                            Map.of("driver_id", List.of(1, 2, 3))))
                    .json();

            for (int i = 0; i < types.size(); i++) {
                ValueType type = types.get(i);
                JsonNode result = answer.path("results").get(1 + i);
                JsonNode expected = json(Objects.requireNonNull(CELLS.get(type)));
                assertThat(result.path("values").get(0)).as("%s", type).isEqualTo(expected);
                assertThat(result.path("values").get(1)).as("%s", type).isEqualTo(expected);
                assertThat(result.path("values").get(2).isNull()).as("%s", type).isTrue();
                assertThat(result.path("statuses"))
                        .as("%s", type)
                        .isEqualTo(json("[\"PRESENT\", \"PRESENT\", \"NULL_VALUE\"]"));
            }
        }
    }

    private static FeatureView everything(List<ValueType> types) {
        FeatureViewSpec.Builder spec = FeatureViewSpec.newBuilder()
                .setName("everything")
                .setProject("golden")
                .addEntities("driver")
                .addEntityColumns(
                        FeatureSpecV2.newBuilder().setName("driver_id").setValueTypeValue(ValueType.INT64.number()))
                .setBatchSource(DataSource.newBuilder().setTimestampField("event_timestamp"))
                .setOnline(true);
        types.forEach(type ->
                spec.addFeatures(FeatureSpecV2.newBuilder().setName(type.name()).setValueTypeValue(type.number())));
        return FeatureView.newBuilder().setSpec(spec).build();
    }

    private static JsonNode json(String text) throws IOException {
        return TestServer.JSON.readTree(text);
    }
}
