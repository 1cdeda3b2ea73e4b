package dev.larder.registry;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.larder.feast.proto.core.Registry;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.objectstorage.Location;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a registry file. A reader sees the old or the new content, never a part: writes go to a temporary file that
 * takes the old one's place. Writers, also of other processes, take turns by a lock on a file beside it.
 */
final class RegistryFile implements RegistryStorage {
    /** File locks belong to the process, so threads of one process need a lock of their own. */
    private static final ReentrantLock WRITERS = new ReentrantLock();

    /** Of two writes so close together the file's time may not tell which it has seen. */
    private static final Duration TICK = Duration.ofMillis(50);

    private static final int READS = 20;
    private static final long READ_AGAIN_MILLIS = 20;
    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(30);
    private static final long LOCK_POLL_MILLIS = 20;

    private final Path file;

    RegistryFile(Path file) {
        this.file = file;
    }

    /** What tells one content of the file from another; a rename also changes the key. */
    private record Stamp(FileTime modified, long size, @Nullable Object key) {}

    @Override
    public Location location() {
        return new Location.Local(file);
    }

    @Override
    public @Nullable Registry read() {
        try {
            return Registry.parseFrom(wholeContent());
        } catch (NoSuchFileException e) {
            return null;
        } catch (InvalidProtocolBufferException e) {
            throw new LarderException(
                    ErrorCode.REGISTRY_UNAVAILABLE,
                    "%s is not a Feast registry: %s. Restore it from a copy, or move it away and run 'larder apply'."
                            .formatted(file, e.getMessage()),
                    e);
        } catch (IOException e) {
            throw unusable("read", e);
        }
    }

    /** Feast writes in place, so what was read while it wrote may be a part. */
    private byte[] wholeContent() throws IOException {
        for (int i = 0; i < READS; i++) {
            BasicFileAttributes before = attributes();
            byte[] bytes = Files.readAllBytes(file);
            BasicFileAttributes after = attributes();
            boolean replaced = !Objects.equals(before.fileKey(), after.fileKey());
            if (replaced
                    || (after.size() == bytes.length && after.lastModifiedTime().equals(before.lastModifiedTime()))) {
                return bytes;
            }
            pause(READ_AGAIN_MILLIS, file.toString());
        }
        throw new LarderException(
                ErrorCode.REGISTRY_UNAVAILABLE,
                "The registry %s was changed during each of %d reads. Try again when its writer is done."
                        .formatted(file, READS));
    }

    private BasicFileAttributes attributes() throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class);
    }

    private static void pause(long millis, String waitingFor) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LarderException(ErrorCode.REGISTRY_UNAVAILABLE, "Interrupted while waiting for " + waitingFor, e);
        }
    }

    @Override
    public <T> T change(Function<Registry, Rewrite<T>> work) {
        return exclusively(() -> {
            Rewrite<T> rewrite = work.apply(RegistryStorage.orEmpty(read()));
            if (rewrite.next() != null) {
                write(rewrite.next());
            }
            return rewrite.result();
        });
    }

    @Override
    public Optional<Object> stamp() {
        try {
            BasicFileAttributes attributes = attributes();
            Duration age = Duration.between(attributes.lastModifiedTime().toInstant(), Instant.now());
            return Optional.of(
                    age.abs().compareTo(TICK) < 0
                            ? new Object()
                            : new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.REGISTRY_UNAVAILABLE,
                    "Cannot look at the registry %s: %s. Restore it, or run 'larder apply'; until then the last one read is served."
                            .formatted(file, e),
                    e);
        }
    }

    @Override
    public void close() {}

    /** Runs one writer at a time, across processes. */
    private <T> T exclusively(Supplier<T> work) {
        Path lockFile = file.resolveSibling("." + file.getFileName() + ".lock");
        WRITERS.lock();
        try {
            Files.createDirectories(folderOf(file.toAbsolutePath()));
            try (FileChannel channel =
                    FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                FileLock lock = lock(channel, lockFile);
                try {
                    return work.get();
                } finally {
                    lock.release();
                }
            }
        } catch (IOException e) {
            throw unusable("lock", e);
        } finally {
            WRITERS.unlock();
        }
    }

    private static FileLock lock(FileChannel channel, Path lockFile) throws IOException {
        long deadline = System.nanoTime() + LOCK_PATIENCE.toNanos();
        while (true) {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return lock;
            }
            if (System.nanoTime() > deadline) {
                throw new LarderException(
                        ErrorCode.REGISTRY_UNAVAILABLE,
                        "Another process has held %s for %d s. Wait for its apply or materialization to end, or end it."
                                .formatted(lockFile, LOCK_PATIENCE.toSeconds()));
            }
            pause(LOCK_POLL_MILLIS, lockFile.toString());
        }
    }

    /** Only within {@link #exclusively}. */
    private void write(Registry registry) {
        try {
            // A symbolic link stays one: what it points to is replaced.
            Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
            deleteLeftovers(target);
            Path temporary = target.resolveSibling(temporaryPrefix(target) + UUID.randomUUID());
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(registry.toByteArray());
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            forceFolder(folderOf(target));
        } catch (IOException e) {
            throw unusable("write", e);
        }
    }

    /** What writers left that were killed; the lock says that none is at work. */
    private static void deleteLeftovers(Path target) throws IOException {
        try (DirectoryStream<Path> leftovers =
                Files.newDirectoryStream(folderOf(target), temporaryPrefix(target) + "*")) {
            for (Path leftover : leftovers) {
                Files.deleteIfExists(leftover);
            }
        }
    }

    private static String temporaryPrefix(Path target) {
        return "." + target.getFileName() + ".tmp-";
    }

    /** Makes the rename survive a power cut. */
    private static void forceFolder(Path folder) throws IOException {
        if (System.getProperty("os.name", "").startsWith("Windows")) {
            return; // cannot open a folder
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Path folderOf(Path absolute) {
        return Objects.requireNonNull(absolute.getParent(), "a file has a folder");
    }

    private LarderException unusable(String action, IOException e) {
        return new LarderException(
                ErrorCode.PATH_UNUSABLE,
                "Cannot %s the registry %s: %s. Check the folder, its permissions and the space left."
                        .formatted(action, file, e),
                e);
    }
}
