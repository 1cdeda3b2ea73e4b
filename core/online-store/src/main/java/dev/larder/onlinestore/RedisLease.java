package dev.larder.onlinestore;

import dev.larder.model.LarderException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A key that expires, with a token that only its holder knows, renewed three times within its life. A holder that stands still
 * for longer loses it; a store that was opened with the token ({@link RedisFence}) then writes no more.
 */
final class RedisLease implements Lease {
    private static final int RENEWALS_PER_LIFE = 3;

    private static final byte[] RENEW = RedisLayout.utf8(
            "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end return redis.call('PEXPIRE', KEYS[1], ARGV[2])");
    private static final byte[] RELEASE = RedisLayout.utf8(
            "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end return redis.call('DEL', KEYS[1])");

    private final RedisConnection connection;
    private final LeaseToken token;
    private final byte[] key;
    private final Duration life;
    private final ScheduledExecutorService clock;
    private final ScheduledFuture<?> renewal;
    /** On the clock of {@link System#nanoTime}. */
    private volatile long heldUntil;

    private RedisLease(RedisConnection connection, LeaseToken token, Duration life, long heldUntil) {
        this.connection = connection;
        this.token = token;
        this.life = life;
        key = RedisLayout.utf8(token.key());
        this.heldUntil = heldUntil;
        clock = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "larder-lease-" + token.name());
            thread.setDaemon(true);
            return thread;
        });
        long pause = life.toMillis() / RENEWALS_PER_LIFE;
        renewal = clock.scheduleWithFixedDelay(this::renew, pause, pause, TimeUnit.MILLISECONDS);
    }

    static Optional<Lease> take(RedisConnection connection, String name, String key, Duration life) {
        LeaseToken token = new LeaseToken(name, key, UUID.randomUUID().toString());
        byte[] place = RedisLayout.utf8(key);
        byte[] secret = RedisLayout.utf8(token.secret());
        long start = System.nanoTime();
        @Nullable
        String answer = connection.ask(
                commands -> commands.set(place, secret, SetArgs.Builder.nx().px(life.toMillis())));
        // The command may have run twice, the first time without its answer reaching us.
        boolean taken = answer != null || Arrays.equals(secret, connection.ask(commands -> commands.get(place)));
        return !taken ? Optional.empty() : Optional.of(new RedisLease(connection, token, life, start + life.toNanos()));
    }

    private void renew() {
        long start = System.nanoTime();
        try {
            if (call(RENEW, RedisLayout.utf8(Long.toString(life.toMillis()))) == 1) {
                heldUntil = start + life.toNanos();
            } else {
                heldUntil = start;
                renewal.cancel(false);
            }
        } catch (LarderException e) {
            // Redis may be back before the lease ends; if not, requireHeld() says so.
        }
    }

    @Override
    public LeaseToken token() {
        return token;
    }

    @Override
    public void requireHeld() {
        if (System.nanoTime() - heldUntil >= 0) {
            throw token.lost();
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
        try {
            long unused = call(RELEASE);
        } catch (LarderException e) {
            // It expires by itself.
        }
    }

    private long call(byte[] script, byte[]... more) {
        byte[][] arguments = new byte[1 + more.length][];
        arguments[0] = RedisLayout.utf8(token.secret());
        System.arraycopy(more, 0, arguments, 1, more.length);
        Long answer = connection.ask(
                commands -> commands.eval(script, ScriptOutputType.INTEGER, new byte[][] {key}, arguments));
        return answer;
    }
}
