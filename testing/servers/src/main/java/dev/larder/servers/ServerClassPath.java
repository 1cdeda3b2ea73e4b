package dev.larder.servers;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the processes of a stack are started with: this module's classes and the jars that it alone needs. */
public record ServerClassPath(List<Path> entries) {

    public ServerClassPath {
        entries = List.copyOf(entries);
    }

    /**
     * Reads the class path that the build has written.
     *
     * @param file {@code testing/servers/target/classpath}; the module's classes lie beside it
     * @throws LarderException {@code STEP_MISSING} if the module has not been built
     */
    public static ServerClassPath read(Path file) {
        Path classes = file.resolveSibling("classes").toAbsolutePath();
        try {
            List<Path> entries = new ArrayList<>();
            entries.add(classes);
            for (String entry : Files.readString(file).strip().split(File.pathSeparator, -1)) {
                entries.add(Path.of(entry));
            }
            for (Path entry : entries) {
                if (!Files.exists(entry)) {
                    throw notBuilt(entry + " does not exist", null);
                }
            }
            return new ServerClassPath(entries);
        } catch (IOException e) {
            throw notBuilt("Cannot read " + file, e);
        }
    }

    private static LarderException notBuilt(String what, @Nullable Throwable cause) {
        return new LarderException(
                ErrorCode.STEP_MISSING,
                what + ". Build the project first: mvn -DskipTests install (or ./setup_project.sh)",
                cause);
    }

    String joined() {
        return String.join(
                File.pathSeparator, entries.stream().map(Path::toString).toList());
    }
}
