package dev.larder.onlinestore;

import dev.larder.onlinestore.RedisReplies.RedisRefusal;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One read over a connection of ours: the requests, and the replies that have come so far. */
final class LinkRead {
    private final List<Hashes.Request> requests;
    private final StoredHash[] hashes;
    private final CompletableFuture<StoredHash[]> done = new CompletableFuture<>();
    private final long end;
    private boolean isSentAgain;
    private int request;
    private int key;
    private int next;
    private @Nullable RedisRefusal refusal;

    /** @param end when it is given up, in terms of {@link System#nanoTime} */
    LinkRead(List<Hashes.Request> requests, long end) {
        this.requests = requests;
        this.end = end;
        hashes = new StoredHash[Hashes.count(requests)];
    }

    CompletableFuture<StoredHash[]> done() {
        return done;
    }

    boolean isLate(long nanoTime) {
        return end - nanoTime <= 0;
    }

    void encode(CommandBuffer out) {
        for (Hashes.Request asked : requests) {
            HashFields fields = asked.fields();
            for (byte[] entity : asked.keys()) {
                out.begin(asked.whole() ? 2 : 2 + fields.count());
                out.text(asked.whole() ? CommandBuffer.HGETALL : CommandBuffer.HMGET);
                out.text(entity, asked.suffix());
                if (!asked.whole()) {
                    out.raw(fields.encoded());
                }
            }
        }
    }

    /**
     * Takes the next reply if it is there.
     *
     * @return whether it was
     */
    boolean take(RedisReplies replies) throws IOException {
        while (key == requests.get(request).keys().size()) {
            request++;
            key = 0;
        }
        Hashes.Request asked = requests.get(request);
        try {
            StoredHash hash = replies.hash(asked.fields(), asked.whole());
            if (hash == null) {
                return false;
            }
            hashes[next] = hash;
        } catch (RedisRefusal e) {
            refusal = e;
        }
        next++;
        key++;
        return true;
    }

    boolean isComplete() {
        return next == hashes.length;
    }

    void finish() {
        if (refusal == null) {
            done.complete(hashes);
        } else {
            done.completeExceptionally(refusal);
        }
    }

    /** Forgets what has come; true the first time only. */
    boolean beginAgain() {
        boolean isFirst = !isSentAgain;
        isSentAgain = true;
        request = 0;
        key = 0;
        next = 0;
        refusal = null;
        return isFirst;
    }
}
