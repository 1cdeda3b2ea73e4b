package dev.larder.servers;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The files of one stack. */
record StackFolder(Path root) {

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
        return logs().resolve(part == Part.POSTGRES ? "postgres.log" : part.fileName() + ".0.log");
    }

    /** What the part prints: PostgreSQL its log, a Java process what it says before its log is open. */
    Path output(Part part) {
        return part == Part.POSTGRES ? log(part) : logs().resolve(part.fileName() + ".console.log");
    }

    boolean exists() {
        return Files.isDirectory(root.resolve("processes"));
    }

    /** @throws LarderException {@code PATH_UNUSABLE} */
    void create() {
        try {
            Files.createDirectories(root.resolve("processes"));
            Files.createDirectories(logs());
            for (Part part : Part.values()) {
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
