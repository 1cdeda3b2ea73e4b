package dev.larder.cli;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that shares our terminal and never outlives us. */
final class ChildProcess {
    private static final long GRACE_SECONDS = 10;

    private ChildProcess() {}

    /** Runs the command to its end and returns its exit code. */
    static int run(List<String> command) {
        Process process;
        try {
            process = new ProcessBuilder(command).inheritIO().start();
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PROCESS_FAILED, "Cannot start " + command.get(0) + ": " + e.getMessage(), e);
        }
        Thread killer = new Thread(() -> end(process), "end-child");
        Runtime.getRuntime().addShutdownHook(killer);
        try {
            int code = process.waitFor();
            Runtime.getRuntime().removeShutdownHook(killer);
            return code;
        } catch (InterruptedException e) {
            end(process);
            Thread.currentThread().interrupt();
            throw new LarderException(ErrorCode.PROCESS_FAILED, "Interrupted while " + command.get(0) + " ran", e);
        }
    }

    private static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
