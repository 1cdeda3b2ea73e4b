package dev.larder.registry;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.larder.feast.proto.core.Registry;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.objectstorage.Bucket;
import dev.larder.objectstorage.Location;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a registry in an object of S3, as Feast's S3RegistryStore keeps them. There is no lock: a writer replaces just
 * the content that it has read, and begins anew when another one was faster.
 */
final class RegistryObject implements RegistryStorage {
    private static final int ATTEMPTS = 20;
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    private final Bucket bucket;
    private final Location.S3 location;

    /** @param bucket closed with this */
    RegistryObject(Bucket bucket, Location.S3 location) {
        this.bucket = bucket;
        this.location = location;
    }

    @Override
    public Location location() {
        return location;
    }

    @Override
    public @Nullable Registry read() {
        return bucket.read(location.key()).map(this::parse).orElse(null);
    }

    private Registry parse(Bucket.Stored stored) {
        try {
            return Registry.parseFrom(stored.bytes());
        } catch (InvalidProtocolBufferException e) {
            throw new LarderException(
                    ErrorCode.REGISTRY_UNAVAILABLE,
                    "%s is not a Feast registry: %s. Restore it from a copy, or move it away and run 'larder apply'."
                            .formatted(location, e.getMessage()),
                    e);
        }
    }

    @Override
    public <T> T change(Function<Registry, Rewrite<T>> work) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            pauseBefore(attempt);
            Optional<Bucket.Stored> stored = bucket.read(location.key());
            Rewrite<T> rewrite =
                    work.apply(RegistryStorage.orEmpty(stored.map(this::parse).orElse(null)));
            if (rewrite.next() == null
                    || bucket.replace(
                            location.key(),
                            rewrite.next().toByteArray(),
                            stored.map(Bucket.Stored::etag).orElse(null))) {
                return rewrite.result();
            }
        }
        throw new LarderException(
                ErrorCode.REGISTRY_UNAVAILABLE,
                "Other writers keep changing %s; %d attempts found a newer content each time. Run this again when they are done."
                        .formatted(location, ATTEMPTS));
    }

    /** Writers that met once must not meet again at every attempt. */
    private void pauseBefore(int attempt) {
        if (attempt == 0) {
            return;
        }
        long longest = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(attempt, 10));
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(longest));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LarderException(
                    ErrorCode.REGISTRY_UNAVAILABLE, "Interrupted while waiting to write " + location, e);
        }
    }

    @Override
    public Optional<Object> stamp() {
        return bucket.etag(location.key()).map(Object.class::cast);
    }

    @Override
    public void close() {
        bucket.close();
    }
}
