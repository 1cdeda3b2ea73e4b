package dev.larder.materializer.online;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.Lease;
import dev.larder.onlinestore.LeaseToken;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.RedisOnlineStore;
import dev.larder.onlinestore.RedisSettings;
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
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Opens the project's online store, on the driver and in tasks. */
public interface OnlineStores extends Serializable {

    OnlineStore open();

    /** How many tasks may write at once. */
    int writers();

    /**
     * Takes the right to be the only one who materializes a view to this store.
     *
     * @throws LarderException {@code ONLINE_STORE_UNAVAILABLE} if another process has it
     */
    Turn turn(String view);

    /** That right, until it is closed or lost. */
    interface Turn extends AutoCloseable {
        /** The same stores, which take writes only while the right is held. */
        OnlineStores stores();

        /** @throws LarderException {@code ONLINE_STORE_UNAVAILABLE} if it is lost */
        void requireHeld();

        @Override
        void close();
    }

    static OnlineStores of(FeatureStoreConfig config) {
        if (config.onlineStore() instanceof OnlineStoreConfig.Redis redis) {
            RedisSettings settings = RedisSettings.parse(
                    redis.redisType(), redis.connectionString(), redis.sentinelMaster(), redis.keyTtlSeconds());
            return Redis.of(
                    redis.fullScanForDeletion() ? settings : settings.withoutScanForDeletion(), config.project());
        }
        return new Sqlite(
                ((OnlineStoreConfig.Sqlite) config.onlineStore()).path().toString(), config.project());
    }

    /**
     * Redis, which many may write to at once: every write compares what is stored.
     *
     * @param leaseLife after how long the turn goes to somebody else if this process dies or stands still
     * @param lease held by whoever writes; null: nobody does
     */
    record Redis(RedisSettings settings, String project, Duration leaseLife, @Nullable LeaseToken lease)
            implements OnlineStores {
        private static final int WRITERS = 4;
        private static final Duration LEASE_LIFE = Duration.ofSeconds(30);
        private static final long POLL_MILLIS = 500;

        static Redis of(RedisSettings settings, String project) {
            return new Redis(settings, project, LEASE_LIFE, null);
        }

        @Override
        public OnlineStore open() {
            return lease == null
                    ? RedisOnlineStore.open(settings, project)
                    : RedisOnlineStore.open(settings, project, lease);
        }

        @Override
        public int writers() {
            return WRITERS;
        }

        @Override
        public Turn turn(String view) {
            RedisOnlineStore store = RedisOnlineStore.open(settings, project);
            try {
                Lease taken = await(store, view);
                return new RedisTurn(new Redis(settings, project, leaseLife, taken.token()), store, taken);
            } catch (RuntimeException e) {
                store.close();
                throw e;
            }
        }

        private Lease await(RedisOnlineStore store, String view) {
            // Longer than a lease lives, so that what a killed process holds is outlived.
            Duration patience = leaseLife.plus(leaseLife.dividedBy(2));
            long deadline = System.nanoTime() + patience.toNanos();
            while (true) {
                Optional<Lease> taken = store.lease("materialize:" + view, leaseLife);
                if (taken.isPresent()) {
                    return taken.get();
                }
                if (System.nanoTime() > deadline) {
                    throw new LarderException(
                            ErrorCode.ONLINE_STORE_UNAVAILABLE,
                            "Another process has been materializing view %s to Redis at %s for %d s. Run this again when it is done."
                                    .formatted(view, settings.address(), patience.toSeconds()));
                }
                try {
                    Thread.sleep(POLL_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new LarderException(
                            ErrorCode.ONLINE_STORE_UNAVAILABLE,
                            "Interrupted while waiting for another process that materializes view " + view,
                            e);
                }
            }
        }

        /** @param keeper the connection that renews the lease */
        private record RedisTurn(Redis stores, RedisOnlineStore keeper, Lease lease) implements Turn {
            @Override
            public void requireHeld() {
                lease.requireHeld();
            }

            @Override
            public void close() {
                lease.close();
                keeper.close();
            }
        }
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
        public Turn turn(String view) {
            Path lock = Path.of(file + ".lock").toAbsolutePath();
            try {
                Files.createDirectories(lock.resolveSibling(""));
                FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                if (tryLock(channel) == null) {
                    channel.close();
                    throw new LarderException(
                            ErrorCode.ONLINE_STORE_UNAVAILABLE,
                            "Another process is materializing to %s. Run this again when it is done.".formatted(file));
                }
                return new FileTurn(this, channel, lock);
            } catch (IOException e) {
                throw unusable(lock, e);
            }
        }

        /** Nobody can take a lock of the operating system away. */
        private record FileTurn(Sqlite stores, FileChannel channel, Path lock) implements Turn {
            @Override
            public void requireHeld() {}

            @Override
            public void close() {
                try {
                    channel.close();
                } catch (IOException e) {
                    throw unusable(lock, e);
                }
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
