package dev.larder.onlinestore;

import dev.larder.feast.ValueCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** What it costs to find the values in Redis' replies for one hundred hashes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class RedisRepliesBenchmark {
    private static final int HASHES = 100;

    @Param({"10", "50", "250"})
    public int fields = 10;

    private HashFields asked = new HashFields(List.of());
    private byte[] pairs = {};
    private byte[] values = {};

    @Setup
    public void prepare() {
        List<byte[]> names = new ArrayList<>();
        for (int field = 0; field < fields; field++) {
            // Feast names a field by four bytes of a hash.
            int hash = 0x9E3779B9 * (field + 1);
            names.add(new byte[] {(byte) (hash >> 24), (byte) (hash >> 16), (byte) (hash >> 8), (byte) hash});
        }
        asked = new HashFields(names);
        pairs = replies(names, true);
        values = replies(names, false);
    }

    private static byte[] replies(List<byte[]> names, boolean pairs) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int hash = 0; hash < HASHES; hash++) {
            out.writeBytes(("*" + (pairs ? 2 : 1) * names.size() + "\r\n").getBytes(StandardCharsets.US_ASCII));
            for (int field = 0; field < names.size(); field++) {
                if (pairs) {
                    text(names.get(field), out);
                }
                text(ValueCodec.int64((7L * hash + 13L * field) % 10_000), out);
            }
        }
        return out.toByteArray();
    }

    private static void text(byte[] text, ByteArrayOutputStream out) {
        out.writeBytes(("$" + text.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(text);
        out.writeBytes(new byte[] {'\r', '\n'});
    }

    /** Replies to HGETALL. */
    @Benchmark
    public void pairs(Blackhole read) throws Exception {
        take(pairs, true, read);
    }

    /** Replies to HMGET. */
    @Benchmark
    public void values(Blackhole read) throws Exception {
        take(values, false, read);
    }

    private void take(byte[] bytes, boolean isPairs, Blackhole read) throws Exception {
        RedisReplies replies = new RedisReplies();
        ByteArrayInputStream in = new ByteArrayInputStream(bytes);
        for (int hash = 0; hash < HASHES; hash++) {
            StoredHash stored = replies.hash(asked, isPairs);
            while (stored == null) {
                if (!replies.fill(in)) {
                    throw new IOException("The replies end too early");
                }
                stored = replies.hash(asked, isPairs);
            }
            read.consume(stored);
        }
    }
}
