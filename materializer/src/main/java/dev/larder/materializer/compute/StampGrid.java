package dev.larder.materializer.compute;

import dev.larder.materializer.lake.Micros;
import java.io.Serializable;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;

/**
 * The stamps of an aggregated view, in microseconds since 1970. Whole days: midnights of the zone whose day since 1970 is a
 * multiple of their number. Parts of a day: multiples since 1970 UTC, whatever the zone.
 */
final class StampGrid implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final Duration DAY = Duration.ofDays(1);

    private final long days;
    private final long micros;
    private final ZoneId zone;

    StampGrid(Duration every, ZoneId zone) {
        boolean wholeDays = every.toSeconds() % DAY.toSeconds() == 0;
        this.days = wholeDays ? every.toDays() : 0;
        this.micros = Math.multiplyExact(every.toSeconds(), 1_000_000L);
        this.zone = zone;
    }

    /** The least stamp that is later. */
    long firstAfter(long time) {
        return stamp(indexUpTo(time) + 1);
    }

    /** The greatest stamp that is not later. */
    long lastUpTo(long time) {
        return stamp(indexUpTo(time));
    }

    private long indexUpTo(long time) {
        if (days == 0) {
            return Math.floorDiv(time, micros);
        }
        long index =
                Math.floorDiv(Micros.toInstant(time).atZone(zone).toLocalDate().toEpochDay(), days);
        // Where clocks go back over midnight, dates do not increase with time.
        while (stamp(index + 1) <= time) {
            index++;
        }
        while (stamp(index) > time) {
            index--;
        }
        return index;
    }

    private long stamp(long index) {
        return days == 0 ? index * micros : midnight(LocalDate.ofEpochDay(index * days), zone);
    }

    static long midnight(LocalDate date, ZoneId zone) {
        return Micros.of(date.atStartOfDay(zone).toInstant());
    }

    /** The table's partition of a stamp: the date of the last microsecond before it. */
    static LocalDate day(long stamp, ZoneId zone) {
        return Micros.toInstant(stamp - 1).atZone(zone).toLocalDate();
    }
}
