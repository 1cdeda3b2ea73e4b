package dev.larder.server.materialize;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.server.metrics.MaterializeMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The materializations of one server: each is a {@code larder} process, some run at once, never two of one view, the others wait
 * for their turn in the order in which they came. What another process materializes is waited for too. Safe for use by many
 * threads.
 */
public final class Materializations implements AutoCloseable {
    /** As many as Feast's server runs. */
    public static final int AT_ONCE = 2;

    private static final Logger LOG = LoggerFactory.getLogger(Materializations.class);
    private static final int WAITING_AT_MOST = 50;
    private static final int REMEMBERED = 50;
    private static final long POLL_MILLIS = 500;
    /** The command gives Spark ten seconds. */
    private static final Duration TIME_TO_END = Duration.ofSeconds(15);

    private final @Nullable LarderCommand command;
    private final int atOnce;
    private final Predicate<String> isLeased;
    private final Clock clock;
    private final MaterializeMetrics metrics;

    private final Deque<Run> waiting = new ArrayDeque<>();
    private final List<Run> running = new ArrayList<>();
    private final Deque<Run> remembered = new ArrayDeque<>();
    private boolean stopping;

    /**
     * @param command null: there is none, and nothing is materialized
     * @param atOnce how many run at once; 1 for a store that takes one writer whatever the view
     * @param isLeased whether some process materializes a view to the online store now
     * @param metrics counts what was run
     */
    public Materializations(
            @Nullable LarderCommand command,
            int atOnce,
            Predicate<String> isLeased,
            Clock clock,
            MaterializeMetrics metrics) {
        this.command = command;
        this.atOnce = atOnce;
        this.isLeased = isLeased;
        this.clock = clock;
        this.metrics = metrics;
    }

    /** How far a materialization is. */
    public enum State {
        WAITING,
        RUNNING,
        SUCCEEDED,
        FAILED
    }

    /**
     * What became of a materialization.
     *
     * @param ended null as long as it has not
     * @param failure what went wrong, if something did
     */
    public record Report(
            Materialization asked,
            State state,
            Instant submitted,
            @Nullable Instant ended,
            @Nullable LarderException failure) {}

