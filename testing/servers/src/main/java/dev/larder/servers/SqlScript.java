package dev.larder.servers;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The small part of what psql understands that deploy/postgres/init.sql needs: statements that end with the line, lines that
 * are comments, and {@code \connect DATABASE}.
 */
record SqlScript(Path file, List<String> steps) {
    private static final String CONNECT = "\\connect ";

    /** A role or database of that name exists: a second run finds what the first has made. */
    private static final Set<String> THERE_ALREADY = Set.of("42710", "42P04");

    static SqlScript read(Path file) {
        try {
            return new SqlScript(file, steps(Files.readAllLines(file)));
        } catch (IOException e) {
            throw StackFolder.unusable(file, "read", e);
        }
    }

    private static List<String> steps(List<String> lines) {
        List<String> steps = new ArrayList<>();
        StringBuilder statement = new StringBuilder();
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("--")) {
                continue;
            }
            statement.append(line).append('\n');
            if (line.startsWith(CONNECT) || line.endsWith(";")) {
                steps.add(statement.toString().strip());
                statement.setLength(0);
            }
        }
        if (!statement.isEmpty()) {
            steps.add(statement.toString().strip());
        }
        return steps;
    }

    /** @throws LarderException {@code PROCESS_FAILED} with the statement that was refused */
    void run(int port, String user, String firstDatabase) {
        String database = firstDatabase;
        int next = 0;
        while (next < steps.size()) {
            try (PostgresClient client = PostgresClient.connect(port, user, database)) {
                while (next < steps.size() && !steps.get(next).startsWith(CONNECT)) {
                    run(steps.get(next), client);
                    next++;
                }
            } catch (IOException e) {
                throw new LarderException(
                        ErrorCode.PROCESS_FAILED,
                        "PostgreSQL did not answer while it ran %s in database %s: %s".formatted(file, database, e),
                        e);
            }
            if (next < steps.size()) {
                database = steps.get(next).substring(CONNECT.length());
                next++;
            }
        }
    }

    private void run(String statement, PostgresClient client) throws IOException {
        client.execute(statement)
                .filter(refusal -> !THERE_ALREADY.contains(refusal.sqlState()))
                .ifPresent(refusal -> {
                    throw new LarderException(
                            ErrorCode.PROCESS_FAILED,
                            "PostgreSQL refused a statement of %s: %s (%s). The statement: %s"
                                    .formatted(file, refusal.message(), refusal.sqlState(), statement));
                });
    }
}
