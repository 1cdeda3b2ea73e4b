package dev.larder.feast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.larder.feast.proto.types.DoubleList;
import dev.larder.feast.proto.types.Int64Set;
import dev.larder.feast.proto.types.Value;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ValueCodecTest {
    static Stream<JsonNode> golden() {
        return Golden.lines("values.jsonl").stream();
    }

    @ParameterizedTest
    @MethodSource("golden")
    void everyValueOfFeastComesBackAsItWas(JsonNode line) throws InvalidProtocolBufferException {
        byte[] bytes = Golden.hex(line.get("proto_hex"));

        byte[] again = ValueCodec.encode(ValueCodec.decode(bytes));

        if ("null_val".equals(line.get("oneof").textValue())) {
            assertThat(again).isEmpty();
        } else {
            assertThat(again).isEqualTo(bytes);
            assertThat(Value.parseFrom(again)).isEqualTo(Value.parseFrom(bytes));
        }
    }

    @ParameterizedTest
    @MethodSource("golden")
    void everyValueOfFeastHasTheTypeThatItWasMadeWith(JsonNode line) {
        String expected = line.get("value_type").textValue();
        FeatureValue value = ValueCodec.decode(Golden.hex(line.get("proto_hex")));

        if (line.get("oneof").isNull() || "null_val".equals(line.get("oneof").textValue())) {
            assertThat(value).isEqualTo(FeatureValue.none());
        } else if (!expected.startsWith("raw:")) {
            assertThat(type(value)).isEqualTo(ValueType.valueOf(expected));
        }
    }

    @Test
    void theGoldenFileHasEveryType() {
        Set<String> seen =
                golden().map(line -> line.get("value_type").textValue()).collect(Collectors.toSet());

        for (ValueType type : ValueType.values()) {
            if (type != ValueType.INVALID && type != ValueType.NULL) {
                assertThat(seen).contains(type.name());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                -1,
                127,
                128,
                16_383,
                16_384,
                Integer.MAX_VALUE,
                Integer.MIN_VALUE,
                Long.MAX_VALUE,
                Long.MIN_VALUE
            })
    void theFastWritersAgreeWithProtobuf(long number) {
        assertThat(ValueCodec.int64(number))
                .isEqualTo(Value.newBuilder().setInt64Val(number).build().toByteArray());
        assertThat(ValueCodec.int32((int) number))
                .isEqualTo(Value.newBuilder().setInt32Val((int) number).build().toByteArray());
        assertThat(ValueCodec.unixTimestamp(number))
                .isEqualTo(
                        Value.newBuilder().setUnixTimestampVal(number).build().toByteArray());
        double wide = Double.longBitsToDouble(number);
        assertThat(ValueCodec.float64(wide))
                .isEqualTo(Value.newBuilder().setDoubleVal(wide).build().toByteArray());
        float narrow = Float.intBitsToFloat((int) number);
        assertThat(ValueCodec.float32(narrow))
                .isEqualTo(Value.newBuilder().setFloatVal(narrow).build().toByteArray());
        assertThat(ValueCodec.bool(number > 0))
                .isEqualTo(Value.newBuilder().setBoolVal(number > 0).build().toByteArray());
        String text = "né日😀".repeat(Math.floorMod(number, 40));
        assertThat(ValueCodec.string(text))
                .isEqualTo(Value.newBuilder().setStringVal(text).build().toByteArray());
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        assertThat(ValueCodec.bytes(utf8))
                .isEqualTo(Value.newBuilder()
                        .setBytesVal(ByteString.copyFrom(utf8))
                        .build()
                        .toByteArray());
    }

    @Test
    void readsListsThatAreNotPacked() {
        byte[] unpacked = HexFormat.of().parseHex("72040801" + "0802");

        assertThat(ValueCodec.decode(unpacked))
                .isEqualTo(new FeatureValue.Collection(
                        ValueType.INT64_LIST, List.of(FeatureValue.of(1), FeatureValue.of(2))));
    }

    @Test
    void ofSeveralCasesTheLastCounts() {
        byte[] two = HexFormat.of().parseHex("2001" + "120161");

        assertThat(ValueCodec.decode(two)).isEqualTo(FeatureValue.of("a"));
    }

    @Test
    void theTimeThatPythonStoresForNullIsRead() {
        assertThat(ValueCodec.decode(ValueCodec.unixTimestamp(Long.MIN_VALUE))).isEqualTo(FeatureValue.none());
    }

    @Test
    void aLongListAndASetAgreeWithProtobuf() {
        DoubleList.Builder doubles = DoubleList.newBuilder();
        Int64Set.Builder integers = Int64Set.newBuilder();
        List<FeatureValue> wide = Stream.iterate(0.5, x -> x * -3)
                .limit(300)
                .<FeatureValue>map(x -> {
                    doubles.addVal(x);
                    return new FeatureValue.Float64(x);
                })
                .toList();
        List<FeatureValue> whole = Stream.iterate(1L, x -> x * -3)
                .limit(39)
                .<FeatureValue>map(x -> {
                    integers.addVal(x);
                    return FeatureValue.of(x);
                })
                .toList();

        assertThat(ValueCodec.encode(new FeatureValue.Collection(ValueType.DOUBLE_LIST, wide)))
                .isEqualTo(Value.newBuilder().setDoubleListVal(doubles).build().toByteArray());
        assertThat(ValueCodec.encode(new FeatureValue.Collection(ValueType.INT64_SET, whole)))
                .isEqualTo(Value.newBuilder().setInt64SetVal(integers).build().toByteArray());
    }

    @Test
    void scalarMapsKeepTheTypeOfEveryKey() {
        Map<FeatureValue, FeatureValue> entries = new LinkedHashMap<>();
        entries.put(new FeatureValue.Int32(1), FeatureValue.of("a"));
        entries.put(FeatureValue.of(1L), FeatureValue.none());
        entries.put(new FeatureValue.Float32(1.5f), FeatureValue.of(1));
        entries.put(new FeatureValue.Float64(1.5), FeatureValue.of(2));
        entries.put(new FeatureValue.Bool(true), FeatureValue.of(3));
        entries.put(new FeatureValue.UnixTimestamp(1), FeatureValue.of(4));
        entries.put(new FeatureValue.Bytes(new byte[] {1}), FeatureValue.of(5));
        entries.put(new FeatureValue.Text(ValueType.UUID, "u"), FeatureValue.of(6));
        entries.put(new FeatureValue.Text(ValueType.TIME_UUID, "u"), FeatureValue.of(7));
        entries.put(new FeatureValue.Text(ValueType.DECIMAL, "1.5"), FeatureValue.of(8));
        FeatureValue.ScalarMap map = new FeatureValue.ScalarMap(entries);

        assertThat(ValueCodec.decode(ValueCodec.encode(map))).isEqualTo(map);
    }

    @Test
    void refusesAMemberOfAnotherType() {
        FeatureValue list = new FeatureValue.Collection(ValueType.INT64_LIST, List.of(new FeatureValue.Int32(1)));

        assertThatThrownBy(() -> ValueCodec.encode(list))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VALUE_TYPE_MISMATCH))
                .hasMessage("Int32[value=1] cannot be a member of Array(Int64) (expected: Int64)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"20", "12056869", "8a0600", "7203", "1202c328", "29000000", "fa02030a010000"})
    void refusesBytesThatAreNoValue(String hex) {
        assertThatThrownBy(() -> ValueCodec.decode(HexFormat.of().parseHex(hex)))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ONLINE_STORE_CORRUPT))
                .hasMessageStartingWith("Invalid value bytes " + hex);
    }

    private static ValueType type(FeatureValue value) {
        if (value instanceof FeatureValue.Text text) {
            return text.type();
        } else if (value instanceof FeatureValue.Collection collection) {
            return collection.type();
        } else if (value instanceof FeatureValue.Dictionary dictionary) {
            return dictionary.type();
        }
        return switch (value.getClass().getSimpleName()) {
            case "Int32" -> ValueType.INT32;
            case "Int64" -> ValueType.INT64;
            case "Float64" -> ValueType.DOUBLE;
            case "Float32" -> ValueType.FLOAT;
            case "Bool" -> ValueType.BOOL;
            case "Bytes" -> ValueType.BYTES;
            case "UnixTimestamp" -> ValueType.UNIX_TIMESTAMP;
            case "ZonedTimestamp" -> ValueType.ZONED_TIMESTAMP;
            case "ScalarMap" -> ValueType.SCALAR_MAP;
            default -> ValueType.INVALID;
        };
    }
}
