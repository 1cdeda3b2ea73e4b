package dev.larder.servers;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** Ends a process and all that it has started. */
final class Ending {
    private static final Duration IN_GOOD_ORDER = Duration.ofSeconds(20);
    private static final Duration BY_FORCE = Duration.ofSeconds(10);

    private Ending() {}

    /** Asks it to end, then does not ask any more. */
    static void end(Part part, ProcessHandle process) {
        List<ProcessHandle> children = process.descendants().toList();
        ask(part, process);
        if (!Waiting.until(IN_GOOD_ORDER, () -> hasEnded(process))) {
            process.destroyForcibly();
        }
        kill(process, children);
    }

    /** SIGINT is PostgreSQL's "disconnect everybody and end"; after SIGTERM it would wait until all clients have gone. */
    private static void ask(Part part, ProcessHandle process) {
        if (part != Part.POSTGRES) {
            process.destroy();
            return;
        }
        try {
            Process unused = new ProcessBuilder("sh", "-c", "kill -INT " + process.pid())
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            process.destroy();
        }
    }

    /** Ends it at once, as a crash would. */
    static void kill(ProcessHandle process) {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        kill(process, children);
    }

    private static void kill(ProcessHandle process, List<ProcessHandle> children) {
        children.stream().filter(Predicate.not(Ending::hasEnded)).forEach(ProcessHandle::destroyForcibly);
        boolean unused = Waiting.until(
                BY_FORCE, () -> hasEnded(process) && children.stream().allMatch(Ending::hasEnded));
    }

    private static boolean hasEnded(ProcessHandle process) {
        return !process.isAlive() || ProcessRecord.isZombie(process.pid());
    }
}
