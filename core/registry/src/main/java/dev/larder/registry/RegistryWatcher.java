package dev.larder.registry;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The newest readable content of a registry, for servers. One thread looks at the registry, reads it when it has changed and
 * decodes it; who asks is given what is there and never waits. While the registry cannot be read, the last good content stays.
 * Safe for use by many threads.
 *
 * @param <T> what a content is decoded to
 */
public final class RegistryWatcher<T> implements AutoCloseable {
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(10);

    /** A look that takes longer is reported while it lasts: storage that hangs is as good as away. */
    private static final Duration SLOW = Duration.ofSeconds(5);

    /**
     * So long a registry may be empty before that is reported. Feast writes in place: it empties the file, then builds the new
     * content. Whoever removes all definitions leaves a version in the file, so the definitions stay however long it is empty.
     */
    private static final Duration TIME_TO_WRITE = Duration.ofSeconds(5);

    private static final Duration TIME_TO_END = Duration.ofMillis(200);

    private final FileRegistry registry;
    private final Function<Snapshot, T> decoder;
    private final long intervalNanos;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wakeUp = lock.newCondition();
    private final Condition lookEnded = lock.newCondition();
    private final AtomicLong failures = new AtomicLong();
    private long looksBegun;
    private long looksEnded;
    private boolean askedFor;

    private volatile boolean closed;
    private volatile State<T> state;
    /** When the look that is under way has begun; null between looks. */
    private volatile @Nullable Long lookingSince;

    /**
     * @param decoded null as long as nothing could be read
     * @param stamp of the content that was last looked at; null: look again
     * @param emptySince when a registry that held something was first seen without
     * @param failure why the registry's present content is not the one in use
     */
    private record State<T>(
            @Nullable T decoded,
            @Nullable Snapshot snapshot,
            @Nullable Object stamp,
            @Nullable Long emptySince,
            @Nullable LarderException failure) {}

    private RegistryWatcher(FileRegistry registry, Duration interval, Function<Snapshot, T> decoder) {
        this.registry = registry;
        this.decoder = decoder;
        this.intervalNanos = Math.max(interval.toNanos(), SHORTEST_INTERVAL.toNanos());
        this.state = new State<>(null, null, null, null, notReadYet());
        this.thread = new Thread(this::run, "larder-registry");
        thread.setDaemon(true);
    }

    /**
     * Begins to look, at once and then again and again.
     *
     * @param registry stays the caller's to close, after this
     * @param interval between the end of a look and the beginning of the next; at least 10 ms
     * @param decoder runs on the watcher's own thread, once for each content; if it fails, the content before stays
     */
    public static <T> RegistryWatcher<T> start(
            FileRegistry registry, Duration interval, Function<Snapshot, T> decoder) {
        RegistryWatcher<T> watcher = new RegistryWatcher<>(registry, interval, decoder);
        watcher.thread.start();
        return watcher;
    }

    /**
     * The last good content; the same object until a newer one can be read and decoded.
     *
     * @throws LarderException only as long as there never was one: {@code STEP_MISSING} if nothing was applied yet, or as
     *     {@link FileRegistry#read} or the decoder have failed
     */
    public T current() {
        State<T> known = state;
        if (known.decoded() == null) {
            throw copy(lastFailure().orElseGet(this::notReadYet));
        }
        return known.decoded();
    }

    /** Why the content in use is perhaps not the registry's: the last look failed, or one hangs; empty if all is well. */
    public Optional<LarderException> lastFailure() {
        Long since = lookingSince;
        long nanos = since == null ? 0 : System.nanoTime() - since;
        return nanos > SLOW.toNanos()
                ? Optional.of(failure("The registry %s has not answered for %d s"
                        .formatted(registry.location(), TimeUnit.NANOSECONDS.toSeconds(nanos))))
                : Optional.ofNullable(state.failure());
    }

    /** How many looks have failed since the start; one at a registry that nothing was applied to yet is none. */
    public long failures() {
        return failures.get();
    }

    /**
     * Waits until a look that began after this call has ended, so that whatever was written before it is in use.
     *
     * @param limit how long it may take
     * @throws LarderException {@code REGISTRY_UNAVAILABLE} if the time is over; else as {@link #lastFailure} says after that look
     */
    public void refresh(Duration limit) {
        awaitLook(limit);
        LarderException failure = state.failure();
        if (failure != null) {
            throw copy(failure);
        }
    }

