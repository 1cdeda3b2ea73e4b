package dev.larder.feast;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PythonTextTest {
    @ParameterizedTest
    @CsvSource({
        "0.0, 0.0",
        "-0.0, -0.0",
        "1.0, 1.0",
        "-1.5, -1.5",
        "0.1, 0.1",
        "100.0, 100.0",
        "1234.5, 1234.5",
        "0.0001, 0.0001",
        "0.00001, 1e-05",
        "0.000123, 0.000123",
        "0.0000123, 1.23e-05",
        "1e15, 1000000000000000.0",
        "1e16, 1e+16",
        "123456789012345680, 1.2345678901234568e+17",
        "9999999999999998, 9999999999999998.0",
        "4.9e-324, 5e-324",
        "1e300, 1e+300",
        "-2e-100, -2e-100",
        "1e23, 1e+23",
        "2e23, 2e+23",
        "0.30000000000000004, 0.30000000000000004",
        "NaN, nan",
        "Infinity, inf",
        "-Infinity, -inf"
    })
    void doublesReadAsInPython(double value, String text) {
        assertThat(PythonText.of(value)).isEqualTo(text);
    }

    @Test
    void onlyStringsNumbersAndBooleansHaveText() {
        assertThat(PythonText.of(ValueCodec.string("a"))).isEqualTo("a");
        assertThat(PythonText.of(ValueCodec.int32(-7))).isEqualTo("-7");
        assertThat(PythonText.of(ValueCodec.int64(7))).isEqualTo("7");
        assertThat(PythonText.of(ValueCodec.float32(0.1f))).isEqualTo("0.10000000149011612");
        assertThat(PythonText.of(ValueCodec.bool(true))).isEqualTo("True");
        assertThat(PythonText.of(ValueCodec.bool(false))).isEqualTo("False");
        assertThat(PythonText.of(ValueCodec.unixTimestamp(7))).isNull();
        assertThat(PythonText.of(ValueCodec.bytes(new byte[] {1}))).isNull();
        assertThat(PythonText.of(ValueCodec.nullValue())).isNull();
    }
}
