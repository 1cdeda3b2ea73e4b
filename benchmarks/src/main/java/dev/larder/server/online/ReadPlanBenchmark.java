package dev.larder.server.online;

import dev.larder.benchmarks.BenchStore;
import dev.larder.benchmarks.BenchStore.Shape;
import dev.larder.onlinestore.SqliteOnlineStore;
import dev.larder.onlinestore.ViewRows;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.metrics.ServerMetrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a request costs besides its connection and the store: its plan and keys, and its answer in both forms. */
@State(Scope.Benchmark)
@BenchmarkMode(org.openjdk.jmh.annotations.Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ReadPlanBenchmark {
    private static final int CACHED_PLANS = 1_000;
    private static final int VERSION = 3;
    private static final int MAX_ROWS = 1_000;
    private static final long NOW = BenchStore.TIME.getEpochSecond();

    @Param({"1x10", "1x50", "10x50", "100x50", "100x250"})
    public String shape = "1x10";

    private final Path folder = folder();
    private final SqliteOnlineStore store = SqliteOnlineStore.open(folder.resolve("online.db"), "bench");
    private final ServedDefinitions definitions = BenchStore.definitions();
    private final PlanCache plans =
            new PlanCache(CACHED_PLANS, store, VERSION, new ServerMetrics("/get-online-features").reads());
    private OnlineRequest request = BenchStore.request(Shape.of(shape));
    private List<ViewRows> stored = List.of();

    private static Path folder() {
        try {
            return Files.createTempDirectory("larder-benchmark");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Setup(Level.Trial)
    public void fill() {
        request = BenchStore.request(Shape.of(shape));
        BenchStore.fill(store);
        stored = read();
    }

    @TearDown(Level.Trial)
    public void remove() throws IOException {
        store.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private CompiledRead plan() {
        return plans.plan(definitions, request.selection(FeatureNames.BARE));
    }

    private EntityRows rows(CompiledRead read) {
        return EntityRows.of(request.entities(), read.plan(), MAX_ROWS);
    }

    /** From a request to the keys that the store is asked for. */
    @Benchmark
    public List<List<byte[]>> keys() {
        CompiledRead read = plan();
        EntityRows rows = rows(read);
        List<List<byte[]>> keys = new ArrayList<>();
        for (KeyColumns group : read.groups()) {
            keys.add(rows.keys(group).distinct());
        }
        return keys;
    }

    /** From a request to what a SQLite file holds of it. */
    @Benchmark
    public List<ViewRows> read() {
        CompiledRead read = plan();
        EntityRows rows = rows(read);
        List<List<byte[]>> keys = new ArrayList<>();
        for (KeyColumns group : read.groups()) {
            keys.add(rows.keys(group).distinct());
        }
        return read.inOrder(read.reader().read(keys).toCompletableFuture().join());
    }

    /** From what the store holds to the body of an HTTP answer. */
    @Benchmark
    public int json() {
        return answer().json().length();
    }

    /** From what the store holds to the message of a gRPC answer. */
    @Benchmark
    public byte[] message() {
        return answer().message(true);
    }

    private OnlineAnswer answer() {
        CompiledRead read = plan();
        return new OnlineAnswer(read, rows(read), stored, false, new StatusRule(Mode.STRICT, NOW));
    }
}
