package dev.larder.feast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IsoTimeTest {
    @ParameterizedTest
    @CsvSource({
        "2024-06-01, 2024-06-01T00:00:00Z",
        "2024-06-01T12:30, 2024-06-01T12:30:00Z",
        "2024-06-01 12:30:05, 2024-06-01T12:30:05Z",
        "2024-06-01t12:30:05z, 2024-06-01T12:30:05Z",
        "2024-06-01T12:30:05.5, 2024-06-01T12:30:05.500Z",
        "2024-06-01T12:30:05.123456789+00:00, 2024-06-01T12:30:05.123456789Z",
        "2024-06-01 12:30:05 +02:00, 2024-06-01T10:30:05Z",
        "2024-06-01T12:30:05+0200, 2024-06-01T10:30:05Z",
        "2024-06-01T12:30:05-07, 2024-06-01T19:30:05Z",
        "2024-06-01T12:30-07:30, 2024-06-01T20:00:00Z",
        "2024-06-01T12:30:05+02:00[Europe/Berlin], 2024-06-01T10:30:05Z",
        "2024-06-01T12:30:05[Asia/Kathmandu], 2024-06-01T06:45:05Z",
        "1969-12-31T23:59:59.5, 1969-12-31T23:59:59.500Z"
    })
    void readsTheFormsThatProgramsWrite(String text, Instant time) {
        assertThat(IsoTime.parse(text).instant()).isEqualTo(time);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "noon",
                "1717200000",
                "2024-06-31",
                "2024-06-01T24:00",
                "2024-06-01T12",
                "01/06/2024",
                "2024-06-01T12:30:05+02:00 or so",
                "2024-06-01T12:30:05.1234567891",
                "2024-06-01T12:30:05[Nowhere/Land]"
            })
    void refusesTheRest(String text) {
        assertThatThrownBy(() -> IsoTime.parse(text)).isInstanceOf(DateTimeException.class);
    }
}
