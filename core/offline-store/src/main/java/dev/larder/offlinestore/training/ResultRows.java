package dev.larder.offlinestore.training;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a written training set.
 *
 * @param rows values in the order of the columns, as text in the form of the CSV output; null where there is none
 */
public record ResultRows(List<String> columns, List<List<@Nullable String>> rows) {

    /**
     * The first rows of a file.
     *
     * @throws LarderException {@code PATH_UNUSABLE} if it cannot be read
     */
    public static ResultRows first(Path file, int count) {
        FileFormat format = FileFormat.of(file, "File");
        String path = Sql.files(List.of(file));
        String source = format == FileFormat.CSV
                ? "read_csv(%s, header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false)"
                        .formatted(path)
                : "read_parquet(%s, hive_partitioning = false)".formatted(path);
        try (DuckDb db = DuckDb.open(new DuckDbSettings("256MB", 1))) {
            List<DuckDb.Column> columns = db.describe("SELECT * FROM " + source);
            List<String> texts = columns.stream()
                    .map(c -> FileFormat.CSV.column(Sql.identifier(c.name()), c.type()))
                    .toList();
            List<List<@Nullable String>> rows =
                    db.query("SELECT %s FROM %s LIMIT %d".formatted(String.join(", ", texts), source, count)).stream()
                            .map(ResultRows::texts)
                            .toList();
            return new ResultRows(columns.stream().map(DuckDb.Column::name).toList(), rows);
        } catch (SQLException e) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE, "File %s cannot be read: %s".formatted(file, DuckDb.firstLine(e)), e);
        }
    }

    private static List<@Nullable String> texts(List<@Nullable Object> row) {
        return row.stream()
                .<@Nullable String>map(value -> value == null ? null : value.toString())
                .toList();
    }
}
