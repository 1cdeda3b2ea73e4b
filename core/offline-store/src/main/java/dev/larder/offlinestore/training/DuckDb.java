package dev.larder.offlinestore.training;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A private DuckDB in this process: no extension is fetched, times are UTC, what exceeds the memory goes to a folder. */
final class DuckDb implements AutoCloseable {
    private final Connection connection;
    private final Path spill;

    private DuckDb(Connection connection, Path spill) {
        this.connection = connection;
        this.spill = spill;
    }

    static DuckDb open(DuckDbSettings settings) {
        Path spill;
        try {
            spill = Files.createTempDirectory("larder-duckdb-");
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "No temporary folder can be made in %s: %s. Set -Djava.io.tmpdir to a writable folder."
                            .formatted(System.getProperty("java.io.tmpdir"), e),
                    e);
        }
        Properties properties = new Properties();
        properties.setProperty("memory_limit", settings.memoryLimit());
        properties.setProperty("threads", Integer.toString(settings.threads()));
        properties.setProperty("temp_directory", spill.toString());
        properties.setProperty("autoinstall_known_extensions", "false");
        properties.setProperty("autoload_known_extensions", "false");
        try {
            DuckDb db = new DuckDb(DriverManager.getConnection("jdbc:duckdb:", properties), spill);
            db.execute("SET TimeZone = 'UTC'");
            return db;
        } catch (SQLException e) {
            delete(spill);
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "DuckDB does not start with %s: %s".formatted(settings, firstLine(e)),
                    e);
        }
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Number of rows that a statement wrote. */
    long update(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeLargeUpdate(sql);
        }
    }

    /** All rows of a query whose answer is known to be small. */
    List<List<@Nullable Object>> query(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int width = result.getMetaData().getColumnCount();
            List<List<@Nullable Object>> rows = new ArrayList<>();
            while (result.next()) {
                List<@Nullable Object> row = new ArrayList<>(width);
                for (int i = 1; i <= width; i++) {
                    row.add(result.getObject(i));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    /** Names and types of a query's columns. */
    List<Column> describe(String sql) throws SQLException {
        return query("DESCRIBE " + sql).stream()
                .map(row -> new Column(String.valueOf(row.get(0)), String.valueOf(row.get(1))))
                .toList();
    }

    record Column(String name, String type) {}

    /** What DuckDB says, without its hints on options that our callers do not have. */
    static String firstLine(SQLException e) {
        String message = String.valueOf(e.getMessage());
        int end = message.indexOf("\nPossible");
        return (end < 0 ? message.lines().findFirst().orElse("") : message.substring(0, end)).replace("\n", ", ");
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new LarderException(ErrorCode.INTERNAL, "DuckDB does not close: " + firstLine(e), e);
        } finally {
            delete(spill);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + folder, e);
        }
    }
}
