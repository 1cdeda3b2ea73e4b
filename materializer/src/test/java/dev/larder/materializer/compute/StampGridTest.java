package dev.larder.materializer.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.materializer.lake.Micros;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StampGridTest {
    private static final Duration DAY = Duration.ofDays(1);

    @ParameterizedTest
    @CsvSource({
        // zone, time, the stamp at or before it, the next one
        "UTC,                 2026-11-21T00:00:00Z,        2026-11-21T00:00:00Z, 2026-11-22T00:00:00Z",
        "UTC,                 2026-11-20T23:59:59.999999Z, 2026-11-20T00:00:00Z, 2026-11-21T00:00:00Z",
        "UTC,                 1969-12-31T12:00:00Z,        1969-12-31T00:00:00Z, 1970-01-01T00:00:00Z",
        "Asia/Kathmandu,      2026-11-21T00:00:00Z,        2026-11-20T18:15:00Z, 2026-11-21T18:15:00Z",
        // 23 hours, then 25
        "Europe/Berlin,       2026-03-29T12:00:00Z,        2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z",
        "Europe/Berlin,       2026-10-25T12:00:00Z,        2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
        // no midnight on that day: it begins at one o'clock
        "America/Sao_Paulo,   2018-11-04T04:00:00Z,        2018-11-04T03:00:00Z, 2018-11-05T02:00:00Z",
        // clocks go back from 00:01 to 23:01, so that dates go back as well
        "America/St_Johns,    2006-10-29T02:45:00Z,        2006-10-29T02:30:00Z, 2006-10-30T03:30:00Z",
    })
    void daysBeginAtMidnightOfTheZone(String zone, Instant time, Instant upTo, Instant after) {
        StampGrid grid = new StampGrid(DAY, ZoneId.of(zone));

        assertThat(Micros.toInstant(grid.lastUpTo(Micros.of(time)))).isEqualTo(upTo);
        assertThat(Micros.toInstant(grid.firstAfter(Micros.of(time)))).isEqualTo(after);
    }

    @Test
    void severalDaysAreCountedSince1970() {
        StampGrid grid = new StampGrid(Duration.ofDays(7), ZoneOffset.UTC);

        assertThat(Micros.toInstant(grid.firstAfter(Micros.of(Instant.parse("2026-11-21T00:00:00Z")))))
                .isEqualTo("2026-11-26T00:00:00Z");
        assertThat(LocalDate.parse("2026-11-26").toEpochDay() % 7).isZero();
    }

    @Test
    void partsOfADayAreCountedInUtcWhateverTheZone() {
        StampGrid grid = new StampGrid(Duration.ofHours(6), ZoneId.of("Asia/Kathmandu"));

        assertThat(Micros.toInstant(grid.firstAfter(Micros.of(Instant.parse("2026-11-21T05:59:59.999999Z")))))
                .isEqualTo("2026-11-21T06:00:00Z");
        assertThat(Micros.toInstant(grid.lastUpTo(Micros.of(Instant.parse("2026-11-21T05:59:59.999999Z")))))
                .isEqualTo("2026-11-21T00:00:00Z");
    }

    @Test
    void aStampBelongsToTheDayThatItEnds() {
        long midnight = Micros.of(Instant.parse("2026-11-21T00:00:00Z"));

        assertThat(StampGrid.day(midnight, ZoneOffset.UTC)).isEqualTo("2026-11-20");
        assertThat(StampGrid.day(midnight + 1, ZoneOffset.UTC)).isEqualTo("2026-11-21");
        assertThat(StampGrid.day(midnight, ZoneId.of("Asia/Kathmandu"))).isEqualTo("2026-11-21");
    }
}
