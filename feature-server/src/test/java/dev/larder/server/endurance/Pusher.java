package dev.larder.server.endurance;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that pushes rows at a steady rate, each view's pushes one after the other, until its input ends. It says on its
 * output what it sends and what the server has confirmed; what fails is sent again until it is confirmed.
 */
final class Pusher {
    /** How long a thread that only sleeps may oversleep before the process is taken to be starved of CPU. */
    private static final long STARVED_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long TICK_MILLIS = 50;
    private static final int TICKS_TO_TELL = 20;
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 200;
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static volatile boolean done;

    private final HttpClient client = Client.Http.http();
    private final URI uri;
    private final Instant first;
    private final Table table;
    private final long periodNanos;

    private Pusher(URI server, Instant first, Table table, double rowsPerSecond) {
        uri = server.resolve("/push");
        this.first = first;
        this.table = table;
        periodNanos = (long) (TimeUnit.SECONDS.toNanos(1) * table.batch() / rowsPerSecond);
    }

    /** What is said of a push. */
    enum Word {
        SENT,
        CONFIRMED,
        FAILED,
        PACE
    }

    /** @param arguments the server without path, event time of version 0, and for each view how many rows a second */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        URI server = URI.create(arguments[0]);
        Instant first = Instant.parse(arguments[1]);
        List<Thread> threads = new ArrayList<>();
        int next = 2;
        for (Table table : Table.values()) {
            Pusher pusher = new Pusher(server, first, table, Double.parseDouble(arguments[next++]));
            threads.add(new Thread(pusher::run, table.view()));
        }
        threads.add(new Thread(Pusher::tellPace, "pace"));
        threads.forEach(Thread::start);
        while (System.in.read() >= 0) {
            // Nothing is said there; it ends.
        }
        done = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void run() {
        long next = System.nanoTime();
        for (long version = 1; !done; version++) {
            LockSupport.parkNanos(next - System.nanoTime());
            push(version);
            next = Math.max(next + periodNanos, System.nanoTime() - LATE_NANOS);
        }
    }

    private void push(long version) {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json")
                .timeout(Client.TIMEOUT)
                .POST(HttpRequest.BodyPublishers.ofString(table.push(table.entitiesOf(version), version, first)))
                .build();
        say(Word.SENT, "%s %d".formatted(table, version));
        while (true) {
            long start = System.currentTimeMillis();
            String failure = send(request);
            if (failure.isEmpty()) {
                say(Word.CONFIRMED, "%s %d".formatted(table, version));
                return;
            }
            say(Word.FAILED, "%d %d %s".formatted(start, System.currentTimeMillis(), failure));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_AFTER_FAILURE_MILLIS));
        }
    }

    /** @return why it failed; empty if it did not */
    private String send(HttpRequest request) {
        try {
            HttpResponse<String> response =
                    client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            return response.statusCode() == 200
                    ? ""
                    : response.statusCode() + " " + response.body().replace('\n', ' ');
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts these threads", e);
        }
    }

    /** How often a thread of this process that had nothing to do but to wake up was late. */
    private static void tellPace() {
        int starved = 0;
        for (int tick = 1; !done; tick++) {
            long before = System.nanoTime();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS));
            if (System.nanoTime() - before > TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS) + STARVED_NANOS) {
                starved++;
            }
            if (tick % TICKS_TO_TELL == 0) {
                say(Word.PACE, "%d %d".formatted(TICKS_TO_TELL, starved));
                starved = 0;
            }
        }
    }

    private static void say(Word word, String what) {
        PrintStream out = System.out;
        synchronized (out) {
            out.print(word + " " + what + "\n");
            out.flush();
        }
    }
}
