package dev.larder.servers;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * A process that was started, as it is remembered in a file. Operating systems use process numbers again, so a number
 * alone is never trusted: program and time of start must agree too.
 *
 * @param programs the program that runs, and those that run for a moment before they turn into it
 * @param port where the process answers
 * @param dependsOn a fingerprint of what it would have to be started anew for
 */
record ProcessRecord(long pid, Instant started, List<String> programs, int port, String dependsOn) {
    /** Linux counts from the boot; the time of the boot, as the kernel tells it, moves when the clock is corrected. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);

    ProcessRecord {
        programs = List.copyOf(programs);
    }

    static ProcessRecord of(ProcessHandle process, List<String> programs, int port, String dependsOn) {
        return new ProcessRecord(
                process.pid(), process.info().startInstant().orElseGet(Instant::now), programs, port, dependsOn);
    }

    static Optional<ProcessRecord> read(Path file) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(Files.readString(file)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw StackFolder.unusable(file, "read", e);
        }
        try {
            return Optional.of(new ProcessRecord(
                    Long.parseLong(properties.getProperty("pid", "")),
                    Instant.parse(properties.getProperty("started", "")),
                    List.of(properties.getProperty("programs", "").split("\n", -1)),
                    Integer.parseInt(properties.getProperty("port", "")),
                    properties.getProperty("dependsOn", "")));
        } catch (NumberFormatException | DateTimeParseException e) {
            throw StackFolder.unusable(file, "read (delete it if no such process runs)", new IOException(e));
        }
    }

    void write(Path file) {
        Properties properties = new Properties();
        properties.setProperty("pid", Long.toString(pid));
        properties.setProperty("started", started.toString());
        properties.setProperty("programs", String.join("\n", programs));
        properties.setProperty("port", Integer.toString(port));
        properties.setProperty("dependsOn", dependsOn);
        StringWriter text = new StringWriter();
        try {
            properties.store(text, null);
        } catch (IOException e) {
            throw StackFolder.unusable(file, "written", e);
        }
        StackFolder.replace(file, text.toString());
    }

    /** The process, unless it has ended, even if its number is in use again. */
    Optional<ProcessHandle> process() {
        return ProcessHandle.of(pid).filter(this::isThis);
    }

    private boolean isThis(ProcessHandle process) {
        if (!process.isAlive() || isZombie(pid)) {
            return false;
        }
        boolean sameStart = process.info()
                .startInstant()
                .map(start -> Duration.between(started, start).abs().compareTo(CLOCK_TOLERANCE) <= 0)
                .orElse(false);
        // The program of a process of another user may be hidden.
        return sameStart && process.info().command().map(programs::contains).orElse(true);
    }

    /** Ended, but nobody has asked how: a container whose first process does not collect orphans keeps such entries. */
    static boolean isZombie(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return false;
        }
    }
}
