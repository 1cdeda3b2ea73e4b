package dev.larder.offlinestore.training;

import java.nio.file.Path;
import java.util.Collection;
import java.util.stream.Collectors;

/** Text as it must stand in DuckDB's SQL. */
final class Sql {
    private Sql() {}

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /** A list of files. DuckDB takes a name that exists for a file and not for a pattern. */
    static String files(Collection<Path> files) {
        return files.stream()
                .map(file -> literal(file.toAbsolutePath().toString()))
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
