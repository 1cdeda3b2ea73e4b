package dev.larder.registry;

import dev.larder.feast.proto.core.MaterializationInterval;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Materialized intervals without the growth: Feast appends one per run, for ever. */
final class Intervals {
    static final int KEPT = 50;

    private Intervals() {}

    private record Interval(Instant start, Instant end) {}

    /**
     * The intervals and one more, ascending: overlapping and touching ones become one, and what is older than the newest
     * {@link #KEPT} becomes one that spans them all.
     */
    static List<MaterializationInterval> add(List<MaterializationInterval> known, Instant start, Instant end) {
        List<Interval> all = new ArrayList<>();
        for (MaterializationInterval interval : known) {
            all.add(new Interval(
                    ProtoTime.toInstant(interval.getStartTime()), ProtoTime.toInstant(interval.getEndTime())));
        }
        all.add(new Interval(start, end));
        // Feast can write a start after the end: such an interval covers nothing, but its end counts.
        all.replaceAll(i -> i.start().isAfter(i.end()) ? new Interval(i.end(), i.end()) : i);
        List<Interval> merged = merged(all);
        int tooMany = merged.size() - KEPT;
        if (tooMany > 1) {
            Interval summary =
                    new Interval(merged.get(0).start(), merged.get(tooMany - 1).end());
            merged.subList(0, tooMany).clear();
            merged.add(0, summary);
        }
        return merged.stream().map(Intervals::message).toList();
    }

    private static List<Interval> merged(List<Interval> all) {
        all.sort(Comparator.comparing(Interval::start).thenComparing(Interval::end));
        List<Interval> merged = new ArrayList<>();
        for (Interval next : all) {
            Interval last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (last == null || next.start().isAfter(last.end())) {
                merged.add(next);
            } else if (next.end().isAfter(last.end())) {
                merged.set(merged.size() - 1, new Interval(last.start(), next.end()));
            }
        }
        return merged;
    }

    private static MaterializationInterval message(Interval interval) {
        return MaterializationInterval.newBuilder()
                .setStartTime(ProtoTime.of(interval.start()))
                .setEndTime(ProtoTime.of(interval.end()))
                .build();
    }
}
