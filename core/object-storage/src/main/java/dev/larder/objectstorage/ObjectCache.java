package dev.larder.objectstorage;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;

/**
 * Copies of objects that never change, as files in a folder of limited size that many processes may share. What was not used
 * for longest goes first, but never while anyone is at work: a file that a process was given stays until that one is done.
 *
 * <p>Whoever uses the folder holds a shared lock on a file in it. Only who can have the lock alone deletes, so the folder may
 * be larger than its limit for as long as it is used without a pause.
 */
public final class ObjectCache {
    private static final String LOCK = ".lock";
    private static final String TEMPORARY = ".tmp-";
    private static final Duration LEFTOVER_AGE = Duration.ofHours(1);
    private static final int THREADS = 16;

    /** File locks belong to the process, so uses within one process share a lock of their own. */
    private static final Map<Path, InProcess> USES = new HashMap<>();

    private final Path folder;
    private final long limitBytes;

    /**
     * @param folder made where it is missing
     * @param limitBytes of all copies together
     */
    public ObjectCache(Path folder, long limitBytes) {
        this.folder = folder.toAbsolutePath().normalize();
        this.limitBytes = limitBytes;
    }

    /** An object that never changes. */
    public record Fixed(Location.S3 location, long bytes) {}

    /** How an object gets to this machine. */
    @FunctionalInterface
    public interface Download {
        /** Writes the object into a file that does not exist yet; returns its size. */
        long to(Location.S3 location, Path file);
    }

