package dev.larder.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.DataSource.ColumnType;
import dev.larder.model.LarderException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ColumnTextTest {
    @Test
    void textsBecomeValuesOfTheDeclaredType() {
        assertThat(ColumnText.parse(ColumnType.INT32, "7")).isEqualTo(7);
        assertThat(ColumnText.parse(ColumnType.INT64, "-9223372036854775808")).isEqualTo(Long.MIN_VALUE);
        assertThat(ColumnText.parse(ColumnType.FLOAT, "0.1")).isEqualTo(0.1f);
        assertThat(ColumnText.parse(ColumnType.DOUBLE, "NaN")).isEqualTo(Double.NaN);
        assertThat(ColumnText.parse(ColumnType.DECIMAL, "12.50")).isEqualTo(new BigDecimal("12.50"));
        assertThat(ColumnText.parse(ColumnType.STRING, "7")).isEqualTo("7");
        assertThat(ColumnText.parse(ColumnType.BOOL, "false")).isEqualTo(false);
        assertThat(ColumnText.parse(ColumnType.DATE, "20778")).isEqualTo(LocalDate.of(2026, 11, 21));
        assertThat(ColumnText.parse(ColumnType.DATE, "-3653")).isEqualTo(LocalDate.of(1960, 1, 1));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-20T19:17:03.100000Z, 2026-11-20T19:17:03.100Z",
        "2026-11-21T00:00:00Z, 2026-11-21T00:00:00Z",
        "2026-11-21T05:45:00+05:45, 2026-11-21T00:00:00Z",
        "1795222923123456, 2026-11-21T01:02:03.123456Z",
        "-1, 1969-12-31T23:59:59.999999Z"
    })
    void timestampsComeInTwoForms(String text, Instant time) {
        assertThat(ColumnText.parse(ColumnType.TIMESTAMP, text)).isEqualTo(time);
    }

    @ParameterizedTest
    @CsvSource({"INT32, 3000000000, Int32", "DATE, 2026-11-21, Date", "BOOL, yes, Bool", "TIMESTAMP, Tuesday, Timestamp"
    })
    void aTextOfAnotherTypeIsRefused(ColumnType type, String text, String name) {
        assertThatThrownBy(() -> ColumnText.parse(type, text))
                .isInstanceOf(LarderException.class)
                .hasMessage("Value '%s' is not a %s. Correct the column's type in the data source's definition."
                        .formatted(text, name));
    }
}
