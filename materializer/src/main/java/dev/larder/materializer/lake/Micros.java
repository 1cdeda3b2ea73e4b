package dev.larder.materializer.lake;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Instants as microseconds since 1970, the precision of the lake. */
public final class Micros {
    private static final long PER_SECOND = 1_000_000;

    private Micros() {}

    /** Finer parts are cut off, towards the past. */
    public static long of(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), PER_SECOND), instant.getNano() / 1000);
    }

    public static Instant toInstant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
