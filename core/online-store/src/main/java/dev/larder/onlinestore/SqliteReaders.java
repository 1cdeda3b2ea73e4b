package dev.larder.onlinestore;

import java.sql.SQLException;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** As many read-only connections as cores can keep busy, the most recently used first. Safe for many threads. */
final class SqliteReaders implements AutoCloseable {
    private static final int LIMIT = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

    private final SqliteLayout layout;
    private final Semaphore permits = new Semaphore(LIMIT);
    private final Deque<SqliteReader> idle = new ConcurrentLinkedDeque<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    SqliteReaders(SqliteLayout layout) {
        this.layout = layout;
    }

    /** A connection to the file that lies at the path now. */
    Lease borrow() {
        Object identity = layout.identity();
        permits.acquireUninterruptibly();
        SqliteReader reader = null;
        try {
            reader = current(identity);
            return new Lease(reader);
        } catch (SQLException e) {
            throw layout.failure(null, e);
        } finally {
            if (reader == null) {
                permits.release();
            }
        }
    }

    private SqliteReader current(Object identity) throws SQLException {
        for (SqliteReader reader = idle.pollFirst(); reader != null; reader = idle.pollFirst()) {
            if (reader.identity().equals(identity)) {
                return reader;
            }
            reader.close();
        }
        return new SqliteReader(layout, identity);
    }

    @Override
    public void close() {
        closed.set(true);
        closeIdle();
    }

    private void closeIdle() {
        for (SqliteReader reader = idle.pollFirst(); reader != null; reader = idle.pollFirst()) {
            try {
                reader.close();
            } catch (SQLException e) {
                throw layout.failure(null, e);
            }
        }
    }

    /** Gives the connection back; one that has failed is not used again. */
    final class Lease implements AutoCloseable {
        private final SqliteReader reader;
        private boolean failed;

        private Lease(SqliteReader reader) {
            this.reader = reader;
        }

        <T> T run(Query<T> query) throws SQLException {
            try {
                return query.on(reader);
            } catch (SQLException e) {
                failed = true;
                throw e;
            }
        }

        @Override
        public void close() {
            try {
                if (failed) {
                    reader.close();
                } else {
                    idle.addFirst(reader);
                }
            } catch (SQLException e) {
                throw layout.failure(null, e);
            } finally {
                permits.release();
            }
            if (closed.get()) {
                closeIdle();
            }
        }
    }

    @FunctionalInterface
    interface Query<T> {
        T on(SqliteReader reader) throws SQLException;
    }
}
