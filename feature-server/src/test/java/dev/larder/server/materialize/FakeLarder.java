package dev.larder.server.materialize;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * A command that stands where {@code larder} does: it notes its arguments, waits while it is held, and ends as it is told to.
 */
public final class FakeLarder {
    private final Path folder;

    private FakeLarder(Path folder) {
        this.folder = folder;
    }

    public static FakeLarder in(Path folder) {
        try {
            FakeLarder fake = new FakeLarder(Files.createDirectories(folder));
            Files.writeString(
                    fake.program(),
                    """
                    #!/bin/sh
                    here=$(dirname "$0")
                    trap 'echo "ended by a signal" >> "$here/calls"; exit 143' TERM
                    echo "$@" >> "$here/calls"
                    echo "materialize  12 rows"
                    while [ -e "$here/hold" ]; do sleep 0.05; done
                    if [ -e "$here/failure" ]; then . "$here/failure"; fi
                    echo "done $*" >> "$here/ends"
                    """);
            Files.setPosixFilePermissions(fake.program(), PosixFilePermissions.fromString("rwxr-xr-x"));
            return fake;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path program() {
        return folder.resolve("larder");
    }

    /** From now on it does not end. */
    public void hold() throws IOException {
        Files.createFile(folder.resolve("hold"));
    }

    public void release() throws IOException {
        Files.delete(folder.resolve("hold"));
    }

    /** @param script what the shell does in place of a good end */
    public void fail(String script) throws IOException {
        Files.writeString(folder.resolve("failure"), script);
    }

    /** The arguments of all calls so far, and {@code ended by a signal} for each that was. */
    public List<String> calls() {
        return lines("calls");
    }

    /** Those that came to their end. */
    public List<String> ends() {
        return lines("ends");
    }

    private List<String> lines(String file) {
        try {
            return Files.exists(folder.resolve(file)) ? Files.readAllLines(folder.resolve(file)) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