    /** Ends the looking; {@link #current} goes on to answer. A look at storage that hangs is not waited for. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            wakeUp.signalAll();
            lookEnded.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(TIME_TO_END.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitLook(Duration limit) {
        long left = limit.toNanos();
        lock.lock();
        try {
            long wanted = looksBegun + 1;
            askedFor = true;
            wakeUp.signalAll();
            while (looksEnded < wanted) {
                if (closed) {
                    throw failure("The registry %s is not looked at any more: the server stops"
                            .formatted(registry.location()));
                }
                if (left <= 0) {
                    throw failure("The registry %s has not answered within %d ms"
                            .formatted(registry.location(), limit.toMillis()));
                }
                left = lookEnded.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LarderException(
                    ErrorCode.REGISTRY_UNAVAILABLE,
                    "Interrupted while waiting for the registry " + registry.location(),
                    e);
        } finally {
            lock.unlock();
        }
    }

    // ------------------------------------------------------------------ the watcher's thread

    private void run() {
        while (!closed) {
            begin();
            try {
                state = look(state);
            } finally {
                end();
            }
            pause();
        }
    }

    private void begin() {
        lock.lock();
        try {
            looksBegun++;
            askedFor = false;
            lookingSince = System.nanoTime();
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            looksEnded = looksBegun;
            lookingSince = null;
            lookEnded.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void pause() {
        long left = intervalNanos;
        lock.lock();
        try {
            while (left > 0 && !askedFor && !closed) {
                left = wakeUp.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            // S3's client ends a call that takes too long by an interrupt, which may come late: only close() ends this
            // thread.
        } finally {
            lock.unlock();
        }
    }

    private State<T> look(State<T> known) {
        try {
            return newest(known);
        } catch (LarderException e) {
            if (e.code() != ErrorCode.STEP_MISSING) {
                failures.incrementAndGet();
            }
            return new State<>(known.decoded(), known.snapshot(), null, null, e);
        } catch (RuntimeException | Error e) {
            failures.incrementAndGet();
            // Whatever a strange content does to the decoder: the looking must go on.
            return new State<>(
                    known.decoded(),
                    known.snapshot(),
                    null,
                    null,
                    new LarderException(
                            ErrorCode.REGISTRY_UNAVAILABLE,
                            "The registry %s cannot be used: %s. Apply the definitions again, or restore it from a copy."
                                    .formatted(registry.location(), e),
                            e));
        }
    }

    private State<T> newest(State<T> known) {
        Optional<Object> found = registry.stamp();
        if (found.isEmpty() && known.snapshot() != null) {
            throw new LarderException(
                    ErrorCode.REGISTRY_UNAVAILABLE,
                    "The registry %s is gone. Restore it, or run 'larder apply'; until then the last one read is served."
                            .formatted(registry.location()));
        }
        Object stamp = found.orElse(null);
        if (stamp != null && stamp.equals(known.stamp())) {
            return known;
        }
        Snapshot read = registry.read();
        if (read.equals(known.snapshot())) {
            return new State<>(known.decoded(), known.snapshot(), stamp, null, null);
        }
        if (read.isEmpty() && known.snapshot() != null && !known.snapshot().isEmpty()) {
            long since = known.emptySince() == null ? System.nanoTime() : known.emptySince();
            LarderException problem = System.nanoTime() - since < TIME_TO_WRITE.toNanos() ? null : empty();
            return new State<>(known.decoded(), known.snapshot(), null, since, problem);
        }
        return new State<>(decoder.apply(read), read, stamp, null, null);
    }

    private LarderException empty() {
        return new LarderException(
                ErrorCode.REGISTRY_UNAVAILABLE,
                "The registry %s has no content any more. Restore it, or run 'larder apply'; until then the last one read is served."
                        .formatted(registry.location()));
    }

    private LarderException notReadYet() {
        return failure("The registry %s has not been read yet".formatted(registry.location()));
    }

    private static LarderException failure(String what) {
        return new LarderException(
                ErrorCode.REGISTRY_UNAVAILABLE, what + ". See whether its storage answers, and try again.");
    }

    /** Threads do not share an exception: each has its own stack and what is suppressed. */
    private static LarderException copy(LarderException failure) {
        return new LarderException(failure.code(), String.valueOf(failure.getMessage()), failure);
    }
}
