package dev.larder.onlinestore;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The right to materialize to a SQLite file: a lock of the operating system on a file beside it. It goes with the process that
 * holds it, however that ends; the empty file stays.
 */
public final class SqliteLock implements AutoCloseable {
    /** What this process holds: on some systems closing any channel of a file gives back all the process's locks on it. */
    private static final Set<Path> OWN = new HashSet<>();

    private final Path file;
    private final FileChannel channel;

    private SqliteLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * @param store {@code online_store.path}
     * @return empty if somebody has it
     * @throws LarderException {@code PATH_UNUSABLE} if the file of the lock cannot be written
     */
    @SuppressWarnings("resource") // the lock is given back with its channel
    public static Optional<SqliteLock> take(Path store) {
        Path file = beside(store);
        synchronized (OWN) {
            if (OWN.contains(file)) {
                return Optional.empty();
            }
            try {
                Files.createDirectories(file.resolveSibling(""));
                FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                if (channel.tryLock() == null) {
                    channel.close();
                    return Optional.empty();
                }
                OWN.add(file);
                return Optional.of(new SqliteLock(file, channel));
            } catch (IOException e) {
                throw unusable(file, e);
            }
        }
    }

    /** Whether some process has it; for a moment this keeps others from taking it. */
    static boolean isHeld(Path store) {
        Path file = beside(store);
        synchronized (OWN) {
            if (OWN.contains(file)) {
                return true;
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                    FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
                return lock == null;
            } catch (NoSuchFileException e) {
                return false;
            } catch (IOException e) {
                throw unusable(file, e);
            }
        }
    }

    @Override
    public void close() {
        synchronized (OWN) {
            OWN.remove(file);
            try {
                channel.close();
            } catch (IOException e) {
                throw unusable(file, e);
            }
        }
    }

    private static Path beside(Path store) {
        return Path.of(store + ".lock").toAbsolutePath().normalize();
    }

    private static LarderException unusable(Path file, IOException e) {
        return new LarderException(
                ErrorCode.PATH_UNUSABLE,
                "Cannot use %s beside the online store: %s. Choose a writable place in online_store.path."
                        .formatted(file, e),
                e);
    }
}
