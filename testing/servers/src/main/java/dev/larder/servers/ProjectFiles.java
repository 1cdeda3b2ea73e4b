package dev.larder.servers;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The project's folder: the configuration that the stack shares with docker-compose, and the tools that Maven cannot bring. */
record ProjectFiles(Path root, Path tools) {

    /** @throws LarderException {@code INTERNAL} if neither larder.home nor larder.root says where the project is */
    static ProjectFiles find() {
        String root = System.getProperty("larder.home", System.getProperty("larder.root", ""));
        if (root.isEmpty()) {
            throw new LarderException(
                    ErrorCode.INTERNAL,
                    "Neither of the system properties larder.home and larder.root names the project's folder.");
        }
        Path project = Path.of(root).toAbsolutePath();
        String tools = System.getenv("LARDER_TOOLS");
        return new ProjectFiles(
                project, tools == null || tools.isEmpty() ? project.resolve(".larder/tools") : Path.of(tools));
    }

    /** A file that docker-compose mounts too. */
    Path shared(String path) {
        Path file = root.resolve(path);
        if (!Files.exists(file)) {
            throw new LarderException(
                    ErrorCode.STEP_MISSING,
                    "%s does not exist. It belongs to the project; get it back from version control.".formatted(file));
        }
        return file;
    }

    /** A shared file's text with the lines of this machine below; the later line of two with one key counts. */
    String overlaid(String path, String ours) {
        Path file = shared(path);
        try {
            return Files.readString(file) + "\n# What differs on this machine.\n" + ours;
        } catch (IOException e) {
            throw StackFolder.unusable(file, "read", e);
        }
    }

    /** The lines {@code NAME=value} of a shared file, as docker-compose reads them. */
    Map<String, String> variables(String path) {
        Path file = shared(path);
        Map<String, String> variables = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(file)) {
                int equals = line.indexOf('=');
                if (equals > 0 && !line.startsWith("#")) {
                    variables.put(
                            line.substring(0, equals).strip(),
                            line.substring(equals + 1).strip());
                }
            }
        } catch (IOException e) {
            throw StackFolder.unusable(file, "read", e);
        }
        return variables;
    }

    /** Where a tool of this name lies, whether or not it is there. */
    Path tool(String name) {
        return tools.resolve(name);
    }
}
