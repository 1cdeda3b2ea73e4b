package dev.larder.registry;

import dev.larder.model.LarderException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The newest readable content of a registry, for servers: re-read when it has changed; while it cannot be read,
 * the last good content stays. Safe for use by many threads, none of which waits for a re-read by another.
 */
public final class RegistryWatcher {
    private final FileRegistry registry;
    private final long intervalNanos;
    private final LongSupplier nanoTime;
    private final ReentrantLock reading = new ReentrantLock();

    private volatile State state;

    private record State(Snapshot snapshot, Object stamp, long checkedAt, @Nullable LarderException failure) {}

    /**
     * Reads the registry once.
     *
     * @param atMostEvery how often the registry is looked at, at most
     * @throws LarderException as {@link FileRegistry#read}
     */
    public RegistryWatcher(FileRegistry registry, Duration atMostEvery) {
        this(registry, atMostEvery, System::nanoTime);
    }

    RegistryWatcher(FileRegistry registry, Duration atMostEvery, LongSupplier nanoTime) {
        this.registry = registry;
        this.intervalNanos = atMostEvery.toNanos();
        this.nanoTime = nanoTime;
        Snapshot first = registry.read();
        // A stamp that fits no content: a write between the reading and the first look is not missed.
        this.state = new State(first, new Object(), nanoTime.getAsLong(), null);
    }

    /** The last good content, after a look at the registry if the last one is long enough ago. */
    public Snapshot current() {
        State known = state;
        if (nanoTime.getAsLong() - known.checkedAt() >= intervalNanos && reading.tryLock()) {
            try {
                state = look(state);
            } finally {
                reading.unlock();
            }
        }
        return state.snapshot();
    }

    /** Why the last look failed; empty after one that went well. */
    public Optional<LarderException> lastFailure() {
        return Optional.ofNullable(state.failure());
    }

    private State look(State known) {
        long at = nanoTime.getAsLong();
        try {
            Object stamp = registry.stamp();
            if (stamp.equals(known.stamp())) {
                return new State(known.snapshot(), stamp, at, null);
            }
            Snapshot read = registry.read();
            boolean same = read.versionId().equals(known.snapshot().versionId())
                    && read.proto().equals(known.snapshot().proto());
            return new State(same ? known.snapshot() : read, stamp, at, null);
        } catch (LarderException e) {
            return new State(known.snapshot(), known.stamp(), at, e);
        }
    }
}
