package dev.larder.benchmarks;

import dev.larder.feast.EntityKeyCodec;
import dev.larder.feast.JsonBuffer;
import dev.larder.feast.ValueCodec;
import dev.larder.feast.ValueJson;
import dev.larder.model.EntityKey;
import dev.larder.model.FeatureValue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One key or value at a time. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {
    private static final int VERSION = 3;

    private final EntityKey key = EntityKey.of("user_id", FeatureValue.of(4_711L));
    private final FeatureValue text = FeatureValue.of("a text of ordinary length");
    private final byte[] int64 = ValueCodec.int64(123_456_789L);
    private final byte[] float64 = ValueCodec.float64(1_234.5678);
    private final byte[] string = ValueCodec.string("a text of ordinary length");

    @Benchmark
    public byte[] encodeKey() {
        return EntityKeyCodec.encode(key, VERSION);
    }

    @Benchmark
    public byte[] encodeText() {
        return ValueCodec.encode(text);
    }

    @Benchmark
    public FeatureValue decodeInt64() {
        return ValueCodec.decode(int64);
    }

    @Benchmark
    public int writeInt64() {
        return written(int64);
    }

    @Benchmark
    public int writeFloat64() {
        return written(float64);
    }

    @Benchmark
    public int writeText() {
        return written(string);
    }

    private static int written(byte[] value) {
        JsonBuffer json = new JsonBuffer(64);
        ValueJson.write(value, json);
        return json.length();
    }
}
