package dev.larder.onlinestore;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.Serializable;

/**
 * By what other threads and processes that work for a lease's holder know it.
 *
 * @param name what the lease is for
 * @param key where it lies in Redis
 * @param secret what only its holder has put there
 */
public record LeaseToken(String name, String key, String secret) implements Serializable {
    private static final long serialVersionUID = 1L;

    LarderException lost() {
        return new LarderException(
                ErrorCode.ONLINE_STORE_UNAVAILABLE,
                "The lease '%s' in Redis was lost: it was not renewed in time, or somebody removed it. Run this again."
                        .formatted(name));
    }
}
