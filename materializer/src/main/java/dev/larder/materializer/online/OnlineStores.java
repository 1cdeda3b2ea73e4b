package dev.larder.materializer.online;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.Lease;
import dev.larder.onlinestore.LeaseToken;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.RedisOnlineStore;
import dev.larder.onlinestore.RedisSettings;
import dev.larder.onlinestore.SqliteLock;
import dev.larder.onlinestore.SqliteOnlineStore;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.OnlineStoreConfig;
import java.io.Serializable;
import java.nio.file.Path;
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
        return Sqlite.of(
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
                Optional<Lease> taken = store.materializeLease(view, leaseLife);
                if (taken.isPresent()) {
                    return taken.get();
                }
                if (System.nanoTime() > deadline) {
                    throw new LarderException(
                            ErrorCode.ONLINE_STORE_UNAVAILABLE,
                            "Another process has been materializing view %s to Redis at %s for %d s. Run this again when it is done."
                                    .formatted(view, settings.address(), patience.toSeconds()));
                }
                OnlineStores.pause(POLL_MILLIS, view);
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

    /**
     * A SQLite file, which has one writer at a time.
     *
     * @param patience how long another process is waited for
     */
    record Sqlite(String file, String project, Duration patience) implements OnlineStores {
        private static final Duration PATIENCE = Duration.ofSeconds(45);
        private static final long POLL_MILLIS = 200;

        static Sqlite of(String file, String project) {
            return new Sqlite(file, project, PATIENCE);
        }

        @Override
        public OnlineStore open() {
            return SqliteOnlineStore.open(Path.of(file), project);
        }

        @Override
        public int writers() {
            return 1;
        }

        @Override
        public Turn turn(String view) {
            long deadline = System.nanoTime() + patience.toNanos();
            while (true) {
                Optional<SqliteLock> taken = SqliteLock.take(Path.of(file));
                if (taken.isPresent()) {
                    return new FileTurn(this, taken.get());
                }
                if (System.nanoTime() > deadline) {
                    throw new LarderException(
                            ErrorCode.ONLINE_STORE_UNAVAILABLE,
                            "Another process has been materializing to %s for %d s. Run this again when it is done."
                                    .formatted(file, patience.toSeconds()));
                }
                OnlineStores.pause(POLL_MILLIS, view);
            }
        }

        /** Nobody can take a lock of the operating system away. */
        private record FileTurn(Sqlite stores, SqliteLock lock) implements Turn {
            @Override
            public void requireHeld() {}

            @Override
            public void close() {
                lock.close();
            }
        }
    }

    private static void pause(long millis, String view) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LarderException(
                    ErrorCode.ONLINE_STORE_UNAVAILABLE,
                    "Interrupted while waiting for another process that materializes view " + view,
                    e);
        }
    }
}
