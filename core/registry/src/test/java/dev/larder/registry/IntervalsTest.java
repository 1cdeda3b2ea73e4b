package dev.larder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.feast.proto.core.MaterializationInterval;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IntervalsTest {
    private static final Instant DAY = Instant.parse("2026-01-05T00:00:00Z");

    @Test
    void touchingAndOverlappingIntervalsBecomeOne() {
        List<MaterializationInterval> intervals = List.of();
        intervals = Intervals.add(intervals, hours(0), hours(2));
        intervals = Intervals.add(intervals, hours(2), hours(4));
        intervals = Intervals.add(intervals, hours(3), hours(5));
        intervals = Intervals.add(intervals, hours(8), hours(9));
        intervals = Intervals.add(intervals, hours(1), hours(2));

        assertThat(shown(intervals)).containsExactly("0-5", "8-9");
    }

    @Test
    void newestFiftyAreKeptAndTheRestIsOneSummary() {
        List<MaterializationInterval> intervals = List.of();
        for (int i = 0; i < 200; i++) {
            intervals = Intervals.add(intervals, hours(2 * i), hours(2 * i + 1));
        }

        assertThat(shown(intervals)).hasSize(51).startsWith("0-299", "300-301").endsWith("398-399");
    }

    @Test
    void intervalWithStartAfterEndKeepsItsEnd() {
        List<MaterializationInterval> feasts = List.of(MaterializationInterval.newBuilder()
                .setStartTime(ProtoTime.of(hours(9)))
                .setEndTime(ProtoTime.of(hours(7)))
                .build());

        assertThat(shown(Intervals.add(feasts, hours(0), hours(1)))).containsExactly("0-1", "7-7");
    }

    private static Instant hours(int hours) {
        return DAY.plusSeconds(3600L * hours);
    }

    private static List<String> shown(List<MaterializationInterval> intervals) {
        List<String> shown = new ArrayList<>();
        for (MaterializationInterval interval : intervals) {
            shown.add(hoursOf(interval.getStartTime().getSeconds()) + "-"
                    + hoursOf(interval.getEndTime().getSeconds()));
        }
        return shown;
    }

    private static long hoursOf(long seconds) {
        return (seconds - DAY.getEpochSecond()) / 3600;
    }
}
