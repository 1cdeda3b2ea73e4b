package dev.larder.feast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.model.EntityKey;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class EntityKeyCodecTest {
    static Stream<JsonNode> withBytes() {
        return Golden.lines("entity_keys.jsonl").stream().filter(line -> line.has("hex"));
    }

    static Stream<JsonNode> withError() {
        return Golden.lines("entity_keys.jsonl").stream().filter(line -> line.has("error"));
    }

    static Stream<JsonNode> withPrefix() {
        return Golden.lines("entity_keys.jsonl").stream().filter(line -> line.has("prefix_hex"));
    }

    @Test
    void theGoldenFileHasEveryKindOfLine() {
        assertThat(withBytes()).hasSizeGreaterThan(60);
        assertThat(withError()).hasSize(28);
        assertThat(withPrefix()).hasSize(6);
    }

    @ParameterizedTest
    @MethodSource("withBytes")
    void writesTheBytesOfFeast(JsonNode line) {
        byte[] bytes = EntityKeyCodec.encode(key(line), line.get("version").intValue());

        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(line.get("hex").textValue());
    }

    @ParameterizedTest
    @MethodSource("withBytes")
    void readsVersion3Back(JsonNode line) {
        if (line.get("version").intValue() == 3) {
            assertThat(EntityKeyCodec.decode(Golden.hex(line.get("hex")))).isEqualTo(key(line));
        }
    }

    @ParameterizedTest
    @MethodSource("withError")
    void refusesWhatFeastRefusesAndNamesTheJoinKey(JsonNode line) {
        String joinKey = line.get("join_keys").get(0).textValue();

        assertThatThrownBy(() ->
                        EntityKeyCodec.encode(key(line), line.get("version").intValue()))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VALUE_TYPE_MISMATCH))
                .hasMessageContaining("Join key '" + joinKey + "'");
    }

    @ParameterizedTest
    @MethodSource("withPrefix")
    void writesTheDeletionPrefixOfFeast(JsonNode line) {
        List<String> joinKeys = new ArrayList<>();
        line.get("join_keys").forEach(name -> joinKeys.add(name.textValue()));

        assertThat(HexFormat.of()
                        .formatHex(EntityKeyCodec.prefix(
                                joinKeys, line.get("version").intValue())))
                .isEqualTo(line.get("prefix_hex").textValue());
    }

    @Test
    void theKeyOfAViewWithoutEntitiesIsTheDummy() {
        assertThat(HexFormat.of().formatHex(EntityKeyCodec.encode(EntityKeyCodec.ENTITYLESS, 3)))
                .isEqualTo("01000000020000000a0000005f5f64756d6d795f69640200000000000000");
    }

    @Test
    void refusesAnUnknownVersion() {
        assertThatThrownBy(() -> EntityKeyCodec.encode(EntityKeyCodec.ENTITYLESS, 4))
                .hasMessage("entity_key_serialization_version: 4 (expected: 0 to 3)");
    }

    @Test
    void refusesBytesThatAreNoKey() {
        byte[] whole = EntityKeyCodec.encode(EntityKey.of("user_id", FeatureValue.of(7)), 3);

        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> EntityKeyCodec.decode(cut))
                    .isInstanceOfSatisfying(
                            LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ONLINE_STORE_CORRUPT))
                    .hasMessageContaining("Invalid entity key");
        }
        assertThatThrownBy(() -> EntityKeyCodec.decode(Arrays.copyOf(whole, whole.length + 1)))
                .hasMessageContaining("1 bytes too many");
    }

    @Test
    void aKeyOfVersion3SaysWhereItEnds() {
        for (JsonNode line : Golden.lines("entity_keys.jsonl")) {
            if (line.has("hex") && line.get("version").intValue() == 3) {
                byte[] whole = Golden.hex(line.get("hex"));

                assertThat(EntityKeyCodec.length(whole)).isEqualTo(whole.length);
                assertThat(EntityKeyCodec.length(Arrays.copyOf(whole, whole.length + 7)))
                        .isEqualTo(whole.length);
                assertThat(EntityKeyCodec.length(Arrays.copyOf(whole, whole.length - 1)))
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void otherBytesAreNoKeyOfVersion3() {
        byte[] ofVersion2 = EntityKeyCodec.encode(EntityKey.of("user_id", FeatureValue.of(7)), 2);

        assertThat(EntityKeyCodec.length(ofVersion2)).isEqualTo(-1);
        assertThat(EntityKeyCodec.length("larder:{banking}:state".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(-1);
        assertThat(EntityKeyCodec.length(HexFormat.of().parseHex("ffffffff00000000")))
                .isEqualTo(-1);
        assertThat(EntityKeyCodec.length(new byte[0])).isEqualTo(-1);
    }

    private static EntityKey key(JsonNode line) {
        List<EntityKey.JoinKey> keys = new ArrayList<>();
        for (int i = 0; i < line.get("join_keys").size(); i++) {
            keys.add(new EntityKey.JoinKey(
                    line.get("join_keys").get(i).textValue(),
                    value(line.get("values").get(i))));
        }
        return new EntityKey(keys);
    }

    private static FeatureValue value(JsonNode message) {
        if (message.isEmpty()) {
            return FeatureValue.none();
        }
        Map.Entry<String, JsonNode> field = message.properties().iterator().next();
        JsonNode value = field.getValue();
        return switch (field.getKey()) {
            case "int64_val" -> new FeatureValue.Int64(value.longValue());
            case "int32_val" -> new FeatureValue.Int32(value.intValue());
            case "string_val" -> FeatureValue.of(value.textValue());
            case "bytes_val" -> new FeatureValue.Bytes(Golden.hex(value.get("hex")));
            case "unix_timestamp_val" -> new FeatureValue.UnixTimestamp(value.longValue());
            case "bool_val" -> new FeatureValue.Bool(value.booleanValue());
            case "double_val" -> new FeatureValue.Float64(value.doubleValue());
            case "float_val" -> new FeatureValue.Float32(value.floatValue());
            case "uuid_val" -> new FeatureValue.Text(ValueType.UUID, value.textValue());
            case "decimal_val" -> new FeatureValue.Text(ValueType.DECIMAL, value.textValue());
            default -> throw new IllegalArgumentException(field.getKey());
        };
    }
}
