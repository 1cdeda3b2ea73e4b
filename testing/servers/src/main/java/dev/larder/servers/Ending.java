package dev.larder.servers;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

    /**
     * Ends what carries the mark in its environment, wherever it hangs in the tree of processes. Only Linux tells the
     * environment of others; elsewhere a process's descendants have to do.
     */
    static void endMarked(String mark) {
        List<ProcessHandle> marked = marked(mark);
        marked.forEach(ProcessHandle::destroyForcibly);
        boolean unused = Waiting.until(BY_FORCE, () -> marked.stream().allMatch(Ending::hasEnded));
    }

    private static List<ProcessHandle> marked(String mark) {
        String variable = StackFolder.MARK + "=" + mark;
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process -> environment(process).contains(variable))
                .toList();
    }

    private static List<String> environment(ProcessHandle process) {
        try {
            return List.of(Files.readString(
                            Path.of("/proc", Long.toString(process.pid()), "environ"), StandardCharsets.ISO_8859_1)
                    .split("\0", -1));
        } catch (IOException e) {
            return List.of();
        }
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