    /**
     * Begins a use; the files that it gives stay until it is closed.
     *
     * @throws LarderException {@code PATH_UNUSABLE} if the folder cannot be written
     */
    public Use open() {
        try {
            Files.createDirectories(folder);
            evict();
            return new Use(InProcess.acquire(folder));
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    /** One use of the folder. */
    public final class Use implements AutoCloseable {
        private final InProcess lock;

        private Use(InProcess lock) {
            this.lock = lock;
        }

        /**
         * The objects as files, in their order; what is missing is fetched, several at a time.
         *
         * @param done is told the bytes of each object as soon as it is there
         * @throws LarderException {@code ARGUMENT_INVALID} if they are more than the folder may hold
         */
        public List<Path> files(List<Fixed> objects, Download download, LongConsumer done) {
            Set<Fixed> distinct = new LinkedHashSet<>(objects);
            long bytes = distinct.stream().mapToLong(Fixed::bytes).sum();
            if (bytes > limitBytes) {
                throw new LarderException(
                        ErrorCode.ARGUMENT_INVALID,
                        "%d objects with %d MB are needed at once, and %s may hold %d MB. Raise larder.lake.cache_size in feature_store.yaml, or ask for less."
                                .formatted(distinct.size(), bytes / 1_000_000, folder, limitBytes / 1_000_000));
            }
            List<Fixed> missing = new ArrayList<>();
            for (Fixed object : distinct) {
                if (touch(object)) {
                    done.accept(object.bytes());
                } else {
                    missing.add(object);
                }
            }
            fetch(missing, download, done);
            return objects.stream().map(ObjectCache.this::file).toList();
        }

        @Override
        public void close() {
            try {
                lock.release();
                evict();
            } catch (IOException e) {
                throw unusable(e);
            }
        }
    }

    private void fetch(List<Fixed> objects, Download download, LongConsumer done) {
        if (objects.isEmpty()) {
            return;
        }
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(THREADS, objects.size()));
        try {
            CompletionService<Fixed> fetched = new ExecutorCompletionService<>(threads);
            objects.forEach(object -> fetched.submit(() -> fetch(object, download)));
            for (int i = 0; i < objects.size(); i++) {
                done.accept(fetched.take().get().bytes());
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw unusable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unusable(e);
        } finally {
            threads.shutdownNow();
        }
    }

    private Fixed fetch(Fixed object, Download download) throws IOException {
        Path file = file(object);
        Path temporary = folder.resolve(TEMPORARY + UUID.randomUUID());
        try {
            long bytes = download.to(object.location(), temporary);
            if (bytes != object.bytes()) {
                throw new LarderException(
                        ErrorCode.LAKE_UNAVAILABLE,
                        "%s has %d bytes (expected: %d, as its table says). It was overwritten: run the step again that writes the table."
                                .formatted(object.location(), bytes, object.bytes()));
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return object;
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Whether the copy is there; it counts as used now. */
    private boolean touch(Fixed object) {
        Path file = file(object);
        try {
            if (Files.size(file) != object.bytes()) {
                return false;
            }
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            return true;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    /** Where the copy of an object is, if there is one. */
    Path file(Fixed object) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest((object.location().text() + "\n" + object.bytes()).getBytes(StandardCharsets.UTF_8));
            String key = object.location().key();
            int dot = key.lastIndexOf('.');
            String extension = dot > key.lastIndexOf('/') ? key.substring(dot) : "";
            return folder.resolve(HexFormat.of().formatHex(hash, 0, 20) + extension);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private record Copy(Path file, long bytes, FileTime used) {}

    /** Deletes the copies that are too many, unless somebody is at work. */
    private void evict() throws IOException {
        List<Copy> copies = copies();
        long bytes = copies.stream().mapToLong(Copy::bytes).sum();
        if (bytes <= limitBytes) {
            return;
        }
        long excess = bytes - limitBytes;
        InProcess.alone(folder, () -> {
            long left = excess;
            for (Copy copy : copies) {
                if (left > 0) {
                    Files.deleteIfExists(copy.file());
                    left -= copy.bytes();
                }
            }
        });
    }

    /** Least recently used first; what killed downloads left behind is deleted on the way. */
    private List<Copy> copies() throws IOException {
        List<Copy> copies = new ArrayList<>();
        FileTime old = FileTime.from(Instant.now().minus(LEFTOVER_AGE));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                look(file, old).ifPresent(copies::add);
            }
        }
        copies.sort(Comparator.comparing(Copy::used));
        return copies;
    }

    private static Optional<Copy> look(Path file, FileTime old) throws IOException {
        String name = String.valueOf(file.getFileName());
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            FileTime used = attributes.lastModifiedTime();
            if (!name.startsWith(".")) {
                return Optional.of(new Copy(file, attributes.size(), used));
            }
            if (name.startsWith(TEMPORARY) && used.compareTo(old) < 0) {
                Files.deleteIfExists(file);
            }
            return Optional.empty();
        } catch (NoSuchFileException e) {
            // Another process was faster.
            return Optional.empty();
        }
    }

    private LarderException unusable(Throwable e) {
        return new LarderException(
                ErrorCode.PATH_UNUSABLE,
                "Copies of the lake's files cannot be kept in %s: %s. Check the folder (larder.data of feature_store.yaml), its permissions and the space left."
                        .formatted(folder, e),
                e);
    }

    /** One process's part of a folder's lock. */
    private static final class InProcess {
        private final Path folder;
        private final FileChannel channel;
        private int users;

        private InProcess(Path folder, FileChannel channel) {
            this.folder = folder;
            this.channel = channel;
        }

        static InProcess acquire(Path folder) throws IOException {
            synchronized (USES) {
                InProcess use = USES.get(folder);
                if (use == null) {
                    FileChannel channel = channel(folder);
                    channel.lock(0, Long.MAX_VALUE, true);
                    use = new InProcess(folder, channel);
                    USES.put(folder, use);
                }
                use.users++;
                return use;
            }
        }

        void release() throws IOException {
            synchronized (USES) {
                users--;
                if (users == 0) {
                    USES.remove(folder);
                    channel.close();
                }
            }
        }

        /** Does something while no one uses the folder, or not at all. */
        static void alone(Path folder, Deletion deletion) throws IOException {
            synchronized (USES) {
                if (USES.containsKey(folder)) {
                    return;
                }
                // Closing the channel gives the lock back.
                try (FileChannel channel = channel(folder)) {
                    if (channel.tryLock() != null) {
                        deletion.run();
                    }
                }
            }
        }

        @FunctionalInterface
        interface Deletion {
            void run() throws IOException;
        }

        private static FileChannel channel(Path folder) throws IOException {
            return FileChannel.open(
                    folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        }
    }
}
