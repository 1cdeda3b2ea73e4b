package dev.larder.servers;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The programs of the full stack that Maven does not bring; deploy/native/prepare.sh does. */
public final class NativeTools {
    private static final String TRINO_VERSION = "476";
    private static final int LOWEST_JAVA_FOR_TRINO = 24;
    private static final Pattern JAVA_VERSION = Pattern.compile("^JAVA_VERSION=\"(\\d{1,9})\\b", Pattern.MULTILINE);
    /** Where systems put the JDK that prepare.sh offers. */
    private static final List<Path> INSTALLED = List.of(
            Path.of("/usr/lib/jvm"),
            Path.of("/Library/Java/JavaVirtualMachines"),
            Path.of("/opt/homebrew/opt"),
            Path.of(System.getProperty("user.home"), ".sdkman/candidates/java"));

    private NativeTools() {}

    /** What of these parts is not on this machine, as a sentence that says how to get it. */
    public static Optional<String> missing(Set<Part> parts) {
        ProjectFiles project = ProjectFiles.find();
        return parts.stream()
                .sorted()
                .flatMap(part -> missing(part, project).stream())
                .findFirst();
    }

    private static Optional<String> missing(Part part, ProjectFiles project) {
        try {
            switch (part) {
                case POSTGRES, KAFKA, CONNECT -> {}
                case REDIS, MINIO, AIRFLOW -> find(part, project);
                case TRINO -> {
                    find(part, project);
                    newerJava();
                }
            }
            return Optional.empty();
        } catch (LarderException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /**
     * The part's program, or Trino's folder.
     *
     * @throws LarderException {@code STEP_MISSING}
     */
    static Path find(Part part, ProjectFiles project) {
        return switch (part) {
            case REDIS -> inPath("redis-server").orElseThrow(() -> notThere(part, "redis-server is not in PATH"));
            case MINIO -> there(part, project.tool("minio"));
            case TRINO -> there(part, project.tool("trino-server-" + TRINO_VERSION));
            case AIRFLOW -> there(part, project.tool("airflow").resolve("bin/airflow"));
            case POSTGRES, KAFKA, CONNECT -> throw new IllegalArgumentException(part + " comes from Maven");
        };
    }

    private static Path there(Part part, Path path) {
        if (!Files.exists(path)) {
            throw notThere(part, path + " does not exist");
        }
        return path;
    }

    private static LarderException notThere(Part part, String what) {
        return new LarderException(
                ErrorCode.STEP_MISSING,
                "%s is not there: %s. Prepare it: deploy/native/prepare.sh %s"
                        .formatted(part.title(), what, part.fileName()));
    }

    /** A program that every system has. */
    static Path program(String name) {
        return inPath(name)
                .orElseThrow(() ->
                        new LarderException(ErrorCode.STEP_MISSING, "%s is not in PATH. Install it.".formatted(name)));
    }

    private static Optional<Path> inPath(String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * A virtual machine that is new enough for Trino, as the operating system names it.
     *
     * @throws LarderException {@code STEP_MISSING}
     */
    static Path newerJava() {
        if (Runtime.version().feature() >= LOWEST_JAVA_FOR_TRINO) {
            return JavaProgram.java();
        }
        String named = System.getenv("LARDER_JDK25");
        return newerJava(named == null || named.isEmpty() ? Optional.empty() : Optional.of(Path.of(named)), INSTALLED)
                .orElseThrow(() -> new LarderException(
                        ErrorCode.STEP_MISSING,
                        "Trino %s runs on Java %s or newer; this is Java %s, and there is no newer one in /usr/lib/jvm. Install a JDK 25 and set LARDER_JDK25 to its folder."
                                .formatted(
                                        TRINO_VERSION,
                                        LOWEST_JAVA_FOR_TRINO,
                                        Runtime.version().feature())));
    }

    /** The named one, or else the oldest that is new enough of those in these folders. */
    static Optional<Path> newerJava(Optional<Path> named, List<Path> folders) {
        Stream<Path> installed = folders.stream()
                .flatMap(folder -> children(folder).stream())
                .flatMap(home -> Stream.of(home, home.resolve("Contents/Home")))
                .sorted(Comparator.comparingInt(NativeTools::version));
        return Stream.concat(named.stream(), installed)
                .filter(home -> version(home) >= LOWEST_JAVA_FOR_TRINO)
                .map(home -> home.resolve("bin/java"))
                .filter(Files::isExecutable)
                .findFirst()
                .map(NativeTools::real);
    }

    /** As the file {@code release} says, which lies in every JDK; a folder's name may mean anything. 0: this is no JDK. */
    private static int version(Path home) {
        try {
            Matcher version = JAVA_VERSION.matcher(Files.readString(home.resolve("release")));
            return version.find() ? Integer.parseInt(version.group(1)) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    private static List<Path> children(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.sorted().toList();
        } catch (IOException e) {
            throw StackFolder.unusable(folder, "listed", e);
        }
    }

    /** As the operating system names a program that runs: without symbolic links. */
    static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw StackFolder.unusable(path, "found", e);
        }
    }
}
