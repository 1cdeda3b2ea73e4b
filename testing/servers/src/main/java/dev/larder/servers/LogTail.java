package dev.larder.servers;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The last lines of a log, for an error message: what the program calls errors, and its very last words. */
final class LogTail {
    private static final int MAX_BYTES = 65_536;
    private static final int ERROR_LINES = 3;
    private static final Pattern ERROR = Pattern.compile("\\b(SEVERE|ERROR|FATAL|Caused by:)");

    private LogTail() {}

    /** At most so many last lines, and three earlier ones that tell of errors; none if there is no such file. */
    static List<String> read(Path file, int lines) {
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            in.seek(Math.max(0, in.length() - MAX_BYTES));
            byte[] bytes = new byte[(int) Math.min(MAX_BYTES, in.length())];
            in.readFully(bytes);
            List<String> all = new String(bytes, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .toList();
            int tail = Math.max(0, all.size() - lines);
            List<String> errors = all.subList(0, tail).stream()
                    .filter(line -> ERROR.matcher(line).find())
                    .toList();
            return Stream.concat(
                            errors.stream().skip(Math.max(0, errors.size() - ERROR_LINES)),
                            all.subList(tail, all.size()).stream())
                    .toList();
        } catch (IOException e) {
            return List.of("(cannot read " + file + ": " + e + ")");
        }
    }
}
