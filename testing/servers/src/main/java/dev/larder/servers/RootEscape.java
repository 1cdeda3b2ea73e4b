package dev.larder.servers;

import com.sun.security.auth.module.UnixSystem;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How PostgreSQL, which refuses to run as root, is run by root all the same.
 *
 * <p>Best by {@code unshare -U}: in a user namespace of its own the process is nobody to itself, while its files stay
 * root's. Where the kernel forbids that (many containers), {@code setpriv} gives up root for nobody, who then owns the
 * data folder and may pass through folders closed to others. Both replace themselves by the program that they run, so
 * that the process number stays.
 *
 * @param prefix what to put before the command
 * @param program the prefix's program as the operating system names it; empty if there is none
 * @param ownerId who must own the data folder; empty if it stays as it is
 */
record RootEscape(List<String> prefix, Optional<String> program, Optional<Integer> ownerId) {
    private static final int NOBODY = 65_534;
    private static final List<String> SEARCH_PATH = List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin");

    RootEscape {
        prefix = List.copyOf(prefix);
    }

    /** @throws LarderException {@code PROCESS_FAILED} if we are root and neither way is open */
    static RootEscape find() {
        if (new UnixSystem().getUid() != 0) {
            return new RootEscape(List.of(), Optional.empty(), Optional.empty());
        }
        return Stream.of(namespace(), nobody())
                .flatMap(Optional::stream)
                .filter(RootEscape::works)
                .findFirst()
                .orElseThrow(() -> new LarderException(
                        ErrorCode.PROCESS_FAILED,
                        "PostgreSQL refuses to run as root, and neither 'unshare -U' nor 'setpriv --reuid' works here."
                                + " Run as an ordinary user, or name a PostgreSQL server of your own under larder.postgres in"
                                + " feature_store.yaml."));
    }

    static Optional<RootEscape> namespace() {
        return program("unshare").map(path -> new RootEscape(List.of(path, "-U"), Optional.of(path), Optional.empty()));
    }

    static Optional<RootEscape> nobody() {
        return program("setpriv")
                .map(path -> new RootEscape(
                        List.of(
                                path,
                                "--reuid=" + NOBODY,
                                "--regid=" + NOBODY,
                                "--clear-groups",
                                "--inh-caps=+dac_override",
                                "--ambient-caps=+dac_override",
                                // Else access(2), which PostgreSQL's programs look for each other with, knows no
                                // capability.
                                "--securebits=+no_setuid_fixup"),
                        Optional.of(path),
                        Optional.of(NOBODY)));
    }

    List<String> command(String... command) {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(List.of(command));
        return all;
    }

    /** Gives the folder and all in it to the one who must own it. */
    void own(Path folder) {
        if (ownerId.isEmpty()) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.setAttribute(file, "unix:uid", ownerId.get());
                Files.setAttribute(file, "unix:gid", ownerId.get());
            }
        } catch (IOException e) {
            throw StackFolder.unusable(folder, "given to user " + ownerId.get(), e);
        }
    }

    private boolean works() {
        try {
            Process process = new ProcessBuilder(command("true"))
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Optional<String> program(String name) {
        return SEARCH_PATH.stream()
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .map(RootEscape::real);
    }

    private static String real(Path path) {
        try {
            return path.toRealPath().toString();
        } catch (IOException e) {
            throw StackFolder.unusable(path, "found", e);
        }
    }
}
