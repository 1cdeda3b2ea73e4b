package dev.larder.server.endurance;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What Redis says about how long it worked on the commands of one client. */
final class RedisWatch {
    /** Above this a command goes to the slow log. */
    static final Duration SLOW = Duration.ofMillis(2);

    private static final int MOST_ENTRIES = 4_096;
    private static final Pattern MEDIAN = Pattern.compile("latency_percentiles_usec_([^:]+):p50=([0-9.]+)");
    private static final Pattern CALLS = Pattern.compile("cmdstat_([^:]+):calls=(\\d+)");
    /** Half of fewer calls may be those for which Redis had no CPU. */
    private static final long OFTEN = 100;

    private final String address;
    private final String clientName;
    private final List<Slow> slow = new ArrayList<>();
    private final Map<String, Double> medians = new TreeMap<>();

    /**
     * @param address host and port
     * @param clientName whose commands count
     */
    RedisWatch(String address, String clientName) {
        this.address = address;
        this.clientName = clientName;
    }

    /**
     * A command of ours in the slow log.
     *
     * @param epochSecond when it ended
     */
    record Slow(long epochSecond, Duration duration, String command) {}

    /** Options of redis.conf by which it keeps what is asked here. */
    static List<String> options() {
        return List.of("slowlog-log-slower-than " + SLOW.toNanos() / 1_000, "slowlog-max-len " + MOST_ENTRIES);
    }

    /** The process of Redis. */
    long pid() {
        try (RedisClient client = client();
                StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE)) {
            Matcher pid = Pattern.compile("process_id:(\\d+)")
                    .matcher(connection.sync().info("server"));
            if (!pid.find()) {
                throw new IllegalStateException("Redis does not tell its process");
            }
            return Long.parseLong(pid.group(1));
        }
    }

    /** Forgets what is in the slow log. */
    void skip() {
        try (RedisClient client = client();
                StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE)) {
            connection.sync().slowlogReset();
        }
    }

    /** Takes over what is in the slow log, which is empty then. */
    void collect() {
        try (RedisClient client = client();
                StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE)) {
            RedisCommands<byte[], byte[]> redis = connection.sync();
            for (Object entry : redis.slowlogGet(MOST_ENTRIES)) {
                List<?> parts = (List<?>) entry;
                if (text(parts.get(5)).equals(clientName)) {
                    slow.add(new Slow(
                            (Long) parts.get(1),
                            Duration.ofNanos((Long) parts.get(2) * 1_000),
                            ((List<?>) parts.get(3))
                                    .stream().limit(2).map(RedisWatch::text).collect(Collectors.joining(" "))));
                }
            }
            redis.slowlogReset();
            Set<String> often = often(redis.info("commandstats"));
            Matcher median = MEDIAN.matcher(redis.info("latencystats"));
            while (median.find()) {
                if (!often.contains(median.group(1))) {
                    continue;
                }
                medians.merge(median.group(1), Double.valueOf(median.group(2)), Math::max);
            }
        }
    }

    private static Set<String> often(String statistics) {
        Set<String> often = new HashSet<>();
        Matcher calls = CALLS.matcher(statistics);
        while (calls.find()) {
            if (Long.parseLong(calls.group(2)) >= OFTEN) {
                often.add(calls.group(1));
            }
        }
        return often;
    }

    List<Slow> slow() {
        return List.copyOf(slow);
    }

    /** Microseconds that half of all calls of a command stayed below, by command that is called often; the worst one between two restarts. */
    Map<String, Double> medians() {
        return new TreeMap<>(medians);
    }

    private RedisClient client() {
        return RedisClient.create("redis://" + address);
    }

    private static String text(Object bytes) {
        return bytes instanceof byte[] all ? new String(all, StandardCharsets.ISO_8859_1) : String.valueOf(bytes);
    }
}
