package dev.larder.onlinestore;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Reads fields of hashes. Safe for use by many threads. */
@FunctionalInterface
interface Hashes {
    /**
     * Sends all requests together.
     *
     * @return a hash per key, request by request; it fails with whatever kept Redis from answering, which {@link RedisFailures}
     *     understands
     */
    CompletableFuture<StoredHash[]> read(List<Request> requests);

    /**
     * The same fields of some hashes.
     *
     * @param whole whether to ask for all fields, which Redis answers without looking up each
     * @param keys of entities, to each of which {@code suffix} is added
     */
    record Request(HashFields fields, boolean whole, List<byte[]> keys, byte[] suffix) {
        /** The whole key of a hash. */
        byte[] key(int index) {
            byte[] entity = keys.get(index);
            byte[] key = new byte[entity.length + suffix.length];
            System.arraycopy(entity, 0, key, 0, entity.length);
            System.arraycopy(suffix, 0, key, entity.length, suffix.length);
            return key;
        }
    }

    /** How many hashes are read. */
    static int count(List<Request> requests) {
        int count = 0;
        for (Request request : requests) {
            count += request.keys().size();
        }
        return count;
    }
}
