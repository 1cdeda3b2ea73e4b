package dev.larder.feast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ValueJsonTest {
    /** SCALAR_MAP is left out: Feast answers null there, we do not. */
    static Stream<JsonNode> golden() {
        return Golden.lines("values.jsonl").stream()
                .filter(line -> !"scalar_map_val".equals(line.get("oneof").textValue()));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void answersWhatFeastAnswers(JsonNode line) throws IOException {
        String ours = json(Golden.hex(line.get("proto_hex")));
        String feasts = line.get("http_json_text").textValue();

        assertThat(Golden.json(ours)).isEqualTo(Golden.json(feasts));
        // A whole float written as an integer would change its type in the client.
        assertThat(Golden.json(ours).isFloatingPointNumber())
                .isEqualTo(Golden.json(feasts).isFloatingPointNumber());
    }

    @Test
    void integersBeyondADoubleStayExact() throws IOException {
        assertThat(json(ValueCodec.int64(9007199254740993L))).isEqualTo("9007199254740993");
        assertThat(json(ValueCodec.int64(Long.MIN_VALUE))).isEqualTo("-9223372036854775808");
        assertThat(json(ValueCodec.int32(-1))).isEqualTo("-1");
    }

    @Test
    void everyVarintLengthIsRead() throws IOException {
        for (int shift = 0; shift < 64; shift++) {
            for (long number : new long[] {1L << shift, (1L << shift) - 1, -(1L << shift)}) {
                assertThat(json(ValueCodec.int64(number))).isEqualTo(Long.toString(number));
                assertThat(json(ValueCodec.int32((int) number))).isEqualTo(Integer.toString((int) number));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1.0, 1.0",
        "-0.0, -0.0",
        "0.1, 0.1",
        "100.0, 100.0",
        "2.0E-3, 0.002",
        "1.0E7, 1.0E7",
        "5.6843418860808015E-14, 5.684341886080802E-14",
        "1.0E23, 1.0E23",
        "2.0E22, 2.0E22",
        "2.2250738585072014E-308, 2.2250738585072014E-308",
        "2.225073858507201E-308, 2.225073858507201E-308",
        "4.9E-324, 4.9E-324",
        "9.9E-324, 9.9E-324",
        "1.7976931348623157E308, 1.7976931348623157E308",
        "9007199254740993.0, 9.007199254740992E15",
        "2.82879384806159E17, 2.82879384806159E17",
        "1.387364135037754E18, 1.387364135037754E18",
        "1.4569999999999999E17, 1.457E17"
    })
    void doublesHaveTheFewestDigits(double value, String text) throws IOException {
        assertThat(json(ValueCodec.float64(value))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0.1, 0.10000000149011612",
        "16777216, 1.6777216E7",
        "3.4028235E38, 3.4028234663852886E38",
        "1.4E-45, 1.401298464324817E-45"
    })
    void floatsAreWidenedLikeInFeast(float value, String text) throws IOException {
        assertThat(json(ValueCodec.encode(new FeatureValue.Float32(value)))).isEqualTo(text);
    }

    @Test
    void aWidenedFloatReadsBackAsTheSameFloat() throws IOException {
        Random random = new Random(8);
        for (int i = 0; i < 20_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            if (Float.isFinite(value)) {
                String text = json(ValueCodec.encode(new FeatureValue.Float32(value)));
                assertThat(Float.parseFloat(text)).isEqualTo(value);
                assertShortest(value, text);
            }
        }
    }

    @Test
    void randomDoublesAreTheShortestTextThatReadsBack() throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                assertShortest(value, json(ValueCodec.float64(value)));
            }
        }
    }

    /** Below a power of two doubles are twice as dense as above it, which is where printing goes wrong first. */
    @Test
    void doublesAroundEveryPowerOfTwoAndTenAreTheShortestTextThatReadsBack() throws IOException {
        for (int exponent = Double.MIN_EXPONENT - 52; exponent <= Double.MAX_EXPONENT; exponent++) {
            assertNeighboursAreShortest(Math.scalb(1.0, exponent));
        }
        for (int exponent = -323; exponent <= 308; exponent++) {
            assertNeighboursAreShortest(Double.parseDouble("1E" + exponent));
        }
    }

    private static void assertNeighboursAreShortest(double value) throws IOException {
        for (double each : new double[] {Math.nextDown(value), value, Math.nextUp(value), -value}) {
            assertShortest(each, json(ValueCodec.float64(each)));
        }
    }

    /** Exact arithmetic: no decimal of fewer digits reads back, and none of as many digits that does is nearer. */
    private static void assertShortest(double value, String text) {
        assertThat(Double.doubleToLongBits(Double.parseDouble(text))).isEqualTo(Double.doubleToLongBits(value));
        if (value == 0) {
            return;
        }
        BigDecimal exact = new BigDecimal(value);
        BigDecimal written = new BigDecimal(text);
        int digits = Math.max(2, written.stripTrailingZeros().precision());
        BigDecimal distance = exact.subtract(written).abs();
        for (RoundingMode side : List.of(RoundingMode.FLOOR, RoundingMode.CEILING)) {
            BigDecimal asLong = exact.round(new MathContext(digits, side));
            if (Double.parseDouble(asLong.toString()) == value) {
                assertThat(distance)
                        .as(text)
                        .isLessThanOrEqualTo(exact.subtract(asLong).abs());
            }
            if (digits > 2) {
                BigDecimal shorter = exact.round(new MathContext(digits - 1, side));
                assertThat(Double.parseDouble(shorter.toString())).as(text).isNotEqualTo(value);
            }
        }
    }

    @Test
    void textIsEscapedAndKeptInUtf8() throws IOException {
        String text = "\"\\\n\u0001é日😀";

        assertThat(Golden.json(json(ValueCodec.string(text))).textValue()).isEqualTo(text);
        assertThat(Golden.json(json(ValueCodec.string(text.repeat(5_000)))).textValue())
                .isEqualTo(text.repeat(5_000));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 126, 127, 128, 129, 300})
    void everyLengthOfTextIsRead(int length) throws IOException {
        String text = "x".repeat(length);

        assertThat(json(ValueCodec.string(text))).isEqualTo('"' + text + '"');
    }

    @Test
    void textIsEscapedWhereJsonAsksForIt() throws IOException {
        StringBuilder all = new StringBuilder("né😀\u2028");
        for (char c = 0; c < 0x100; c++) {
            all.append(c);
        }
        // Once as a short string and once beyond the fast path's 127 bytes.
        for (String text : List.of("\"\\/\b\t\n\f\r\u0000\u001f\u007f", all.toString(), "x".repeat(200) + "\n")) {
            assertThat(Golden.JSON.readTree(json(ValueCodec.string(text))).textValue())
                    .isEqualTo(text);
        }
        assertThat(json(ValueCodec.string("né😀"))).isEqualTo("\"né😀\"");
    }

    @Test
    void aValueIsReadFromTheMiddleOfABuffer() {
        byte[] value = ValueCodec.string("middle");
        byte[] buffer = new byte[value.length + 9];
        Arrays.fill(buffer, (byte) 0x20);
        System.arraycopy(value, 0, buffer, 4, value.length);
        JsonBuffer json = new JsonBuffer(0);

        ValueJson.write(buffer, 4, value.length, json);
        json.raw(',');
        ValueJson.write(buffer, 4, 0, json);

        assertThat(new String(json.toByteArray(), StandardCharsets.UTF_8)).isEqualTo("\"middle\",null");
    }

    @Test
    void whatIsNotANumberIsAString() throws IOException {
        assertThat(json(ValueCodec.float64(Double.NaN))).isEqualTo("\"NaN\"");
        assertThat(json(ValueCodec.float32(Float.NEGATIVE_INFINITY))).isEqualTo("\"-Infinity\"");
        assertThat(json(ValueCodec.encode(new FeatureValue.Collection(
                        ValueType.DOUBLE_LIST,
                        List.of(new FeatureValue.Float64(Double.POSITIVE_INFINITY), new FeatureValue.Float64(2))))))
                .isEqualTo("[\"Infinity\",2.0]");
    }

    @Test
    void theTimeThatPythonStoresForNullIsNull() throws IOException {
        assertThat(json(ValueCodec.unixTimestamp(Long.MIN_VALUE))).isEqualTo("null");
        assertThat(json(HexFormat.of().parseHex("92010c0a0a80808080808080808001")))
                .isEqualTo("[null]");
    }

    @Test
    void scalarMapsAreObjectsWithTextKeys() throws IOException {
        Map<FeatureValue, FeatureValue> entries = new LinkedHashMap<>();
        entries.put(FeatureValue.of(1), FeatureValue.of("a"));
        entries.put(new FeatureValue.Bool(true), FeatureValue.none());
        entries.put(new FeatureValue.Float64(1.5), new FeatureValue.Float32(0.1f));
        entries.put(new FeatureValue.Bytes(new byte[] {-1}), FeatureValue.of(2));
        entries.put(new FeatureValue.Text(ValueType.UUID, "u"), FeatureValue.of(3));

        assertThat(json(ValueCodec.encode(new FeatureValue.ScalarMap(entries))))
                .isEqualTo("{\"1\":\"a\",\"true\":null,\"1.5\":0.10000000149011612,\"/w==\":2,\"u\":3}");
    }

    @Test
    void mapsInListsInMapsAreFollowed() throws IOException {
        FeatureValue inner = new FeatureValue.Dictionary(
                ValueType.MAP,
                Map.of("k", new FeatureValue.Collection(ValueType.STRING_LIST, List.of(FeatureValue.of("v")))));
        FeatureValue outer = new FeatureValue.Dictionary(
                ValueType.STRUCT,
                Map.of("list", new FeatureValue.Collection(ValueType.MAP_LIST, List.of(inner, inner))));

        assertThat(json(ValueCodec.encode(outer))).isEqualTo("{\"list\":[{\"k\":[\"v\"]},{\"k\":[\"v\"]}]}");
    }

    @Test
    void zonedTimesKnowSummerTimeAndEmptyZones() throws IOException {
        assertThat(json(ValueCodec.encode(new FeatureValue.ZonedTimestamp(1719835200, "Europe/Berlin"))))
                .isEqualTo("\"2024-07-01T14:00:00+02:00\"");
        assertThat(json(ValueCodec.encode(new FeatureValue.ZonedTimestamp(0, ""))))
                .isEqualTo("\"1970-01-01T00:00:00+00:00\"");
    }

    @Test
    void ofSeveralCasesTheLastCounts() throws IOException {
        assertThat(json(HexFormat.of().parseHex("2001" + "120161"))).isEqualTo("\"a\"");
        assertThat(json(HexFormat.of().parseHex("120161" + "2001"))).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"20", "20ff", "12056869", "8a0600", "7203", "29000000", "82030612046e6f7065"})
    void refusesBytesThatAreNoValue(String hex) {
        assertThatThrownBy(() -> json(HexFormat.of().parseHex(hex)))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ONLINE_STORE_CORRUPT))
                .hasMessageStartingWith("Invalid value bytes " + hex);
    }

    private static String json(byte[] value) {
        JsonBuffer json = new JsonBuffer(1);
        ValueJson.write(value, json);
        return new String(json.toByteArray(), StandardCharsets.UTF_8);
    }
}
