package dev.larder.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.benchmarks.BenchStore.Shape;
import dev.larder.onlinestore.RedisRepliesBenchmark;
import dev.larder.server.online.ReadPlanBenchmark;
import java.util.Collection;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Memory is what a shared machine measures exactly: no part of the hot path may begin to make an object per value. */
final class AllocationTest {
    /** Bytes: what a request may cost by itself, for each of its rows, and for each value. */
    // What the compiler keeps off the heap depends on what it met first: 40 bytes of a row come and go between runs.
    @ParameterizedTest
    @CsvSource({
        "keys, 1x10, 1500, 0, 0",
        "keys, 100x250, 1500, 320, 0",
        "json, 1x10, 7000, 0, 0",
        "json, 100x250, 7000, 320, 42",
        "message, 1x10, 3500, 0, 0",
        "message, 100x250, 3500, 320, 16",
    })
    void partsOfARead(String part, String shape, int perRequest, int perRow, int perValue) throws RunnerException {
        Shape asked = Shape.of(shape);
        double bytes = allocated(new OptionsBuilder()
                .include(ReadPlanBenchmark.class.getName() + "\\." + part + "$")
                .param("shape", shape));
        assertThat(bytes).isBetween(1.0, (double) perRequest + perRow * asked.rows() + perValue * asked.values());
    }

    @Test
    void repliesOfRedisCostAPairOfPlacesForEachValue() throws RunnerException {
        double bytes = allocated(new OptionsBuilder()
                .include(RedisRepliesBenchmark.class.getName() + "\\.pairs$")
                .param("fields", "250"));
        int hashes = 100;
        int values = hashes * 250;
        int places = 8 * values;
        int buffers = 24 * values;
        assertThat(bytes).isBetween(1.0, 100.0 * hashes + places + buffers);
    }

    /**
     * Bytes per call, after the compiler has seen it often enough: the least of several short looks, because what a busy
     * machine has not compiled yet allocates more, never less.
     */
    private static double allocated(ChainedOptionsBuilder benchmark) throws RunnerException {
        Collection<RunResult> results = new Runner(benchmark
                        .forks(0)
                        .warmupIterations(3)
                        .warmupTime(TimeValue.milliseconds(300))
                        .measurementIterations(6)
                        .measurementTime(TimeValue.milliseconds(200))
                        .addProfiler(GCProfiler.class)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
        assertThat(results).hasSize(1);
        RunResult result = results.iterator().next();
        double bytes = Objects.requireNonNull(result.getSecondaryResults().get("gc.alloc.rate.norm"))
                .getStatistics()
                .getMin();
        System.out.printf(
                Locale.ROOT,
                "%s %s: %.0f bytes%n",
                result.getParams().getBenchmark(),
                result.getParams().getParam("shape"),
                bytes);
        return bytes;
    }
}
