package dev.larder.server.materialize;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running {@code larder} command. */
final class LarderProcess {
    private static final Logger LOG = LoggerFactory.getLogger(LarderProcess.class);

    private static final int LINES_KEPT = 40;
    private static final int LINES_SHOWN = 5;
    /** How the command, and the scripts around it, tell what went wrong. */
    private static final Pattern ERROR = Pattern.compile("error ([A-Z_]+): (.*)");

    /** Of definitions every mistake is a line. */
    private static final Pattern MISTAKE = Pattern.compile("\\S+:\\d+: .+");

    private static final int MISTAKES_KEPT = 20;
    private static final Pattern STACK_TRACE = Pattern.compile("\\s+(at |\\.\\.\\. ).*|(Caused by|Suppressed): .*");
    /** A shell's way to say that a signal ended a process. */
    private static final int SIGNALLED = 128;

    private final Process process;
    private final String step;
    private final Deque<String> lastLines = new ArrayDeque<>();
    private @Nullable String errorCode;
    private final StringBuilder errorMessage = new StringBuilder();
    private int mistakes;

    LarderProcess(Process process, String step) {
        this.process = process;
        this.step = step;
    }

    /**
     * Reads what it prints until it ends.
     *
     * @throws LarderException with the code and the message that it printed; {@code PROCESS_FAILED} if it printed none
     */
    void await() {
        try {
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    LOG.info("larder {}: {}", step, line);
                    take(line);
                }
            }
            int exitCode = process.waitFor();
            if (exitCode != 0) {
                throw failure(exitCode);
            }
        } catch (IOException e) {
            end();
            throw new LarderException(
                    ErrorCode.PROCESS_FAILED, "Cannot read what larder %s prints: %s".formatted(step, e), e);
        } catch (InterruptedException e) {
            end();
            Thread.currentThread().interrupt();
            throw new LarderException(ErrorCode.PROCESS_FAILED, "Interrupted while larder " + step + " ran", e);
        }
    }

    /** Asks it to end; it ends the processes that it has started. */
    void end() {
        process.destroy();
    }

    /** Waits for its end, and makes it end, with all that it has started, when the time is over. */
    void awaitEnd(Duration limit) {
        List<ProcessHandle> family = process.descendants().collect(Collectors.toList());
        try {
            if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.descendants().forEach(family::add);
        process.destroyForcibly();
        family.forEach(ProcessHandle::destroyForcibly);
    }

    private void take(String line) {
        if (lastLines.size() == LINES_KEPT) {
            lastLines.removeFirst();
        }
        lastLines.addLast(line);
        Matcher error = ERROR.matcher(line);
        if (error.matches()) {
            errorCode = error.group(1);
            errorMessage.setLength(0);
            errorMessage.append(error.group(2));
            mistakes = 0;
        } else if (errorCode != null
                && mistakes < MISTAKES_KEPT
                && MISTAKE.matcher(line).matches()) {
            errorMessage.append('\n').append(line);
            mistakes++;
        }
    }

    private LarderException failure(int exitCode) {
        String code = errorCode;
        if (code == null) {
            String shown = lastLines.stream()
                    .skip(Math.max(0, lastLines.size() - LINES_SHOWN))
                    .filter(line -> !STACK_TRACE.matcher(line).matches())
                    .collect(Collectors.joining("\n"));
            String why = exitCode > SIGNALLED
                    ? "was ended by signal %d; a process that needs more memory than there is ends so"
                            .formatted(exitCode - SIGNALLED)
                    : "ended with exit code " + exitCode;
            return new LarderException(
                    ErrorCode.PROCESS_FAILED,
                    "larder %s %s. %s"
                            .formatted(
                                    step, why, shown.isEmpty() ? "It printed nothing." : "Its last lines: " + shown));
        }
        return known(code)
                .map(known -> new LarderException(known, errorMessage.toString()))
                .orElseGet(() -> new LarderException(
                        ErrorCode.PROCESS_FAILED, "larder %s: %s: %s".formatted(step, code, errorMessage)));
    }

    private static Optional<ErrorCode> known(String code) {
        for (ErrorCode known : ErrorCode.values()) {
            if (known.name().equals(code)) {
                return Optional.of(known);
            }
        }
        return Optional.empty();
    }
}
