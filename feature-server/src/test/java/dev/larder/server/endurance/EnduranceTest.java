package dev.larder.server.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.server.RedisRepos;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server as {@code larder serve} starts it, under mixed load: reads of all shapes over HTTP and gRPC, pushes from another
 * process, a registry that changes every ten seconds, and a Redis that is restarted twice. Two minutes, or as long as {@code
 * larder.proof.endurance.seconds} says; {@code mvn -Pproof} says half an hour.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS)
final class EnduranceTest {
    private static final Duration DURATION = Duration.ofSeconds(Long.getLong("larder.proof.endurance.seconds", 120));
    private static final double ROWS_PER_SECOND = Long.getLong("larder.proof.endurance.rows", 5_000);
    private static final double READS_PER_SECOND = Long.getLong("larder.proof.endurance.reads", 100);
    private static final int READERS = 8;

    private static final Duration BETWEEN_SWAPS = Duration.ofSeconds(10);
    private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(10);
    private static final Duration REDIS_IS_DOWN = Duration.ofSeconds(3);

    /** After so long on a Redis that is back nothing may fail any more. */
    private static final Duration TIME_TO_RECOVER = Duration.ofSeconds(3);

    /** In an outage nobody may wait longer for being told so. */
    private static final Duration TIME_TO_FAIL = Duration.ofSeconds(1);

    private static final Duration TIME_TO_SEE_A_SWAP = Duration.ofSeconds(8);

    /** A share of ticks at which a process at the pusher's priority could not even wake up; then no rate can be asked of it. */
    private static final double STARVED = 0.2;

    private static final long HEAP_GROWTH = 8L << 20;
    private static final int THREAD_GROWTH = 12;
    private static final int FILE_GROWTH = 16;

    /** Two outages, at each of which HTTP and gRPC tell of some kinds of failure, and again after ten seconds. */
    private static final int MOST_FAILURES_TOLD = 20;

    private static final String CLIENT_NAME = "larder-under-load";

    @TempDir
    private Path folder = Path.of("");

