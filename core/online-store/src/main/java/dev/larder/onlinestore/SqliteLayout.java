package dev.larder.onlinestore;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Where the file is, how its tables look, and what its failures mean. */
final class SqliteLayout {
    /** Names that start with an underscore cannot belong to a view: no project's name does. */
    static final List<String> OWN_TABLES = List.of(
            """
            CREATE TABLE IF NOT EXISTS _larder_views (
                id INTEGER PRIMARY KEY,
                project TEXT NOT NULL,
                view TEXT NOT NULL,
                snapshot_id INTEGER,
                end_us INTEGER,
                definition TEXT,
                UNIQUE (project, view)
            )""",
            """
            CREATE TABLE IF NOT EXISTS _larder_rows (
                view_id INTEGER NOT NULL,
                entity_key BLOB NOT NULL,
                event_us INTEGER NOT NULL,
                version INTEGER NOT NULL,
                PRIMARY KEY (view_id, entity_key)
            ) WITHOUT ROWID""");

    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Set<String> KEYWORDS = Set.of("current_date", "current_time", "current_timestamp");

    private final Path file;
    private final String project;

    SqliteLayout(Path file, String project) {
        this.file = file;
        this.project = project;
    }

    Path file() {
        return file;
    }

    String project() {
        return project;
    }

    /** Which file lies at the path now; changes when it is replaced. */
    Object identity() {
        try {
            // Null where the file system has no such key; then a replaced file is noticed only when it was missing
            // once.
            return Objects.requireNonNullElse(
                    Files.readAttributes(file, BasicFileAttributes.class).fileKey(), file);
        } catch (NoSuchFileException e) {
            throw new LarderException(
                    ErrorCode.STEP_MISSING,
                    "The online store %s does not exist: run apply, then materialize".formatted(file),
                    e);
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.ONLINE_STORE_UNAVAILABLE,
                    "Cannot look at the online store %s: %s".formatted(file, e.getMessage()),
                    e);
        }
    }

    boolean exists() {
        return Files.exists(file);
    }

    /** The table of a view, quoted. */
    String table(String view) {
        return quoted(tableName(view));
    }

    String tableName(String view) {
        return project + "_" + view;
    }

    /** Letter for letter what Feast leaves in the schema, for names that it can take. */
    List<String> createTable(String view) {
        String name = tableName(view);
        String table = asFeastWrites(name);
        return List.of(
                "CREATE TABLE IF NOT EXISTS " + table + " (\n"
                        + "                entity_key BLOB,\n"
                        + "                feature_name TEXT,\n"
                        + "                value BLOB,\n"
                        + "                value_text TEXT,\n"
                        + "                \n"
                        + "                vector_value BLOB,\n"
                        + "                event_ts timestamp,\n"
                        + "                created_ts timestamp,\n"
                        + "                PRIMARY KEY(entity_key, feature_name)\n"
                        + "            )",
                "CREATE INDEX IF NOT EXISTS " + asFeastWrites(name + "_ek") + " ON " + table + " (entity_key)");
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String asFeastWrites(String name) {
        boolean plain = PLAIN_NAME.matcher(name).matches() && !KEYWORDS.contains(name.toLowerCase(Locale.ROOT));
        return plain ? name : quoted(name);
    }

    static boolean isMissingTable(SQLException e) {
        return e.getMessage() != null && e.getMessage().contains("no such table");
    }

    static boolean isBusy(SQLException e) {
        return (e.getErrorCode() & 0xFF) == SQLiteErrorCode.SQLITE_BUSY.code;
    }

    /** @param view the view that was read or written; null when it was none in particular */
    LarderException failure(@Nullable String view, SQLException e) {
        String where = view == null ? "" : " for feature view " + view;
        if (isMissingTable(e) || String.valueOf(e.getMessage()).contains("no such column")) {
            return new LarderException(
                    ErrorCode.STEP_MISSING,
                    "The online store %s has no up-to-date table%s: run apply, then materialize".formatted(file, where),
                    e);
        } else if (isBusy(e)) {
            return locked(view, e);
        } else if (e instanceof SQLiteException sqlite
                && (sqlite.getResultCode() == SQLiteErrorCode.SQLITE_NOTADB
                        || sqlite.getResultCode() == SQLiteErrorCode.SQLITE_CORRUPT)) {
            return new LarderException(
                    ErrorCode.ONLINE_STORE_CORRUPT,
                    "The online store %s is not an intact SQLite file: remove it, run apply and materialize"
                            .formatted(file),
                    e);
        }
        return new LarderException(
                ErrorCode.ONLINE_STORE_UNAVAILABLE,
                "Cannot use the online store %s%s: %s".formatted(file, where, e.getMessage()),
                e);
    }

    /** @param view the view that was written; null when it was none in particular */
    LarderException locked(@Nullable String view, @Nullable SQLException cause) {
        return new LarderException(
                ErrorCode.ONLINE_STORE_UNAVAILABLE,
                "The online store %s stayed locked%s: another process keeps a transaction open; end it and try again"
                        .formatted(file, view == null ? "" : " for feature view " + view),
                cause);
    }

    LarderException corrupt(String view, String column) {
        return new LarderException(
                ErrorCode.ONLINE_STORE_CORRUPT,
                "The online store %s has a row of feature view %s without a usable %s (expected: as Feast writes it; materialize the view again)"
                        .formatted(file, view, column));
    }
}
