package dev.larder.registry;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The newest readable content of a registry file, for servers: re-read when the file has changed; while it cannot be read,
 * the last good content stays. Safe for use by many threads, none of which waits for a re-read by another.
 */
public final class RegistryWatcher {
    private final FileRegistry registry;
    private final long intervalNanos;
    private final LongSupplier nanoTime;
    private final ReentrantLock reading = new ReentrantLock();

    private volatile State state;

    /** What tells one content of the file from another; a rename also changes the key. */
    private record Stamp(FileTime modified, long size, @Nullable Object key) {}

    private record State(Snapshot snapshot, Stamp stamp, long checkedAt, @Nullable LarderException failure) {}

    /**
     * Reads the registry once.
     *
     * @param atMostEvery how often the file is looked at, at most
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
        // A stamp that fits no file: a write between the reading and the first look is not missed.
        this.state = new State(first, new Stamp(FileTime.fromMillis(0), -1, null), nanoTime.getAsLong(), null);
    }

    /** The last good content, after a look at the file if the last one is long enough ago. */
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
            Stamp stamp = stamp(registry.path());
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

    private static Stamp stamp(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.REGISTRY_UNAVAILABLE,
                    "Cannot look at the registry %s: %s. Restore it, or run 'larder apply'; until then the last one read is served."
                            .formatted(file, e),
                    e);
        }
    }
}
