package dev.larder.server.endurance;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads at a steady rate over one connection and checks each answer. */
final class Reader implements Runnable {
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Client client;
    private final Checker checker;
    private final Supplier<Map<Table, Long>> acknowledged;
    private final long periodNanos;
    private final Random random;
    private final List<Read> reads = new ArrayList<>();
    private volatile boolean done;
    private volatile @Nullable RuntimeException problem;

    /**
     * @param acknowledged the latest push of each view that the server has confirmed
     * @param perSecond reads
     * @param seed of the random order of shapes and entities
     */
    Reader(Client client, Checker checker, Supplier<Map<Table, Long>> acknowledged, double perSecond, long seed) {
        this.client = client;
        this.checker = checker;
        this.acknowledged = acknowledged;
        this.periodNanos = (long) (TimeUnit.SECONDS.toNanos(1) / perSecond);
        this.random = new Random(seed);
    }

    /**
     * One read.
     *
     * @param nanos how long it took
     * @param failure why there was no answer; null if there was one
     * @param unavailable see {@link Client.Unanswered}
     */
    record Read(Shape shape, Instant start, long nanos, @Nullable String failure, boolean unavailable) {
        Instant end() {
            return start.plusNanos(nanos);
        }
    }

    /** One read of each shape, however long that takes a server and a client whose code is still interpreted. */
    void warmUp() throws InterruptedException {
        for (Shape shape : Shape.values()) {
            int[] entities = shape.entities(random);
            Map<Table, Long> before = acknowledged.get();
            checker.check(shape, entities, before, client.readPatiently(shape, entities));
        }
    }

    @Override
    public void run() {
        try {
            long next = System.nanoTime() + (long) (random.nextDouble() * periodNanos);
            while (!done) {
                long wait = next - System.nanoTime();
                if (wait > 0) {
                    LockSupport.parkNanos(wait);
                    continue;
                }
                read();
                // What was missed is not made up for: a burst would say nothing about a steady load.
                next = Math.max(next + periodNanos, System.nanoTime() - LATE_NANOS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            problem = e;
        } finally {
            client.close();
        }
    }

    private void read() throws InterruptedException {
        Shape shape = Shape.any(random);
        int[] entities = shape.entities(random);
        Map<Table, Long> before = acknowledged.get();
        Instant start = Instant.now();
        long nanos = System.nanoTime();
        try {
            Answer answer = client.read(shape, entities);
            add(new Read(shape, start, System.nanoTime() - nanos, null, false));
            checker.check(shape, entities, before, answer);
        } catch (Client.Unanswered e) {
            add(new Read(shape, start, System.nanoTime() - nanos, String.valueOf(e.getMessage()), e.unavailable()));
        }
    }

    private synchronized void add(Read read) {
        reads.add(read);
    }

    /** All reads from the given one on. */
    synchronized List<Read> reads(int from) {
        return List.copyOf(reads.subList(from, reads.size()));
    }

    Checker checker() {
        return checker;
    }

    /** What ended the reading before it was asked to. */
    @Nullable
    RuntimeException problem() {
        return problem;
    }

    void end() {
        done = true;
    }
}
