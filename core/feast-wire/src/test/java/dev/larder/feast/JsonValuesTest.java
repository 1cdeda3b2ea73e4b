package dev.larder.feast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class JsonValuesTest {
    /** Every element of the golden columns; of a column that Feast refuses, the element that it refuses. */
    static Stream<Case> golden() {
        return Golden.lines("json_to_value.jsonl").stream()
                .filter(line -> !"UNKNOWN".equals(line.get("value_type").textValue()))
                .flatMap(line -> line.has("error")
                        ? Stream.of(new Case(line, refused(line), null))
                        : IntStream.range(0, line.get("json_in").size())
                                .mapToObj(i -> new Case(
                                        line,
                                        line.get("json_in").get(i),
                                        line.get("proto_hex").get(i).textValue())));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void castsAsFeastDoesUnlessWeAcceptMoreOrRefuseNonsense(Case golden) throws JsonProcessingException {
        Object input = Golden.JSON.treeToValue(golden.input(), Object.class);
        ValueType type = golden.type();
        String expected = golden.hex();
        if (golden.isAcceptedHereAlone()) {
            assertThat(ValueCodec.encode(JsonValues.parse(input, type))).isNotEmpty();
        } else if (expected == null || golden.isRefusedHereAlone()) {
            assertThatThrownBy(() -> JsonValues.parse(input, type))
                    .isInstanceOfSatisfying(
                            LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VALUE_TYPE_MISMATCH))
                    .hasMessageContaining("cannot be read as " + type.displayName() + " (accepted: ");
        } else {
            assertThat(HexFormat.of().formatHex(ValueCodec.encode(JsonValues.parse(input, type))))
                    .isEqualTo(expected);
        }
    }

    @Test
    void aListIsNotAScalar() {
        assertThatThrownBy(() -> JsonValues.parse(List.of(1, 2), ValueType.INT64))
                .hasMessage(
                        "[1, 2] cannot be read as Int64 (accepted: a number, which is cut to a whole one, true, false, or text of a whole number)");
        assertThatThrownBy(() -> JsonValues.parse(Map.of("a", 1), ValueType.STRING))
                .hasMessage("{a=1} cannot be read as String (accepted: text, a number, true or false)");
    }

    @Test
    void integersAreExactToTheLastDigitAndRefusedBeyond() {
        assertThat(JsonValues.parse(Long.MAX_VALUE, ValueType.INT64)).isEqualTo(FeatureValue.of(Long.MAX_VALUE));
        assertThat(JsonValues.parse(Long.MIN_VALUE, ValueType.INT64)).isEqualTo(FeatureValue.of(Long.MIN_VALUE));
        assertThat(JsonValues.parse("-9223372036854775808", ValueType.INT64))
                .isEqualTo(FeatureValue.of(Long.MIN_VALUE));
        assertThat(JsonValues.parse(-1.9, ValueType.INT64)).isEqualTo(FeatureValue.of(-1));
        BigInteger tooLarge = BigInteger.ONE.shiftLeft(63);
        assertThatThrownBy(() -> JsonValues.parse(tooLarge, ValueType.INT64))
                .hasMessage("9223372036854775808 cannot be read as Int64 (accepted: -2^63 to 2^63-1)");
        BigDecimal huge = new BigDecimal("1e999999999");
        assertThatThrownBy(() -> JsonValues.parse(huge, ValueType.INT64)).hasMessageContaining("-2^63 to 2^63-1");
        assertThatThrownBy(() -> JsonValues.parse(2147483648L, ValueType.INT32))
                .hasMessage("2147483648 cannot be read as Int32 (accepted: -2147483648 to 2147483647)");
    }

    @ParameterizedTest
    @CsvSource({
        "2024-03-01T12:00:00Z, 1709294400",
        "2024-03-01T12:00:00.999Z, 1709294400",
        "2024-03-01T12:00:00+02:00, 1709287200",
        "2024-03-01T12:00:00, 1709294400",
        "2024-03-01 12:00:00, 1709294400",
        "2024-03-01, 1709251200",
        "1969-12-31T23:59:58.500Z, -1",
        "1709294400, 1709294400"
    })
    void timesMayBeIsoText(String text, long seconds) {
        assertThat(JsonValues.parse(text, ValueType.UNIX_TIMESTAMP)).isEqualTo(new FeatureValue.UnixTimestamp(seconds));
    }

    @Test
    void wholeFloatsAreTimesAndOthersAreNot() {
        assertThat(JsonValues.parse(1.7e9, ValueType.UNIX_TIMESTAMP))
                .isEqualTo(new FeatureValue.UnixTimestamp(1_700_000_000));
        assertThatThrownBy(() -> JsonValues.parse(1.5, ValueType.UNIX_TIMESTAMP))
                .hasMessage(
                        "1.5 cannot be read as UnixTimestamp (accepted: whole seconds since 1970, or ISO-8601 text)");
    }

    @Test
    void bytesAreBase64AndDecimalsMayBeNumbers() {
        assertThat(JsonValues.parse("AAH+/w==", ValueType.BYTES))
                .isEqualTo(new FeatureValue.Bytes(new byte[] {0, 1, -2, -1}));
        assertThat(JsonValues.parse(new byte[] {7}, ValueType.BYTES)).isEqualTo(new FeatureValue.Bytes(new byte[] {7}));
        assertThatThrownBy(() -> JsonValues.parse(new byte[] {7, 8}, ValueType.STRING))
                .hasMessage("2 bytes cannot be read as String (accepted: text, a number, true or false)");
        assertThatThrownBy(() -> JsonValues.parse("%", ValueType.BYTES))
                .hasMessage("\"%\" cannot be read as Bytes (accepted: base64 text)");
        assertThat(JsonValues.parse(new BigDecimal("1.50"), ValueType.DECIMAL))
                .isEqualTo(new FeatureValue.Text(ValueType.DECIMAL, "1.50"));
    }

    /** Text types refuse the number in front, number types the text behind it. */
    private static JsonNode refused(JsonNode line) {
        boolean textual = List.of("UUID", "DECIMAL", "BYTES")
                .contains(line.get("value_type").textValue());
        JsonNode column = line.get("json_in");
        JsonNode refused = column.get(0);
        for (JsonNode element : column) {
            refused = refused.isNull() || !textual ? element : refused;
        }
        return refused.isNull() ? column.get(0) : refused;
    }

    /** @param hex what Feast stores; null where it raises */
    record Case(JsonNode line, JsonNode input, @Nullable String hex) {
        ValueType type() {
            return ValueType.valueOf(line.get("value_type").textValue());
        }

        /** Lists and objects, of which Feast makes null, and fractions of a second, of which it makes the year -292277022657. */
        boolean isRefusedHereAlone() {
            return input.isContainerNode()
                    || (type() == ValueType.UNIX_TIMESTAMP
                            && input.isDouble()
                            && input.doubleValue() != Math.rint(input.doubleValue()));
        }

        boolean isAcceptedHereAlone() {
            return switch (type()) {
                case UNIX_TIMESTAMP ->
                    (input.isTextual() && input.textValue().contains("T"))
                            || (input.isDouble() && input.doubleValue() == 1.0);
                case DECIMAL -> input.isNumber();
                case BYTES -> input.isTextual() && isBase64(input.textValue());
                default -> false;
            };
        }

        private static boolean isBase64(String text) {
            try {
                return Base64.getDecoder().decode(text).length > 0;
            } catch (IllegalArgumentException e) {
                return false;
            }
        }
    }
}