    /**
     * Materializes as soon as it is its turn.
     *
     * @return completed at its end; exceptionally with the {@link LarderException} that says what went wrong
     * @throws LarderException {@link CannotMaterialize} if it cannot even wait
     */
    public CompletableFuture<Void> submit(Materialization asked) {
        LarderCommand larder = requireCommand();
        if (asked.featureViews().isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        Run run = new Run(larder, asked);
        synchronized (this) {
            if (stopping) {
                throw CannotMaterialize.stops();
            }
            if (waiting.size() >= WAITING_AT_MOST) {
                throw CannotMaterialize.tooManyWait(waiting.size());
            }
            waiting.addLast(run);
            remember(run);
        }
        startNext();
        return run.end;
    }

    /**
     * As {@link #submit}, for who does not wait: what goes wrong later is in the log and in {@link #reports}.
     *
     * @throws AlreadyMaterializing if one of the views is materialized or about to be, here or by another process
     */
    public CompletableFuture<Void> submitUnlessBusy(Materialization asked) {
        LarderCommand unused = requireCommand();
        List<String> busy = busy(asked.featureViews());
        if (!busy.isEmpty()) {
            throw new AlreadyMaterializing(busy);
        }
        return submit(asked);
    }

    /** The latest ones, the newest first. */
    public synchronized List<Report> reports() {
        return remembered.stream().map(Run::report).toList();
    }

    /** Takes no more, and asks those that run to end. */
    public void stop() {
        List<Run> given;
        synchronized (this) {
            stopping = true;
            given = List.copyOf(waiting);
            waiting.clear();
            running.forEach(Run::endProcess);
        }
        given.forEach(run -> run.finish(CannotMaterialize.stops()));
    }

    /** Stops, and waits until no process is left. */
    @Override
    public void close() {
        stop();
        List<Run> left;
        synchronized (this) {
            left = List.copyOf(running);
        }
        left.forEach(Run::awaitEnd);
    }

    private LarderCommand requireCommand() {
        if (command == null) {
            throw CannotMaterialize.noCommand();
        }
        return command;
    }

    private List<String> busy(List<String> views) {
        List<String> here = new ArrayList<>();
        boolean others;
        synchronized (this) {
            for (String view : views) {
                if (running.stream().anyMatch(run -> run.isOf(view))
                        || waiting.stream().anyMatch(run -> run.isOf(view))) {
                    here.add(view);
                }
            }
            // A store that has one lease for all views shows our own processes.
            others = atOnce > 1 || running.isEmpty();
        }
        return views.stream()
                .filter(view -> here.contains(view) || (others && isLeased.test(view)))
                .toList();
    }

    private void remember(Run run) {
        remembered.addFirst(run);
        if (remembered.size() > REMEMBERED) {
            remembered.removeLast();
        }
    }

    private synchronized void startNext() {
        List<Run> before = new ArrayList<>(running);
        for (Run run : List.copyOf(waiting)) {
            if (running.size() == atOnce) {
                return;
            }
            // One that must wait keeps later ones of the same views behind it.
            if (before.stream().noneMatch(run::meets)) {
                waiting.remove(run);
                running.add(run);
                run.start();
            }
            before.add(run);
        }
    }

    private void ended(Run run, @Nullable LarderException failure) {
        synchronized (this) {
            running.remove(run);
        }
        // Who waits for the end may ask for the same views at once, so the run is no longer counted by now.
        run.finish(failure);
        startNext();
    }

    private synchronized boolean isStopping() {
        return stopping;
    }

    /** One materialization from its submission to its end. */
    private final class Run {
        private final LarderCommand larder;
        private final Materialization asked;
        private final Instant submitted = clock.instant();
        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private volatile State state = State.WAITING;
        private volatile @Nullable Instant ended;
        private volatile @Nullable LarderException problem;
        private @Nullable LarderProcess process;

        Run(LarderCommand larder, Materialization asked) {
            this.larder = larder;
            this.asked = asked;
        }

        boolean isOf(String view) {
            return asked.featureViews().contains(view);
        }

        boolean meets(Run other) {
            return !Collections.disjoint(asked.featureViews(), other.asked.featureViews());
        }

        void start() {
            state = State.RUNNING;
            Thread thread = new Thread(this::run, "larder-materialize");
            thread.setDaemon(true);
            thread.start();
        }

        private void run() {
            long start = System.nanoTime();
            LarderException failure = null;
            try {
                awaitLeases();
                LarderProcess started = larder.start(asked.arguments());
                keep(started);
                started.await();
            } catch (LarderException e) {
                failure = isStopping() ? CannotMaterialize.stops() : e;
            } catch (RuntimeException e) {
                LOG.error("Cannot materialize {}", asked.featureViews(), e);
                failure =
                        new LarderException(ErrorCode.INTERNAL, "The server failed unexpectedly; its log says why.", e);
            }
            metrics.ended(asked.featureViews(), failure == null, Duration.ofNanos(System.nanoTime() - start));
            ended(this, failure);
        }

        private void awaitLeases() {
            while (asked.featureViews().stream().anyMatch(isLeased)) {
                if (isStopping()) {
                    throw CannotMaterialize.stops();
                }
                try {
                    Thread.sleep(POLL_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw CannotMaterialize.stops();
                }
            }
        }

        private void keep(LarderProcess started) {
            synchronized (Materializations.this) {
                process = started;
                if (stopping) {
                    started.end();
                }
            }
        }

        /** Only with the lock of all. */
        void endProcess() {
            if (process != null) {
                process.end();
            }
        }

        void awaitEnd() {
            LarderProcess known;
            synchronized (Materializations.this) {
                known = process;
            }
            if (known != null) {
                known.awaitEnd(TIME_TO_END);
            }
        }

        void finish(@Nullable LarderException failure) {
            ended = clock.instant();
            if (failure == null) {
                state = State.SUCCEEDED;
                end.complete(null);
            } else {
                LOG.warn("Cannot materialize {}: {}", asked.featureViews(), failure.getMessage());
                problem = failure;
                state = State.FAILED;
                end.completeExceptionally(failure);
            }
        }

        Report report() {
            return new Report(asked, state, submitted, ended, problem);
        }
    }
}
