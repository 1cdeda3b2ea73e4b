package dev.larder.cli;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where Larder is installed: finds the class path of each module and the Java that runs it. */
record Home(Path root) {

    /** The folder that the start script names in {@code larder.home}. */
    static Home fromSystemProperty() {
        String home = System.getProperty("larder.home");
        if (home == null) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "System property larder.home is not set (expected: the folder of Larder). Start ./larder instead of the class.");
        }
        return new Home(Path.of(home));
    }

    /** A module's classes and all that they need, as {@code java -cp} takes it. */
    String classPath(String module) {
        Path target = root.resolve(module).resolve("target");
        return target.resolve("classes") + ":"
                + read(target.resolve("classpath")).strip();
    }

    /** The module's own flags, one a line, {@code #} begins a comment. */
    List<String> jvmOptions(String module) {
        return read(root.resolve(module).resolve("src/main/jvm.options"))
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.STEP_MISSING, file + " is missing: build first with ./setup_project.sh build", e);
        }
    }
}
