package dev.larder.server.fuzz;

import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** Sends inputs by their numbers and judges what comes back. */
public final class Fuzz {
    /** An input that takes longer hangs; more for a machine that has no time for this test. */
    public static final Duration PATIENCE = Duration.ofSeconds(Long.getLong("larder.fuzz.patience", 10));

    private static final int AT_ONCE = 2;
    /** There is no use in more of them. */
    private static final int MOST_PROBLEMS = 20;

    private final long seed;
    private final HttpInputs http;
    private final GrpcInputs grpc;

    /**
     * @param valid requests that the server answers, from which others are made
     * @param names that the server knows
     */
    public Fuzz(long seed, List<HttpRequest> valid, List<String> names) {
        this.seed = seed;
        this.http = new HttpInputs(seed, valid);
        this.grpc = new GrpcInputs(seed, names);
    }

    /**
     * What came of some inputs.
     *
     * @param inputs that were sent
     * @param answers how often each status was answered
     * @param problems with their inputs, and how to repeat them
     */
    public record Report(long inputs, Map<String, Long> answers, List<String> problems) {
        public long answered(String status) {
            return answers.getOrDefault(status, 0L);
        }
    }

    /** Sends one input; used by one thread. */
    private interface Sender extends AutoCloseable {
        /** @return status of the answer, and the problem with it, empty if there is none */
        Outcome send(long number) throws Exception;

        @Override
        void close();
    }

    private record Outcome(String status, String problem) {}

    /** @param stopped whether the store is, so that 503 is right */
    public Report http(URI server, long from, long count, boolean stopped) throws Exception {
        return run("http", from, count, () -> new HttpSender(server, stopped));
    }

    /** @param stopped whether the store is, so that UNAVAILABLE is right */
    public Report grpc(URI server, long from, long count, boolean stopped) throws Exception {
        return run("grpc", from, count, () -> new GrpcSender(server, stopped));
    }

    private Report run(String kind, long from, long count, Callable<Sender> senders) throws Exception {
        AtomicLong next = new AtomicLong(from);
        Map<String, Long> answers = new TreeMap<>();
        List<String> problems = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                running.add(threads.submit(() -> {
                    try (Sender sender = senders.call()) {
                        for (long number = next.getAndIncrement();
                                number < from + count;
                                number = next.getAndIncrement()) {
                            Outcome outcome = sender.send(number);
                            synchronized (answers) {
                                answers.merge(outcome.status(), 1L, Long::sum);
                                if (!outcome.problem().isEmpty()) {
                                    problems.add(
                                            "%s input %d: %s%nrepeat with -Dlarder.fuzz.seed=%d -Dlarder.fuzz.only=%d%n"
                                                    .formatted(kind, number, outcome.problem(), seed, number));
                                    if (problems.size() >= MOST_PROBLEMS) {
                                        next.set(from + count);
                                    }
                                }
                            }
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
        return new Report(answers.values().stream().mapToLong(Long::longValue).sum(), answers, problems);
    }

    private final class HttpSender implements Sender {
        private final HttpWire wire;
        private final boolean stopped;
        /** What was asked before and answered, in case it is why the connection is closed. */
        private String before = "nothing";

        HttpSender(URI server, boolean stopped) {
            this.wire = new HttpWire(server, PATIENCE);
            this.stopped = stopped;
        }

        @Override
        public Outcome send(long number) throws Exception {
            HttpInput input = http.get(number);
            try {
                HttpWire.Answer answer = wire.send(input.bytes(), input.last(), input.headOnly());
                String wrong = Verdict.of(input, answer, stopped);
                String status = answer == null ? "closed" : Integer.toString(answer.status());
                String asked = ", asked: " + input
                        + (answer == null ? "\nseen: " + wire.howClosed() + "\nafter: " + before : "");
                before = input + "\nanswer: " + answer;
                return new Outcome(status, wrong.isEmpty() ? "" : wrong + asked);
            } catch (SocketTimeoutException e) {
                wire.close();
                return new Outcome("hangs", "no answer within " + PATIENCE.toSeconds() + " s, asked: " + input);
            }
        }

        @Override
        public void close() {
            wire.close();
        }
    }

    private final class GrpcSender implements Sender {
        private final GrpcWire wire;
        private final boolean stopped;

        GrpcSender(URI server, boolean stopped) {
            this.wire = new GrpcWire(server, PATIENCE.toSeconds());
            this.stopped = stopped;
        }

        @Override
        public Outcome send(long number) throws Exception {
            GrpcInput input = grpc.get(number);
            try {
                GrpcWire.Answer answer = wire.send(input);
                String wrong = Verdict.of(input, answer, stopped);
                return new Outcome(Verdict.status(answer), wrong.isEmpty() ? "" : wrong + ", asked: " + input);
            } catch (TimeoutException e) {
                return new Outcome("hangs", "no answer within " + PATIENCE.toSeconds() + " s, asked: " + input);
            }
        }

        @Override
        public void close() {
            wire.close();
        }
    }
}
