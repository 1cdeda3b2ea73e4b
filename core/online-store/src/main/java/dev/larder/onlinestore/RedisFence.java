package dev.larder.onlinestore;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.protocol.AsyncCommand;
import java.util.List;

/**
 * Keeps out who writes under a lease that somebody else may have by now. In a cluster the lease lies on another node than the
 * entity, so no script sees both: a writer asks, before each round trip of writes, when its lease ends at the earliest, and
 * every write carries that time, after which the entity's node refuses it by its own clock.
 *
 * <p>What remains: the next holder may be there before that time if the nodes' clocks differ, or if the lease was removed
 * by hand, flushed, or not yet copied to a replica that became the master. A write that is under way then still compares what
 * is stored with what was read, so it replaces nothing that the next holder has written; but it may come to an entity that
 * the next holder has found right and left alone.
 */
final class RedisFence {
    /** In milliseconds since 1970; 0 if it is not held. */
    private static final byte[] END = RedisLayout.utf8(
            """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
            local now = redis.call('TIME')
            return now[1] * 1000 + math.floor(now[2] / 1000) + redis.call('PTTL', KEYS[1])
            """);

    private static final byte[] SET_FIELD = RedisLayout.utf8(
            """
            if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
            redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
            return 1
            """);

    private final LeaseToken token;
    private final byte[] key;
    private final byte[] secret;

    RedisFence(LeaseToken token) {
        this.token = token;
        key = RedisLayout.utf8(token.key());
        secret = RedisLayout.utf8(token.secret());
    }

    /** Asks when the lease ends. */
    AsyncCommand<byte[], byte[], Long> end() {
        return RedisCommands.eval(END, key, List.of(secret));
    }

    /** The answer to {@link #end}. */
    byte[] requireHeld(long end) {
        if (end == 0) {
            throw token.lost();
        }
        return RedisLayout.utf8(Long.toString(end));
    }

    void requireAccepted(boolean accepted) {
        if (!accepted) {
            throw token.lost();
        }
    }

    /** Sets a field of a hash that lies on the lease's own node. */
    void setField(RedisConnection connection, byte[] hash, byte[] field, byte[] value) {
        long done = connection.ask(commands -> commands.<Long>eval(
                SET_FIELD, ScriptOutputType.INTEGER, new byte[][] {hash, key}, secret, field, value));
        requireAccepted(done == 1);
    }
}
