package dev.larder.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Prints one line when a step ends, and after two seconds a running display: redrawn in place on a terminal, a new line
 * every five seconds elsewhere.
 */
public final class ConsoleProgress implements Progress {
    /** Fewer say nothing about a rate. */
    private static final long MEASURABLE = 10;

    private static final Duration QUIET = Duration.ofSeconds(2);

    private final PrintStream out;
    private final boolean terminal;
    private final LongSupplier nanoTime;

    /** Draws in place if the environment says {@code LARDER_TERMINAL=1}, which the start script sets on a terminal. */
    public ConsoleProgress(PrintStream out) {
        this(out, "1".equals(System.getenv("LARDER_TERMINAL")), System::nanoTime);
    }

    ConsoleProgress(PrintStream out, boolean terminal, LongSupplier nanoTime) {
        this.out = out;
        this.terminal = terminal;
        this.nanoTime = nanoTime;
    }

    @Override
    public Step start(String name, String unit) {
        ConsoleStep step = new ConsoleStep(name, unit);
        step.schedule();
        return step;
    }

    private final class ConsoleStep implements Step {
        private final String name;
        private final String unit;
        private final long started = nanoTime.getAsLong();
        private final AtomicLong count = new AtomicLong();
        private final AtomicLong total = new AtomicLong(-1);
        private final AtomicBoolean ended = new AtomicBoolean();
        private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "progress");
            thread.setDaemon(true);
            return thread;
        });

        ConsoleStep(String name, String unit) {
            this.name = name;
            this.unit = unit;
        }

        void schedule() {
            long periodMillis = terminal ? 500 : 5000;
            ScheduledFuture<?> unused =
                    timer.scheduleAtFixedRate(this::show, QUIET.toMillis(), periodMillis, TimeUnit.MILLISECONDS);
        }

        @Override
        public void expect(long newTotal) {
            total.set(newTotal);
        }

        @Override
        public void add(long more) {
            count.addAndGet(more);
        }

        @Override
        public void done(String remark) {
            if (ended.compareAndSet(false, true)) {
                timer.shutdownNow();
                print("  %-34s %s%s".formatted(name, summary(), remark.isEmpty() ? "" : "  " + remark), true);
            }
        }

        @Override
        public void close() {
            if (ended.compareAndSet(false, true)) {
                timer.shutdownNow();
                print("  %-34s failed after %s".formatted(name, seconds()), true);
            }
        }

        private void show() {
            if (!ended.get()) {
                print("  %-34s %s ...%s".formatted(name, summary(), left()), false);
            }
        }

        private String summary() {
            double elapsed = elapsed();
            long done = count.get();
            String of = total.get() > done && !ended.get() ? "/" + grouped(total.get()) : "";
            String rate =
                    done >= MEASURABLE && elapsed > 0.05 ? "  %s/s".formatted(grouped(Math.round(done / elapsed))) : "";
            return "%s%s %s  %s%s".formatted(grouped(done), of, unit, seconds(), rate);
        }

        private String left() {
            long done = count.get();
            long all = total.get();
            if (all <= 0 || done <= 0 || done >= all) {
                return "";
            }
            return "  %d%%, %d s left".formatted(100 * done / all, Math.round(elapsed() * (all - done) / done));
        }

        private String seconds() {
            return String.format(Locale.ROOT, "%.1f s", elapsed());
        }

        private double elapsed() {
            return (nanoTime.getAsLong() - started) / 1e9;
        }

        private void print(String line, boolean last) {
            synchronized (out) {
                if (terminal) {
                    out.print("\r\u001b[2K" + line + (last ? System.lineSeparator() : ""));
                } else {
                    out.println(line);
                }
                out.flush();
            }
        }
    }

    private static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
