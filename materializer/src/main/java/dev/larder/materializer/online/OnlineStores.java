package dev.larder.materializer.online;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.SqliteOnlineStore;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.OnlineStoreConfig;
import java.io.IOException;
import java.io.Serializable;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Opens the project's online store, on the driver and in tasks. */
public interface OnlineStores extends Serializable {

    OnlineStore open();

    /** How many tasks may write at once. */
    int writers();

    /**
     * Does something while no other process materializes to this store.
     *
     * @throws LarderException {@code ONLINE_STORE_UNAVAILABLE} if another one is at work
     */
    <T> T exclusively(Supplier<T> work);

    static OnlineStores of(FeatureStoreConfig config) {
        OnlineStoreConfig store = config.onlineStore();
        if (store instanceof OnlineStoreConfig.Sqlite sqlite) {
            return new Sqlite(sqlite.path().toString(), config.project());
        }
        throw new LarderException(
                ErrorCode.DEFINITION_INVALID,
                "online_store: type %s cannot be materialized to (expected: sqlite)".formatted(store.type()));
    }

    /** A SQLite file, which has one writer at a time. */
    record Sqlite(String file, String project) implements OnlineStores {
        @Override
        public OnlineStore open() {
            return SqliteOnlineStore.open(Path.of(file), project);
        }

        @Override
        public int writers() {
            return 1;
        }

        /** The lock goes with the process that holds it, however that ends; the empty file stays. */
        @Override
        public <T> T exclusively(Supplier<T> work) {
            Path lock = Path.of(file + ".lock").toAbsolutePath();
            try {
                Files.createDirectories(lock.resolveSibling(""));
            } catch (IOException e) {
                throw unusable(lock, e);
            }
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                if (tryLock(channel) == null) {
                    throw new LarderException(
                            ErrorCode.ONLINE_STORE_UNAVAILABLE,
                            "Another process is materializing to %s. Run this again when it is done.".formatted(file));
                }
                return work.get();
            } catch (IOException e) {
                throw unusable(lock, e);
            }
        }

        private static LarderException unusable(Path lock, IOException e) {
            return new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "Cannot write %s beside the online store: %s. Choose a writable place in online_store.path."
                            .formatted(lock, e),
                    e);
        }

        private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
            try {
                return channel.tryLock();
            } catch (OverlappingFileLockException e) {
                // This very process holds it, in another thread.
                return null;
            }
        }
    }
}
