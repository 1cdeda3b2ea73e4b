package dev.larder.trino;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import io.trino.jdbc.TrinoDriver;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs SQL on a Trino server. One statement at a time; {@link #cancel} may be called from another thread. */
public final class Trino {
    private final TrinoAddress address;
    private @Nullable Statement running;
    private boolean cancelled;

    /** Nothing is connected before the first statement. */
    public Trino(TrinoAddress address) {
        this.address = address;
    }

    /**
     * What a statement may take.
     *
     * @param time from its arrival in Trino to its last row; empty: as long as Trino lets it
     * @param rows after so many the statement is ended; empty: all
     */
    public record Limits(Optional<Duration> time, Optional<Long> rows) {
        public static final Limits NONE = new Limits(Optional.empty(), Optional.empty());
    }

    /**
     * Hands the rows to {@code out} as they come.
     *
     * @throws LarderException {@code TRINO_UNAVAILABLE}, {@code QUERY_INVALID}, {@code QUERY_FAILED}, {@code QUERY_TIMEOUT},
     *     {@code QUERY_CANCELLED}; {@code PATH_UNUSABLE} if {@code out} cannot be written
     */
    public void run(SqlStatement sql, Limits limits, RowWriter out) {
        try (Connection connection = new TrinoDriver().connect(address.jdbcUrl(), address.jdbcProperties())) {
            connection.setCatalog(address.catalog());
            connection.setSchema(address.schema());
            try (Statement statement = connection.createStatement()) {
                if (limits.time().isPresent()) {
                    statement.setQueryTimeout(seconds(limits.time().get()));
                }
                begin(statement);
                if (statement.execute(sql.text())) {
                    copy(statement, limits.rows(), out);
                } else {
                    out.changed(Math.max(0, statement.getLargeUpdateCount()));
                }
            } finally {
                end();
            }
        } catch (SQLException e) {
            throw QueryFailure.of(e, sql, address, isCancelled());
        } catch (IOException e) {
            throw new LarderException(ErrorCode.PATH_UNUSABLE, "Cannot write the rows: " + e.getMessage(), e);
        }
    }

    /** Ends the running statement, in Trino too; {@link #run} then fails with {@code QUERY_CANCELLED}. */
    public void cancel() {
        Statement statement;
        synchronized (this) {
            cancelled = true;
            statement = running;
        }
        if (statement != null) {
            try {
                statement.cancel();
            } catch (SQLException e) {
                throw new LarderException(
                        ErrorCode.TRINO_UNAVAILABLE,
                        "The statement could not be cancelled in Trino at %s: %s. It ends there by itself after some minutes."
                                .formatted(address.url(), e.getMessage()),
                        e);
            }
        }
    }

    private static void copy(Statement statement, Optional<Long> limit, RowWriter out)
            throws SQLException, IOException {
        try (ResultSet rows = statement.getResultSet()) {
            List<Column> columns = columns(rows.getMetaData());
            out.begin(columns);
            long left = limit.orElse(Long.MAX_VALUE);
            boolean more = rows.next();
            while (more && left > 0) {
                out.row(CellReader.row(rows, columns));
                left--;
                more = rows.next();
            }
            out.end(more);
        }
    }

    private static List<Column> columns(ResultSetMetaData header) throws SQLException {
        List<Column> columns = new ArrayList<>();
        for (int i = 1; i <= header.getColumnCount(); i++) {
            columns.add(new Column(header.getColumnLabel(i), header.getColumnTypeName(i)));
        }
        return columns;
    }

    private static int seconds(Duration time) {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(1, time.toSeconds()));
    }

    private synchronized void begin(Statement statement) {
        running = Objects.requireNonNull(statement);
        cancelled = false;
    }

    private synchronized void end() {
        running = null;
    }

    private synchronized boolean isCancelled() {
        return cancelled;
    }
}
