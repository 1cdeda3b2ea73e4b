package dev.larder.onlinestore;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Through the client library, which finds the node of a cluster that has a key, and the master that sentinels name. */
final class LettuceHashes implements Hashes {
    private final RedisConnection connection;

    LettuceHashes(RedisConnection connection) {
        this.connection = connection;
    }

    @Override
    public CompletableFuture<StoredHash[]> read(List<Request> requests) {
        HashReads batch = new HashReads(Hashes.count(requests));
        for (Request request : requests) {
            for (int i = 0; i < request.keys().size(); i++) {
                batch.add(
                        request.whole()
                                ? HashRead.whole(request.key(i), request.fields(), batch)
                                : HashRead.some(request.key(i), request.fields(), batch));
            }
        }
        connection.send(batch);
        return batch.done();
    }
}
