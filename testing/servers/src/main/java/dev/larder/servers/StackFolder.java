package dev.larder.servers;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The files of one stack. */
record StackFolder(Path root) {
    /** Names the variable that all processes of a part carry, whoever has started them. */
    static final String MARK = "LARDER_STACK_PART";

    static StackFolder of(Path root) {
        return new StackFolder(root.toAbsolutePath().normalize());
    }

    /** What the part keeps. */
    Path data(Part part) {
        return root.resolve(part.fileName());
    }

    Path processFile(Part part) {
        return root.resolve("processes").resolve(part.fileName());
    }

    /** Written by a part that can say itself when it is ready. */
    Path readyFile(Part part) {
        return root.resolve("processes").resolve(part.fileName() + ".ready");
    }

    /** The value of {@link #MARK}. */
    String mark(Part part) {
        return data(part).toString();
    }

    Path lockFile() {
        return root.resolve("processes").resolve("lock");
    }

    Path portsFile() {
        return root.resolve("ports");
    }

    Path logs() {
        return root.resolve("logs");
    }

    /** What the part logs. */
    Path log(Part part) {
        return logs().resolve(part.fileName() + (logsItself(part) ? ".0.log" : ".log"));
    }

    /** What the part prints: its log, or what a process with a log of its own says before that is open. */
    Path output(Part part) {
        return logsItself(part) ? logs().resolve(part.fileName() + ".console.log") : log(part);
    }

    private static boolean logsItself(Part part) {
        return part == Part.KAFKA || part == Part.CONNECT;
    }

    boolean exists() {
        return Files.isDirectory(root.resolve("processes"));
    }

    /** @throws LarderException {@code PATH_UNUSABLE} */
    void create(Iterable<Part> parts) {
        try {
            Files.createDirectories(root.resolve("processes"));
            Files.createDirectories(logs());
            for (Part part : parts) {
                Files.createDirectories(data(part));
            }
            Files.delete(Files.createTempFile(root, "probe", ""));
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "Cannot write into the folder %s: %s. Choose another data folder (larder: data: in"
                                    .formatted(root, e)
                            + " feature_store.yaml) or make this one writable.",
                    e);
        }
    }

    /** Writes a whole file or leaves the old one. */
    static void replace(Path file, String content) {
        try {
            Path temporary = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".tmp");
            Files.writeString(temporary, content);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw unusable(file, "written", e);
        }
    }

    static LarderException unusable(Path path, String verb, IOException cause) {
        return new LarderException(ErrorCode.PATH_UNUSABLE, "%s cannot be %s: %s".formatted(path, verb, cause), cause);
    }
}
