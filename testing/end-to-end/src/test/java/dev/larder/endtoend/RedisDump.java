package dev.larder.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.servers.StackEndpoints;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.awaitility.Awaitility;

/** All that a Redis holds, byte for byte. */
final class RedisDump {
    private RedisDump() {}

    /**
     * Key → its whole content, both in hexadecimal digits; but for the time up to which views are materialized, which is that
     * of the last command, whatever it has changed.
     */
    static Map<String, String> of(StackEndpoints endpoints) {
        return with(endpoints, redis -> {
            Map<String, String> dump = new TreeMap<>();
            for (byte[] key : redis.keys("*")) {
                dump.put(hex(key), redis.type(key).equals("hash") ? fields(redis, key) : hex(redis.get(key)));
            }
            return dump;
        });
    }

    static void flush(StackEndpoints endpoints) {
        with(endpoints, RedisCommands::flushall);
    }

    /** Waits until somebody materializes. */
    static void awaitLease(StackEndpoints endpoints, Process materializing) {
        with(endpoints, redis -> {
            Awaitility.await("the lease of a materialize run")
                    .atMost(Duration.ofMinutes(2))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> !materializing.isAlive()
                            || !redis.keys("larder:*:lease:*").isEmpty());
            return redis;
        });
        assertThat(materializing.isAlive()).as("materializes").isTrue();
    }

    private static String fields(RedisCommands<byte[], byte[]> redis, byte[] key) {
        Map<String, String> fields = new TreeMap<>();
        boolean state = new String(key, StandardCharsets.ISO_8859_1).matches("larder:\\{.*}:state");
        redis.hgetall(key).forEach((field, value) -> fields.put(hex(field), state ? withoutEnd(value) : hex(value)));
        return fields.toString();
    }

    /** Snapshot, end, definition. */
    private static String withoutEnd(byte[] state) {
        String[] parts = new String(state, StandardCharsets.UTF_8).split(" ", 3);
        return parts.length < 3 ? hex(state) : parts[0] + " " + parts[2];
    }

    private static <T> T with(StackEndpoints endpoints, Function<RedisCommands<byte[], byte[]>, T> work) {
        try (RedisClient client = RedisClient.create(
                        "redis://" + endpoints.redis().orElseThrow().connectionString());
                StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE)) {
            return work.apply(connection.sync());
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
