package dev.larder.server.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The process of {@link Pusher}, and what it has said so far. */
final class PushedRows implements AutoCloseable {
    private static final String NICENESS = "10";

    private final Process process;
    private final Thread listener;
    private final Map<Table, Long> sent = new EnumMap<>(Table.class);
    private final Map<Table, Long> confirmed = new EnumMap<>(Table.class);
    private final List<Failure> failures = new ArrayList<>();
    private long ticks;
    private long starvedTicks;
    private @Nullable Instant lastConfirmed;

    /** A push that was not taken, and is sent again. */
    record Failure(Instant start, Instant end, String what) {}

    private PushedRows(Process process) {
        this.process = process;
        for (Table table : Table.values()) {
            sent.put(table, 0L);
            confirmed.put(table, 0L);
        }
        listener = new Thread(this::listen, "pushed-rows");
        listener.setDaemon(true);
    }

    /**
     * @param first event time of version 0
     * @param rates rows a second of each view
     */
    static PushedRows start(URI server, Instant first, Map<Table, Double> rates, Path errors) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "nice",
                "-n",
                NICENESS,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Pusher.class.getName(),
                server.toString(),
                first.toString()));
        Arrays.stream(Table.values()).map(rates::get).map(String::valueOf).forEach(command::add);
        PushedRows pushed = new PushedRows(
                new ProcessBuilder(command).redirectError(errors.toFile()).start());
        pushed.listener.start();
        return pushed;
    }

    private void listen() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                heard(line);
            }
        } catch (IOException e) {
            // The process was ended.
        }
    }

    private synchronized void heard(String line) {
        String[] words = line.split(" ", 4);
        switch (Pusher.Word.valueOf(words[0])) {
            case SENT -> sent.put(Table.valueOf(words[1]), Long.parseLong(words[2]));
            case CONFIRMED -> {
                confirmed.put(Table.valueOf(words[1]), Long.parseLong(words[2]));
                lastConfirmed = Instant.now();
            }
            case FAILED ->
                failures.add(new Failure(
                        Instant.ofEpochMilli(Long.parseLong(words[1])),
                        Instant.ofEpochMilli(Long.parseLong(words[2])),
                        words[3]));
            case PACE -> {
                ticks += Long.parseLong(words[1]);
                starvedTicks += Long.parseLong(words[2]);
            }
        }
    }

    synchronized Map<Table, Long> sent() {
        return new EnumMap<>(sent);
    }

    synchronized Map<Table, Long> confirmed() {
        return new EnumMap<>(confirmed);
    }

    synchronized List<Failure> failures() {
        return List.copyOf(failures);
    }

    synchronized @Nullable Instant lastConfirmed() {
        return lastConfirmed;
    }

    /** Which part of its time the process could not run although it only wanted to wake up. */
    synchronized double starved() {
        return ticks == 0 ? 0 : (double) starvedTicks / ticks;
    }

    /** Rows that the server has confirmed. */
    synchronized long rows() {
        return confirmed.entrySet().stream()
                .mapToLong(entry -> entry.getValue() * entry.getKey().batch())
                .sum();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Lets it finish what it has begun. */
    void end() throws IOException, InterruptedException {
        process.getOutputStream().close();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the pusher ends").isTrue();
        listener.join();
        assertThat(process.exitValue()).as("of the pusher").isZero();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