    private final Instant first = Instant.now().minus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS);
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();
    private final List<Outage> outages = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> problems = new ConcurrentLinkedQueue<>();
    private final AtomicInteger swaps = new AtomicInteger();
    private final StringBuilder report = new StringBuilder();

    /**
     * Redis was stopped and started.
     *
     * @param up when it answered again
     * @param over from when on nothing may fail any more
     */
    private record Outage(Instant down, Instant up, Instant over) {
        static Outage begins(Instant down) {
            return new Outage(down, Instant.MAX, Instant.MAX);
        }

        /** Whether a failure is no surprise. */
        boolean excuses(Instant start, Instant end) {
            return end.isAfter(down) && start.isBefore(over);
        }
    }

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @Test
    void answersStayRightUnderMixedLoad() throws Exception {
        RedisServers servers = opened(RedisRepos.servers(Files.createDirectories(folder.resolve("redis"))));
        RedisServer redis = servers.standalone(RedisWatch.options().toArray(String[]::new));
        RedisWatch watch = new RedisWatch(redis.address(), CLIENT_NAME);
        Repository repository =
                Repository.in(Files.createDirectories(folder.resolve("repository")), redis.address(), CLIENT_NAME);
        ServerProcess server = opened(new ServerProcess(folder.resolve("repository"), folder));
        Stalls stalls = opened(new Stalls());
        stalls.watchRedis(watch.pid());
        fill(server);

        PushedRows pushed = opened(PushedRows.start(server.uri(), first, rates(), folder.resolve("pusher.err")));
        List<Future<?>> reading = read(server, pushed);
        Future<?> swapping = swap(repository, server, stalls);
        watch.skip();

        Instant begin = Instant.now();
        Duration warmUp = Duration.ofSeconds(Math.min(120, DURATION.toSeconds() / 4));
        goOn(begin.plus(warmUp), server, pushed);
        ServerProcess.Held before = server.held();
        for (double at : new double[] {0.4, 0.7}) {
            goOn(begin.plusMillis((long) (at * DURATION.toMillis())), server, pushed);
            restart(redis, watch, stalls);
            // What is confirmed was there when Redis went, so it must be there now.
            sweep(server, pushed, false);
        }
        goOn(begin.plus(DURATION), server, pushed);
        ServerProcess.Held after = server.held();
        Instant end = Instant.now();

        swapping.cancel(false);
        readers.forEach(Reader::end);
        for (Future<?> each : reading) {
            each.get();
        }
        pushed.end();
        sweep(server, pushed, true);
        watch.collect();
        server.end();
        summarize(Duration.between(begin, end), pushed, before, after, watch, stalls);

        checkReads(stalls);
        checkPushes(pushed, Duration.between(begin, end));
        checkCommands(watch, stalls);
        assertThat(problems).isEmpty();
        assertThat(swaps.get()).as("swaps").isGreaterThanOrEqualTo((int) (DURATION.toSeconds() / 10 / 2));
        assertThat(after.heapBytes() - before.heapBytes())
                .as("bytes that live longer, from %s to %s", before, after)
                .isLessThan(HEAP_GROWTH);
        assertThat(after.threads()).as("threads").isLessThanOrEqualTo(before.threads() + THREAD_GROWTH);
        assertThat(after.files()).as("open files").isLessThanOrEqualTo(before.files() + FILE_GROWTH);
        assertThat(server.log()).doesNotContain("OutOfMemory", "failed unexpectedly");
        assertThat(server.log().lines().filter(line -> line.contains("Cannot answer")))
                .as("what the log says of requests that fail while Redis is away")
                .hasSizeBetween(1, MOST_FAILURES_TOLD);
    }

    private <T extends AutoCloseable> T opened(T what) {
        opened.add(what);
        return what;
    }

    // ------------------------------------------------------------------ the load

    /** Most rows are narrow, as a wide one is 25 times the work. */
    private static Map<Table, Double> rates() {
        return new EnumMap<>(Map.of(
                Table.NARROW, 0.95 * ROWS_PER_SECOND,
                Table.MEDIUM, 0.04 * ROWS_PER_SECOND,
                Table.WIDE, 0.01 * ROWS_PER_SECOND));
    }

    private void fill(ServerProcess server) throws IOException, InterruptedException {
        for (Table table : Table.values()) {
            for (int from = 0; from < table.entities(); from += table.batch()) {
                List<Integer> entities =
                        IntStream.range(from, from + table.batch()).boxed().toList();
                assertThat(server.push(table.push(entities, 0, first))).isEqualTo(200);
            }
        }
    }

    private List<Future<?>> read(ServerProcess server, PushedRows pushed) throws InterruptedException {
        ScheduledExecutorService threads = Executors.newScheduledThreadPool(READERS);
        opened.add(threads::shutdownNow);
        List<Future<?>> reading = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            Client client =
                    switch (i % 4) {
                        case 0 -> new Client.Grpc(server.grpcAddress(), "feast.serving.ServingService", false);
                        case 1 -> new Client.Grpc(server.grpcAddress(), "GrpcFeatureServer", true);
                        default -> new Client.Http(server.uri());
                    };
            Reader reader = new Reader(client, new Checker(first), pushed::confirmed, READS_PER_SECOND / READERS, i);
            reader.warmUp();
            readers.add(reader);
        }
        readers.forEach(reader -> reading.add(threads.submit(reader)));
        return reading;
    }

    private Future<?> swap(Repository repository, ServerProcess server, Stalls stalls) {
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
        opened.add(thread::shutdownNow);
        AtomicInteger number = new AtomicInteger();
        return thread.scheduleAtFixedRate(
                () -> {
                    Instant start = Instant.now();
                    try {
                        String version = repository.swap(number.getAndIncrement());
                        awaitVersion(version, server, stalls);
                        swaps.incrementAndGet();
                    } catch (LarderException e) {
                        // An apply needs Redis, too.
                        if (e.code() != ErrorCode.ONLINE_STORE_UNAVAILABLE || !isDown(start)) {
                            problems.add("apply: " + e);
                        }
                    } catch (IOException | RuntimeException e) {
                        problems.add("swap: " + e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                BETWEEN_SWAPS.toMillis(),
                BETWEEN_SWAPS.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private void awaitVersion(String version, ServerProcess server, Stalls stalls)
            throws IOException, InterruptedException {
        String served =
                "larder_registry_version{project=\"%s\",version=\"%s\"} 1".formatted(Repository.PROJECT, version);
        Instant start = Instant.now();
        while (!server.metrics().contains(served)) {
            Instant now = Instant.now();
            if (now.isAfter(start.plus(TIME_TO_SEE_A_SWAP).plus(stalls.delay(start, now)))) {
                problems.add("version %s of the registry was not served after %d s"
                        .formatted(version, TIME_TO_SEE_A_SWAP.toSeconds()));
                return;
            }
            Thread.sleep(200);
        }
    }

    private boolean isDown(Instant start) {
        synchronized (outages) {
            return outages.stream().anyMatch(outage -> outage.excuses(start, Instant.now()));
        }
    }

    /** In order, as an operator does it: what Redis holds is on its disk before it ends. */
    private void restart(RedisServer redis, RedisWatch watch, Stalls stalls) throws InterruptedException {
        watch.collect();
        Instant down = Instant.now();
        synchronized (outages) {
            outages.add(Outage.begins(down));
        }
        String unused = redis.cli("SHUTDOWN", "SAVE");
        Thread.sleep(REDIS_IS_DOWN.toMillis());
        redis.start();
        Instant up = Instant.now();
        stalls.watchRedis(watch.pid());
        say("Redis was away for %d ms".formatted(Duration.between(down, up).toMillis()));
        Thread.sleep(TIME_TO_RECOVER.toMillis());
        Duration delay = stalls.delay(up, Instant.now());
        Thread.sleep(delay.toMillis());
        synchronized (outages) {
            outages.set(
                    outages.size() - 1,
                    new Outage(down, up, up.plus(TIME_TO_RECOVER).plus(delay)));
        }
        watch.skip();
    }

    /** Reads every row there is. */
    private void sweep(ServerProcess server, PushedRows pushed, boolean all) throws Exception {
        Checker checker = new Checker(first);
        try (Client client = new Client.Http(server.uri())) {
            for (Shape shape :
                    List.of(Shape.ROWS_1_FEATURES_10, Shape.ROWS_100_FEATURES_50, Shape.ROWS_100_FEATURES_250)) {
                Table table = shape.parts().get(0).table();
                for (int from = 0; from < table.entities(); from += 100) {
                    int[] entities = IntStream.range(from, from + 100).toArray();
                    Map<Table, Long> confirmed = pushed.confirmed();
                    checker.check(shape, entities, confirmed, client.readPatiently(shape, entities));
                }
            }
        }
        if (all) {
            assertThat(pushed.confirmed()).as("pushes").isEqualTo(pushed.sent());
            for (Table table : Table.values()) {
                for (int entity = 0; entity < table.entities(); entity++) {
                    assertThat(checker.last(table, entity))
                            .as("%s of %s", table.view(), table.key(entity))
                            .isEqualTo(table.latest(entity, pushed.sent().getOrDefault(table, 0L)));
                }
            }
        }
    }

    // ------------------------------------------------------------------ while it lasts

    private int reported;

    /** Waits, tells how it goes, and stops at the first answer that is wrong. */
    private void goOn(Instant until, ServerProcess server, PushedRows pushed) throws Exception {
        Instant next = Instant.now().plus(BETWEEN_REPORTS);
        while (Instant.now().isBefore(until)) {
            Thread.sleep(100);
            for (Reader reader : readers) {
                RuntimeException problem = reader.problem();
                if (problem != null) {
                    throw new AssertionError(problem.getMessage(), problem);
                }
            }
            assertThat(server.isAlive()).as("the server runs: %s", server.log()).isTrue();
            assertThat(pushed.isAlive())
                    .as("the pusher runs: %s", Files.readString(folder.resolve("pusher.err")))
                    .isTrue();
            if (Instant.now().isAfter(next)) {
                next = next.plus(BETWEEN_REPORTS);
                tell(pushed);
            }
        }
    }

    private void tell(PushedRows pushed) {
        List<Reader.Read> all = allReads();
        List<Reader.Read> latest = all.subList(reported, all.size());
        reported = all.size();
        say("%d reads (%.0f/s lately, %s), %d failed; %d rows pushed; %d swaps"
                .formatted(
                        all.size(),
                        (double) latest.size() / BETWEEN_REPORTS.toSeconds(),
                        times(latest),
                        all.stream().filter(read -> read.failure() != null).count(),
                        pushed.rows(),
                        swaps.get()));
    }

    private static void say(String what) {
        System.out.println("[endurance " + Instant.now().truncatedTo(ChronoUnit.SECONDS) + "] " + what);
    }

    /** In no order, but what was there is before what has come since. */
    private List<Reader.Read> allReads() {
        return readers.stream()
                .flatMap(reader -> reader.reads(0).stream())
                .sorted(Comparator.comparing(Reader.Read::end))
                .toList();
    }

    private static String times(List<Reader.Read> reads) {
        long[] nanos = reads.stream()
                .filter(read -> read.failure() == null)
                .mapToLong(Reader.Read::nanos)
                .sorted()
                .toArray();
        return nanos.length == 0
                ? "none answered"
                : String.format(
                        Locale.ROOT,
                        "p50 %.1f ms, p99 %.1f ms, max %.0f ms",
                        nanos[nanos.length / 2] / 1e6,
                        nanos[(int) (nanos.length * 0.99)] / 1e6,
                        nanos[nanos.length - 1] / 1e6);
    }

    // ------------------------------------------------------------------ afterwards

    private void checkReads(Stalls stalls) {
        List<Reader.Read> all = allReads();
        List<Reader.Read> failed =
                all.stream().filter(read -> read.failure() != null).toList();
        none("failed although Redis was there", failed, read -> outages.stream()
                .noneMatch(outage -> outage.excuses(read.start(), read.end())));
        none("failed in another way than 503 or UNAVAILABLE", failed, read -> !read.unavailable());
        none(
                "failed late",
                failed,
                read -> Duration.ofNanos(read.nanos())
                                .compareTo(TIME_TO_FAIL.plus(stalls.delay(read.start(), read.end())))
                        > 0);
        for (Outage outage : outages) {
            assertThat(failed)
                    .as("reads while Redis was away: else this has shown nothing")
                    .anyMatch(read -> outage.excuses(read.start(), read.end()));
        }
        for (Shape shape : Shape.values()) {
            assertThat(all).as("reads of %s", shape).anyMatch(read -> read.shape() == shape && read.failure() == null);
        }
        for (Table table : Table.values()) {
            assertThat(readers)
                    .as("pushes to %s that readers have seen", table)
                    .anyMatch(reader -> reader.checker().greatest(table) > 0);
        }
    }

    private static <T> void none(String what, List<T> of, Predicate<T> condition) {
        List<T> found = of.stream().filter(condition).toList();
        assertThat(found.size())
                .as("%s, of %d: %s", what, of.size(), found.subList(0, Math.min(5, found.size())))
                .isZero();
    }

    private void checkPushes(PushedRows pushed, Duration time) {
        for (Table table : Table.values()) {
            assertThat(readers)
                    .as("versions of %s that were never sent", table)
                    .allMatch(reader ->
                            reader.checker().greatest(table) <= pushed.sent().getOrDefault(table, 0L));
        }
        none(
                "pushes that failed although Redis was there, or in another way than 503",
                pushed.failures(),
                failure -> !failure.what().startsWith("503 ")
                        || outages.stream().noneMatch(outage -> outage.excuses(failure.start(), failure.end())));
        // A machine that does not even let the pusher wake up says nothing about the server; that rows arrive, it must
        // show.
        double wanted = pushed.starved() > STARVED ? ROWS_PER_SECOND / 50 : ROWS_PER_SECOND / 2;
        assertThat(rate(pushed, time))
                .as("rows a second (the pusher was starved %.0f %% of the time)", 100 * pushed.starved())
                .isGreaterThan(wanted);
    }

    private double rate(PushedRows pushed, Duration time) {
        Duration away = outages.stream()
                .map(outage -> Duration.between(outage.down(), outage.up()))
                .reduce(Duration.ZERO, Duration::plus);
        return pushed.rows() / (double) time.minus(away).toMillis() * 1_000;
    }

    /**
     * A command in the slow log has taken more than 2 ms by the clock, whether Redis worked or had no CPU. What it had no CPU
     * for, around that second, the kernel has counted; only if that does not explain what is above 2 ms, it was the command.
     * And half of all calls, whose time a busy machine does not change, must be far below.
     */
    private static void checkCommands(RedisWatch watch, Stalls stalls) {
        for (RedisWatch.Slow slow : watch.slow()) {
            Duration above = watch.slow().stream()
                    .filter(other -> other.epochSecond() == slow.epochSecond())
                    .map(other -> other.duration().minus(RedisWatch.SLOW))
                    .reduce(Duration.ZERO, Duration::plus);
            assertThat(above)
                    .as(
                            "%s and others of that second, beyond 2 ms; Redis had no CPU for %s",
                            slow, stalls.ofRedis(slow.epochSecond()))
                    .isLessThanOrEqualTo(stalls.ofRedis(slow.epochSecond()));
        }
        assertThat(watch.medians()).containsKeys("hmget", "hgetall", "hget", "evalsha");
        assertThat(watch.medians())
                .as("microseconds")
                .allSatisfy((command, median) -> assertThat(median).as(command).isLessThan(1_000.0));
    }

    private void summarize(
            Duration time,
            PushedRows pushed,
            ServerProcess.Held before,
            ServerProcess.Held after,
            RedisWatch watch,
            Stalls stalls)
            throws IOException {
        List<Reader.Read> all = allReads();
        row("what", "value");
        row("---", "---");
        row("time", time.toSeconds() + " s");
        row("reads, all checked in full", "%d (%.0f/s)".formatted(all.size(), all.size() * 1e3 / time.toMillis()));
        for (Shape shape : Shape.values()) {
            List<Reader.Read> of =
                    all.stream().filter(read -> read.shape() == shape).toList();
            row("reads of " + shape, of.size() + ": " + times(of));
        }
        row(
                "reads that failed, only while Redis was away",
                "%d, the slowest after %.0f ms"
                        .formatted(
                                all.stream()
                                        .filter(read -> read.failure() != null)
                                        .count(),
                                all.stream()
                                        .filter(read -> read.failure() != null)
                                        .mapToDouble(read -> read.nanos() / 1e6)
                                        .max()
                                        .orElse(0)));
        for (Outage outage : outages) {
            row(
                    "restart of Redis",
                    "away %d ms; first answer %s ms later"
                            .formatted(
                                    Duration.between(outage.down(), outage.up()).toMillis(), recovery(all, outage)));
        }
        row(
                "rows pushed",
                "%d (%.0f/s; the pusher was starved %.0f %% of the time)"
                        .formatted(pushed.rows(), rate(pushed, time), 100 * pushed.starved()));
        row("swaps of the registry", Integer.toString(swaps.get()));
        row("heap after a full collection", mebibytes(before.heapBytes()) + " -> " + mebibytes(after.heapBytes()));
        row("resident memory", mebibytes(before.residentBytes()) + " -> " + mebibytes(after.residentBytes()));
        row("threads", before.threads() + " -> " + after.threads());
        row("open files", before.files() + " -> " + after.files());
        row("half of all calls of Redis, worst, in µs", watch.medians().toString());
        row(
                "commands of ours in the slow log",
                watch.slow().size()
                        + watch.slow().stream()
                                .max(Comparator.comparing(RedisWatch.Slow::duration))
                                .map(slow -> "; the slowest %s with %d µs, around which Redis had no CPU for %d µs"
                                        .formatted(
                                                slow.command().split(" ", 2)[0],
                                                slow.duration().toNanos() / 1_000,
                                                stalls.ofRedis(slow.epochSecond())
                                                                .toNanos()
                                                        / 1_000))
                                .orElse(""));
        System.out.println(report);
        Files.writeString(Files.createDirectories(Path.of("target")).resolve("endurance.md"), report);
    }

    private void row(String what, String value) {
        report.append("| ").append(what).append(" | ").append(value).append(" |\n");
    }

    private static @Nullable Object recovery(List<Reader.Read> all, Outage outage) {
        return all.stream()
                .filter(read -> read.failure() == null
                        && read.start().isAfter(outage.down())
                        && read.end().isAfter(outage.up()))
                .map(read -> Duration.between(outage.up(), read.end()).toMillis())
                .findFirst()
                .orElse(null);
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    }
}
