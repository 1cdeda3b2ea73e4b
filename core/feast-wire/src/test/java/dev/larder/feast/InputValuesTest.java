package dev.larder.feast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class InputValuesTest {
    private static final InputValues INPUT = InputValues.strict();

    /** Feast's Python knows some more, which it stores as bytes. */
    private static final Set<String> TYPES =
            Arrays.stream(ValueType.values()).map(Enum::name).collect(Collectors.toSet());

    /** What Feast infers of a whole column, cell by cell. */
    static Stream<JsonNode> columnsOfNoType() {
        return Golden.lines("json_to_value.jsonl").stream()
                .filter(line -> "UNKNOWN".equals(line.get("value_type").textValue()))
                .filter(line -> !line.has("error"));
    }

    @ParameterizedTest
    @MethodSource("columnsOfNoType")
    void infersATypeAsFeastDoes(JsonNode line) throws JsonProcessingException {
        for (int i = 0; i < line.get("json_in").size(); i++) {
            Object cell = Golden.JSON.treeToValue(line.get("json_in").get(i), Object.class);

            assertThat(hex(INPUT.value(cell, ValueType.INVALID)))
                    .isEqualTo(line.get("proto_hex").get(i).textValue());
        }
    }

    /** Types whose values Feast's client sends as JSON, with what its server answers for them. */
    static Stream<JsonNode> values() {
        Set<String> notFromJson = Set.of("NULL", "SCALAR_MAP");
        return Golden.lines("values.jsonl").stream()
                .filter(line -> !notFromJson.contains(line.get("value_type").textValue()))
                .filter(line -> TYPES.contains(line.get("value_type").textValue()));
    }

    @ParameterizedTest
    @MethodSource("values")
    void whatAnAnswerHoldsIsTakenBack(JsonNode line) throws JsonProcessingException {
        ValueType type = ValueType.valueOf(line.get("value_type").textValue());
        Object answered = Golden.JSON.treeToValue(line.get("http_json"), Object.class);
        FeatureValue stored =
                ValueCodec.decode(HexFormat.of().parseHex(line.get("proto_hex").textValue()));

        FeatureValue taken = INPUT.value(answered, type);

        if (stored instanceof FeatureValue.ZonedTimestamp zoned) {
            // An answer names the offset alone.
            assertThat(((FeatureValue.ZonedTimestamp) taken).seconds()).isEqualTo(zoned.seconds());
        } else {
            assertThat(taken).isEqualTo(stored);
        }
    }

    static Stream<Arguments> cells() {
        List<@Nullable Object> withNull = new ArrayList<>();
        withNull.add(1.5);
        withNull.add(null);
        return Stream.of(
                arguments(ValueType.STRING_SET, List.of("b", "a", "b"), texts(ValueType.STRING_SET, "b", "a")),
                arguments(
                        ValueType.INT64_LIST,
                        List.of(1, "2", true),
                        new FeatureValue.Collection(
                                ValueType.INT64_LIST,
                                List.of(FeatureValue.of(1), FeatureValue.of(2), FeatureValue.of(1)))),
                arguments(
                        ValueType.INT64_LIST, List.of(), new FeatureValue.Collection(ValueType.INT64_LIST, List.of())),
                arguments(
                        ValueType.DOUBLE_LIST,
                        withNull,
                        new FeatureValue.Collection(
                                ValueType.DOUBLE_LIST,
                                List.of(new FeatureValue.Float64(1.5), new FeatureValue.Float64(Double.NaN)))),
                arguments(
                        ValueType.MAP,
                        "{\"a\": NaN, \"b\": [1, 2.5], \"c\": [], \"d\": [{\"e\": null}]}",
                        map(
                                ValueType.MAP,
                                "a",
                                new FeatureValue.Float64(Double.NaN),
                                "b",
                                new FeatureValue.Collection(
                                        ValueType.DOUBLE_LIST,
                                        List.of(new FeatureValue.Float64(1), new FeatureValue.Float64(2.5))),
                                "c",
                                new FeatureValue.Collection(ValueType.VALUE_LIST, List.of()),
                                "d",
                                new FeatureValue.Collection(
                                        ValueType.MAP_LIST, List.of(map(ValueType.MAP, "e", FeatureValue.none()))))),
                arguments(
                        ValueType.STRUCT_LIST,
                        List.of("{\"a\": 1}", Map.of("a", "x")),
                        new FeatureValue.Collection(
                                ValueType.STRUCT_LIST,
                                List.of(
                                        map(ValueType.STRUCT, "a", FeatureValue.of(1)),
                                        map(ValueType.STRUCT, "a", FeatureValue.of("x"))))),
                arguments(
                        ValueType.JSON,
                        Map.of("a", Arrays.asList(1, 1.5, null, true)),
                        new FeatureValue.Text(ValueType.JSON, "{\"a\":[1,1.5,null,true]}")),
                arguments(
                        ValueType.SCALAR_MAP,
                        Map.of("1", "one"),
                        new FeatureValue.ScalarMap(Map.of(FeatureValue.of(1), FeatureValue.of("one")))),
                arguments(
                        ValueType.SCALAR_MAP,
                        "{\"true\": 1, \"1.5\": 2, \"f47ac10b-58cc-4372-a567-0e02b2c3d479\": 3}",
                        new FeatureValue.ScalarMap(Map.of(
                                new FeatureValue.Bool(true),
                                FeatureValue.of(1),
                                new FeatureValue.Float64(1.5),
                                FeatureValue.of(2),
                                new FeatureValue.Text(ValueType.UUID, "f47ac10b-58cc-4372-a567-0e02b2c3d479"),
                                FeatureValue.of(3)))),
                arguments(
                        ValueType.ZONED_TIMESTAMP,
                        "2024-03-01T12:00:00-08:00[America/Los_Angeles]",
                        new FeatureValue.ZonedTimestamp(1_709_323_200, "America/Los_Angeles")),
                arguments(
                        ValueType.ZONED_TIMESTAMP,
                        "2024-03-01 12:00",
                        new FeatureValue.ZonedTimestamp(1_709_294_400, "UTC")),
                arguments(ValueType.ZONED_TIMESTAMP, 1, new FeatureValue.ZonedTimestamp(1, "UTC")),
                arguments(ValueType.DOUBLE, Double.NaN, FeatureValue.none()),
                arguments(ValueType.STRING, Double.NaN, FeatureValue.none()),
                arguments(ValueType.DOUBLE, "-Infinity", new FeatureValue.Float64(Double.NEGATIVE_INFINITY)));
    }

    @ParameterizedTest
    @MethodSource("cells")
    void takesWhatCanOnlyMeanOneThing(ValueType type, Object cell, FeatureValue expected) {
        FeatureValue taken = INPUT.value(cell, type);

        assertThat(taken).isEqualTo(expected);
        assertThat(ValueCodec.decode(ValueCodec.encode(taken))).isEqualTo(expected);
    }

    @Test
    void aTypedValueIsCastWhereItHasAnotherType() {
        assertThat(INPUT.value(new FeatureValue.Int32(7), ValueType.INT64)).isEqualTo(FeatureValue.of(7));
        assertThat(INPUT.value(FeatureValue.of("1.50"), ValueType.DECIMAL))
                .isEqualTo(new FeatureValue.Text(ValueType.DECIMAL, "1.50"));
        assertThat(INPUT.value(new FeatureValue.Bytes(new byte[] {1}), ValueType.BYTES))
                .isEqualTo(new FeatureValue.Bytes(new byte[] {1}));
        assertThat(INPUT.value(texts(ValueType.STRING_LIST, "a", "a"), ValueType.STRING_SET))
                .isEqualTo(texts(ValueType.STRING_SET, "a"));
        assertThat(INPUT.value(FeatureValue.none(), ValueType.INT64)).isEqualTo(FeatureValue.none());
        assertThatThrownBy(() -> INPUT.value(new FeatureValue.Float64(1.5), ValueType.BOOL))
                .hasMessageStartingWith("1.5 cannot be read as Bool");
    }

    @ParameterizedTest
    @CsvSource({"INT64_LIST, 0", "INT32_LIST, 0", "BOOL_LIST, false", "STRING_SET, ''"})
    void aNullInAListIsRefusedOrFeastsDefault(ValueType type, String made) {
        List<@Nullable Object> nulls = Collections.singletonList(null);

        assertThatThrownBy(() -> INPUT.value(nulls, type))
                .hasMessage(
                        "[null] cannot be read as %s (accepted: an array without null, which Feast's lists cannot hold)"
                                .formatted(type.displayName()));
        assertThat(((FeatureValue.Collection) InputValues.likeFeast().value(nulls, type)).values())
                .singleElement()
                .isEqualTo(JsonValues.parse(made.equals("false") ? (Object) false : made, member(type)));
    }

    static Stream<Arguments> nonsense() {
        return Stream.of(
                arguments(ValueType.INT64_LIST, 5, "5 cannot be read as Array(Int64) (accepted: an array)"),
                arguments(
                        ValueType.STRING_LIST,
                        "[\"a\"]",
                        "\"[\"a\"]\" cannot be read as Array(String) (accepted: an array)"),
                arguments(ValueType.INT64_LIST, List.of(1, "x"), "\"x\" cannot be read as Int64 (accepted: "),
                arguments(ValueType.UNIX_TIMESTAMP_LIST, Collections.singletonList(null), "an array without null"),
                arguments(ValueType.MAP, "{", "\"{\" cannot be read as Map (accepted: an object, or text of one)"),
                arguments(ValueType.MAP, List.of(), "[] cannot be read as Map (accepted: an object, or text of one)"),
                arguments(
                        ValueType.MAP_LIST,
                        List.of(1),
                        "1 cannot be read as Map (accepted: an object, or text of one)"),
                arguments(
                        ValueType.VALUE_LIST,
                        List.of(1),
                        "[1] cannot be read as Array(Array) (accepted: an array of arrays)"),
                arguments(
                        ValueType.JSON,
                        "{a}",
                        "\"{a}\" cannot be read as Json (accepted: text of JSON, or an object or array)"),
                arguments(
                        ValueType.SCALAR_MAP,
                        Map.of("x", 1),
                        "\"x\" cannot be read as ScalarMap (accepted: names that are numbers"),
                arguments(
                        ValueType.ZONED_TIMESTAMP,
                        "noon",
                        "\"noon\" cannot be read as ZonedTimestamp (accepted: ISO-8601 text"),
                arguments(ValueType.NULL, 1, "1 cannot be read as Null (accepted: no value"));
    }

    @ParameterizedTest
    @MethodSource("nonsense")
    void namesWhatItRefusesAndWhatItTakes(ValueType type, Object cell, String message) {
        assertThatThrownBy(() -> INPUT.value(cell, type))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VALUE_TYPE_MISMATCH))
                .hasMessageContaining(message);
    }

    @Test
    void whatIsNestedTooDeepForOtherReadersIsRefused() {
        assertThat(INPUT.value(nested(29), ValueType.MAP)).isNotNull();
        assertThatThrownBy(() -> INPUT.value(nested(40), ValueType.MAP))
                .hasMessage("A value is nested more than 30 levels deep, which Feast's clients cannot read");
    }

    @Test
    void longTextIsNotRepeatedWhole() {
        assertThatThrownBy(() -> INPUT.value("x".repeat(1_000), ValueType.INT64))
                .hasMessageStartingWith("\"" + "x".repeat(100) + "...\" cannot be read as Int64");
    }

    private static Object nested(int levels) {
        Object value = 1;
        for (int i = 0; i < levels; i++) {
            value = Map.of("a", value);
        }
        return value;
    }

    private static ValueType member(ValueType collection) {
        return WireShape.memberType(collection.number());
    }

    private static FeatureValue texts(ValueType type, String... texts) {
        return new FeatureValue.Collection(
                type, Arrays.stream(texts).map(FeatureValue::of).toList());
    }

    private static FeatureValue map(ValueType type, Object... entries) {
        Map<String, FeatureValue> map = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2) {
            map.put((String) entries[i], (FeatureValue) entries[i + 1]);
        }
        return new FeatureValue.Dictionary(type, map);
    }

    private static String hex(FeatureValue value) {
        return HexFormat.of().formatHex(ValueCodec.encode(value));
    }
}
