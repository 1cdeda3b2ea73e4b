package dev.larder.server.endurance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * When the machine had no time for who wanted to run. On Linux the kernel counts for how long Redis' thread was ready and not
 * running, and for how long a hypervisor took the CPUs away; on other systems a thread that only sleeps, and measures by how
 * much it oversleeps, stands in for that.
 */
final class Stalls implements AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(5);
    private static final long NANOS_PER_JIFFY = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int STEAL = 8;
    private static final int WAKE_UPS = 5;

    private final TreeMap<Long, Second> seconds = new TreeMap<>();
    private final Thread thread = new Thread(this::watch, "stalls");
    private volatile long redis;
    private volatile boolean done;

    /** What was measured within one second. */
    private static final class Second {
        private long redisNanos;
        private long oversleptNanos;
        private long longestNanos;
    }

    Stalls() {
        thread.setDaemon(true);
        thread.start();
    }

    /** @param pid of Redis, from now on */
    void watchRedis(long pid) {
        redis = pid;
    }

    /** For how long Redis had no CPU while it wanted one, at most, in a second of the clock and the two beside it. */
    Duration ofRedis(long epochSecond) {
        return ofRedis(epochSecond, epochSecond);
    }

    private synchronized Duration ofRedis(long from, long to) {
        boolean counted = seconds.values().stream().anyMatch(second -> second.redisNanos > 0);
        long nanos = seconds.subMap(from - 1, to + 2).values().stream()
                .mapToLong(second -> counted ? second.redisNanos : second.oversleptNanos)
                .sum();
        return Duration.ofNanos(nanos);
    }

    /**
     * How much longer something may have taken that wakes some threads, one after the other, and asks Redis. On a machine
     * with a CPU to spare it is some milliseconds.
     */
    Duration delay(Instant from, Instant to) {
        return longest(from, to).multipliedBy(WAKE_UPS).plus(ofRedis(from.getEpochSecond(), to.getEpochSecond()));
    }

    /** By how much a thread of this process that had nothing to do but to wake up was late, at most. */
    private synchronized Duration longest(Instant from, Instant to) {
        return Duration.ofNanos(seconds.subMap(from.getEpochSecond(), to.getEpochSecond() + 1).values().stream()
                .mapToLong(second -> second.longestNanos)
                .max()
                .orElse(0));
    }

    private void watch() {
        long watched = 0;
        long waited = 0;
        long stolen = stolenNanos();
        while (!done) {
            long before = System.nanoTime();
            LockSupport.parkNanos(TICK.toNanos());
            long overslept = Math.max(0, System.nanoTime() - before - TICK.toNanos());
            long waitedNow = waitedNanos(redis);
            long stolenNow = stolenNanos();
            if (watched != redis) {
                watched = redis;
                waited = waitedNow;
            }
            add(overslept, Math.max(0, waitedNow - waited) + stolenNow - stolen);
            waited = waitedNow;
            stolen = stolenNow;
        }
    }

    private synchronized void add(long overslept, long ofRedis) {
        Second second = seconds.computeIfAbsent(Instant.now().getEpochSecond(), key -> new Second());
        second.redisNanos += ofRedis;
        second.oversleptNanos += overslept;
        second.longestNanos = Math.max(second.longestNanos, overslept);
    }

    /** The second number of a thread's schedstat. */
    private static long waitedNanos(long pid) {
        try {
            return Long.parseLong(Files.readString(Path.of("/proc", Long.toString(pid), "schedstat"))
                    .split(" ", -1)[1]);
        } catch (IOException e) {
            return 0;
        }
    }

    private static long stolenNanos() {
        try {
            String all =
                    Files.readString(Path.of("/proc/stat")).lines().findFirst().orElse("");
            return Long.parseLong(all.split(" +", -1)[STEAL]) * NANOS_PER_JIFFY;
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        done = true;
    }
}
