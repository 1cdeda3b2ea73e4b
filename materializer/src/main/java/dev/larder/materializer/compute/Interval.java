package dev.larder.materializer.compute;

import dev.larder.materializer.lake.Micros;
import java.time.Instant;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;

/** The stamps in (from, to]. */
record Interval(Instant from, Instant to) {
    /** Before all data. */
    static final Instant BEGINNING = Instant.parse("0001-01-01T00:00:00Z");
    /** After all data. */
    static final Instant END = Instant.parse("9999-12-31T00:00:00Z");

    static Interval parse(String text) {
        int slash = text.indexOf('/');
        return new Interval(Instant.parse(text.substring(0, slash)), Instant.parse(text.substring(slash + 1)));
    }

    boolean covers(Interval other) {
        return !from.isAfter(other.from) && !to.isBefore(other.to);
    }

    boolean touches(Interval other) {
        return !from.isAfter(other.to) && !other.from.isAfter(to);
    }

    /** The least interval around both. */
    Interval hull(Interval other) {
        return new Interval(from.isBefore(other.from) ? from : other.from, to.isAfter(other.to) ? to : other.to);
    }

    long fromMicros() {
        return Micros.of(from);
    }

    long toMicros() {
        return Micros.of(to);
    }

    Column contains(Column stamp) {
        return stamp.gt(functions.lit(from)).and(stamp.leq(functions.lit(to)));
    }

    @Override
    public String toString() {
        return from + "/" + to;
    }
}
