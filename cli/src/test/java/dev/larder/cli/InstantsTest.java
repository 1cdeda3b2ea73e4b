package dev.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.LarderException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InstantsTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-21T10:15:30Z"), ZoneOffset.ofHours(5));

    @ParameterizedTest
    @CsvSource({
        "2026-11-01, 2026-11-01T00:00:00Z",
        "2026-11-01T06:30:00, 2026-11-01T06:30:00Z",
        "2026-11-01 06:30:00, 2026-11-01T06:30:00Z",
        "2026-11-01T06:30:00Z, 2026-11-01T06:30:00Z",
        "2026-11-01T06:30:00.123456Z, 2026-11-01T06:30:00.123456Z",
        "2026-11-01T06:30:00+05:45, 2026-11-01T00:45:00Z",
        "today, 2026-11-21T00:00:00Z",
        "now, 2026-11-21T10:15:30Z"
    })
    void withoutAZoneUtcIsMeant(String text, Instant expected) {
        assertThat(Instants.parse("--to", text, CLOCK)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"yesterday", "2026-13-01", "01.11.2026", "2026-11-01T25:00:00", ""})
    void anythingElseIsRefusedWithWhatIsExpected(String text) {
        assertThatThrownBy(() -> Instants.parse("--to", text, CLOCK))
                .isInstanceOf(LarderException.class)
                .hasMessage("--to: '%s' is no point in time (expected: 2026-11-01, 2026-11-01T06:00:00Z, today or now)"
                        .formatted(text));
    }

    @Test
    void todayIsTheDayInUtcWhateverTheMachinesZone() {
        Clock late = Clock.fixed(Instant.parse("2026-11-21T23:30:00Z"), ZoneOffset.ofHours(9));
        assertThat(Instants.parse("END", "today", late)).isEqualTo(Instant.parse("2026-11-21T00:00:00Z"));
    }
}
