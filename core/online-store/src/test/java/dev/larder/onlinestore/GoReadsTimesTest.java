package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Go's protobuf, from which Feast's Go server is made, on our time fields. */
final class GoReadsTimesTest {
    private static final Path MODULE = Path.of(
            Objects.requireNonNull(System.getProperty("larder.root"), "larder.root"), "core/online-store/src/test/go");
    private static final int TIMES = 200;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void skipsTheVersion() throws IOException, InterruptedException {
        requireGo();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<RedisTime> times = Stream.generate(() -> new RedisTime(
                        random.nextLong(-62_135_596_800L, 253_402_300_800L),
                        random.nextInt(1_000_000) * 1_000,
                        random.nextLong()))
                .limit(TIMES)
                .toList();
        List<String> command = new ArrayList<>(List.of("go", "run", "."));
        times.forEach(time -> command.add(HexFormat.of().formatHex(time.bytes())));
        Path output = folder.resolve("output");

        Process go = new ProcessBuilder(command)
                .directory(MODULE.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();

        assertThat(go.waitFor(5, TimeUnit.MINUTES)).as("go run ends").isTrue();
        String printed = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(go.exitValue()).as(printed).isZero();
        assertThat(printed.lines().filter(line -> !line.startsWith("go: ")))
                .as("seed %d", seed)
                .containsExactlyElementsOf(times.stream()
                        .map(time -> time.seconds() + " " + time.nanos())
                        .toList());
    }

    private static void requireGo() {
        boolean there = Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(place -> Files.isExecutable(Path.of(place, "go")));
        if (System.getenv("CI") == null) {
            assumeTrue(there, "Go is missing: put go 1.24 or newer in PATH");
        }
        assertThat(there).as("go is in PATH").isTrue();
    }
}
