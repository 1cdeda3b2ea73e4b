package dev.larder.onlinestore;

import dev.larder.feast.PythonText;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore.MaterializationState;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.onlinestore.OnlineStore.PushRule;
import dev.larder.onlinestore.OnlineStore.Retraction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.sqlite.BusyHandler;
import org.sqlite.SQLiteConfig;

/**
 * The one connection that writes, opened when first needed. Who writes waits for the transactions of other threads and other
 * processes, and gives up when his patience is at its end.
 */
final class SqliteWriter {
    private static final int ROWS_PER_TRANSACTION = 10_000;
    /** Often enough to get in between two transactions of a process that has one after the other. */
    private static final int POLL_MILLIS = 3;

    private static final int CACHE_KIB = 65_536;
    private static final long MICROS = 1_000_000;

    private final SqliteLayout layout;
    private final Duration patience;
    /** Of the one who uses the connection, or opens or closes it. */
    private final ReentrantLock turn = new ReentrantLock(true);

    private @Nullable Connection connection;
    private @Nullable Object identity;

    /** @param patience how long is waited for other threads, and then for other processes */
    SqliteWriter(SqliteLayout layout, Duration patience) {
        this.layout = layout;
        this.patience = patience;
    }

    void prepare(List<String> views) throws SQLException {
        createFile();
        long unused = alone(
                null,
                open -> inTransaction(open, () -> {
                    for (String view : views) {
                        create(open, view);
                    }
                    for (String known : knownViews(open)) {
                        if (!views.contains(known)) {
                            drop(open, known);
                        }
                    }
                    return 0L;
                }));
    }

    void makeRoom(String view) throws SQLException {
        createFile();
        long unused = alone(
                view,
                open -> inTransaction(open, () -> {
                    create(open, view);
                    return 0L;
                }));
    }

    private void create(Connection open, String view) throws SQLException {
        for (String statement : layout.createTable(view)) {
            execute(open, statement);
        }
        addMissingColumn(open, view);
        long unused = viewId(open, view);
    }

    long put(String view, List<String> features, List<OnlineWrite> rows) throws SQLException {
        return forEach(view, features, rows, Rows::put);
    }

    long push(String view, List<String> features, List<OnlineWrite> rows, PushRule rule) throws SQLException {
        return forEach(view, features, rows, (target, row) -> target.push(row, rule));
    }

    long retract(String view, List<String> features, List<Retraction> retractions) throws SQLException {
        return forEach(view, features, retractions, Rows::retract);
    }

    /** @return how many things have changed a row */
    private <T> long forEach(String view, List<String> features, List<T> things, RowChange<T> change)
            throws SQLException {
        return alone(view, open -> {
            long changed = 0;
            for (int from = 0; from < things.size(); from += ROWS_PER_TRANSACTION) {
                List<T> batch = things.subList(from, Math.min(from + ROWS_PER_TRANSACTION, things.size()));
                changed += inTransaction(open, () -> {
                    try (Rows target = new Rows(open, view, features)) {
                        long count = 0;
                        for (T thing : batch) {
                            count += change.in(target, thing) ? 1 : 0;
                        }
                        return count;
                    }
                });
            }
            return changed;
        });
    }

    @FunctionalInterface
    private interface RowChange<T> {
        boolean in(Rows target, T thing) throws SQLException;
    }

    synchronized List<String> delete(List<String> views, byte[] entityKey) throws SQLException {
        Connection open = connection();
        List<String> held = new ArrayList<>();
        long unused = inTransaction(open, () -> {
            for (String view : views) {
                if (hasTable(open, view) && deleteRows(open, view, entityKey)) {
                    held.add(view);
                }
            }
            return held.size();
        });
        return held;
    }

    private boolean hasTable(Connection open, String view) throws SQLException {
        try (PreparedStatement query =
                open.prepareStatement("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?")) {
            query.setString(1, layout.tableName(view));
            try (ResultSet result = query.executeQuery()) {
                return result.next();
            }
        }
    }

    private boolean deleteRows(Connection open, String view, byte[] entityKey) throws SQLException {
        try (PreparedStatement rows =
                        open.prepareStatement("DELETE FROM " + layout.table(view) + " WHERE entity_key = ?");
                PreparedStatement time =
                        open.prepareStatement("DELETE FROM _larder_rows WHERE view_id = ? AND entity_key = ?")) {
            time.setLong(1, viewId(open, view));
            time.setBytes(2, entityKey);
            time.executeUpdate();
            rows.setBytes(1, entityKey);
            return rows.executeUpdate() > 0;
        }
    }

    /** Ends a materialization, and so is the moment to empty the log. */
    void saveState(String view, MaterializationState state) throws SQLException {
        long unused = alone(view, open -> {
            long updated = inTransaction(open, () -> {
                long id = viewId(open, view);
                try (PreparedStatement update = open.prepareStatement(
                        "UPDATE _larder_views SET snapshot_id = ?, end_us = ?, definition = ? WHERE id = ?")) {
                    update.setLong(1, state.snapshotId());
                    update.setLong(2, micros(state.end()));
                    update.setString(3, state.definitionHash());
                    update.setLong(4, id);
                    return (long) update.executeUpdate();
                }
            });
            execute(open, "PRAGMA wal_checkpoint(TRUNCATE)");
            return updated;
        });
    }

    /** Hands the file over in Feast's mode if no one else uses it; otherwise that one does it at its end. */
    void close() throws SQLException {
        turn.lock();
        try {
            handOver();
        } finally {
            turn.unlock();
        }
    }

    private void handOver() throws SQLException {
        boolean used = connection != null;
        disconnect();
        boolean logLeft = Files.exists(Path.of(layout.file() + "-wal"));
        if (layout.exists() && Files.isWritable(layout.file()) && (used || logLeft)) {
            try (Connection last = connect(Duration.ZERO)) {
                unlessBusy(last, "PRAGMA journal_mode = DELETE");
            }
        }
    }

    // ------------------------------------------------------------------ connection

    /** Does something on the connection while no other thread does. */
    private long alone(@Nullable String view, OnConnection work) throws SQLException {
        boolean taken;
        try {
            taken = turn.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LarderException(
                    ErrorCode.ONLINE_STORE_UNAVAILABLE,
                    "Interrupted while waiting to write to the online store " + layout.file(),
                    e);
        }
        if (!taken) {
            throw layout.locked(view, null);
        }
        try {
            return work.run(connection());
        } catch (SQLException e) {
            // The driver takes a transaction that could not begin for an open one.
            try {
                disconnect();
            } catch (SQLException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            throw e;
        } finally {
            turn.unlock();
        }
    }

    @FunctionalInterface
    private interface OnConnection {
        long run(Connection open) throws SQLException;
    }

    private void createFile() {
        try {
            Path folder = layout.file().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            if (!layout.exists()) {
                Files.createFile(layout.file());
            }
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "Cannot create the online store %s: %s (choose a writable place in online_store.path)"
                            .formatted(layout.file(), e),
                    e);
        }
    }

    private Connection connection() throws SQLException {
        Object present = layout.identity();
        Connection open = connection;
        if (open != null && present.equals(identity)) {
            return open;
        }
        disconnect();
        open = connect(patience);
        boolean ready = false;
        try {
            unlessBusy(open, "PRAGMA journal_mode = WAL");
            for (String statement : SqliteLayout.OWN_TABLES) {
                execute(open, statement);
            }
            ready = true;
        } finally {
            if (!ready) {
                open.close();
            }
        }
        connection = open;
        identity = present;
        return open;
    }

    private Connection connect(Duration wait) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(0);
        config.setCacheSize(-CACHE_KIB);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        Connection open = config.createConnection("jdbc:sqlite:" + layout.file());
        if (!wait.isZero()) {
            BusyHandler.setHandler(open, new Polling(wait));
        }
        return open;
    }

    /** SQLite's own handler looks ten times a second, and so may miss each of the moments in which nobody writes. */
    private static final class Polling extends BusyHandler {
        private final long waitNanos;
        private long start;

        Polling(Duration wait) {
            waitNanos = wait.toNanos();
        }

        @Override
        protected int callback(int earlierCalls) {
            long now = System.nanoTime();
            if (earlierCalls == 0) {
                start = now;
            }
            if (now - start > waitNanos) {
                return 0;
            }
            try {
                Thread.sleep(POLL_MILLIS);
                return 1;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return 0;
            }
        }
    }

    /** The mode can change only while no one else uses the file; the other one is slower but as good. */
    private static void unlessBusy(Connection open, String changeOfMode) throws SQLException {
        try {
            execute(open, changeOfMode);
        } catch (SQLException e) {
            if (!SqliteLayout.isBusy(e)) {
                throw e;
            }
        }
    }

    private void disconnect() throws SQLException {
        Connection open = connection;
        connection = null;
        identity = null;
        if (open != null) {
            open.close();
        }
    }

    private static long inTransaction(Connection open, Work work) throws SQLException {
        open.setAutoCommit(false);
        try {
            long result = work.run();
            open.commit();
            return result;
        } catch (SQLException | RuntimeException e) {
            try {
                open.rollback();
            } catch (SQLException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            throw e;
        } finally {
            open.setAutoCommit(true);
        }
    }

    @FunctionalInterface
    private interface Work {
        long run() throws SQLException;
    }

    private static void execute(Connection open, String sql) throws SQLException {
        try (Statement statement = open.createStatement()) {
            statement.execute(sql);
        }
    }

    // ------------------------------------------------------------------ tables

    /** Tables of Feast before it kept texts lack the column. */
    private void addMissingColumn(Connection open, String view) throws SQLException {
        try (PreparedStatement query =
                open.prepareStatement("SELECT 1 FROM pragma_table_info(?) WHERE name = 'value_text'")) {
            query.setString(1, layout.tableName(view));
            try (ResultSet result = query.executeQuery()) {
                if (result.next()) {
                    return;
                }
            }
        }
        execute(open, "ALTER TABLE " + layout.table(view) + " ADD COLUMN value_text TEXT");
    }

    private List<String> knownViews(Connection open) throws SQLException {
        List<String> views = new ArrayList<>();
        try (PreparedStatement query = open.prepareStatement("SELECT view FROM _larder_views WHERE project = ?")) {
            query.setString(1, layout.project());
            try (ResultSet result = query.executeQuery()) {
                while (result.next()) {
                    views.add(result.getString(1));
                }
            }
        }
        return views;
    }

    private void drop(Connection open, String view) throws SQLException {
        long id = viewId(open, view);
        execute(open, "DROP TABLE IF EXISTS " + layout.table(view));
        execute(open, "DELETE FROM _larder_rows WHERE view_id = " + id);
        execute(open, "DELETE FROM _larder_views WHERE id = " + id);
    }

    private long viewId(Connection open, String view) throws SQLException {
        try (PreparedStatement insert =
                open.prepareStatement("INSERT OR IGNORE INTO _larder_views (project, view) VALUES (?, ?)")) {
            insert.setString(1, layout.project());
            insert.setString(2, view);
            insert.executeUpdate();
        }
        try (PreparedStatement query =
                open.prepareStatement("SELECT id FROM _larder_views WHERE project = ? AND view = ?")) {
            query.setString(1, layout.project());
            query.setString(2, view);
            try (ResultSet result = query.executeQuery()) {
                result.next();
                return result.getLong(1);
            }
        }
    }

    private static long micros(Instant time) {
        return Math.addExact(Math.multiplyExact(time.getEpochSecond(), MICROS), time.getNano() / 1_000);
    }

    /** The rows of one view within one transaction. */
    private final class Rows implements AutoCloseable {
        private final List<String> features;
        private final long viewId;
        private final PreparedStatement stored;
        private final PreparedStatement upsert;
        private final PreparedStatement upsertTime;
        private final PreparedStatement sameTime;
        private final PreparedStatement delete;
        private final PreparedStatement deleteTime;
        /** Of the row that {@link #find} has found; Feast's own rows have whole seconds and version 0. */
        private long storedMicros;

        private long storedVersion;

        Rows(Connection open, String view, List<String> features) throws SQLException {
            this.features = features;
            viewId = viewId(open, view);
            String table = layout.table(view);
            stored = open.prepareStatement(
                    """
                    SELECT (SELECT max(event_ts) FROM %s WHERE entity_key = ?1 AND typeof(event_ts) = 'integer'),
                           event_us, version
                    FROM (SELECT 1) LEFT JOIN _larder_rows ON view_id = ?2 AND entity_key = ?1"""
                            .formatted(table));
            upsert = open.prepareStatement(
                    """
                    INSERT INTO %s (entity_key, feature_name, value, value_text, event_ts, created_ts)
                    VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (entity_key, feature_name) DO UPDATE SET value = excluded.value,
                        value_text = excluded.value_text, event_ts = excluded.event_ts, created_ts = excluded.created_ts"""
                            .formatted(table));
            upsertTime = open.prepareStatement(
                    """
                    INSERT INTO _larder_rows (view_id, entity_key, event_us, version) VALUES (?, ?, ?, ?)
                    ON CONFLICT (view_id, entity_key) DO UPDATE SET event_us = excluded.event_us, version = excluded.version""");
            sameTime = open.prepareStatement(
                    "UPDATE " + table + " SET event_ts = ?, created_ts = ? WHERE entity_key = ? AND event_ts IS NOT ?");
            delete = open.prepareStatement("DELETE FROM " + table + " WHERE entity_key = ?");
            deleteTime = open.prepareStatement("DELETE FROM _larder_rows WHERE view_id = ? AND entity_key = ?");
        }

        boolean put(OnlineWrite row) throws SQLException {
            long eventMicros = micros(row.eventTime());
            if (find(row.entityKey())
                    && (eventMicros < storedMicros
                            || (eventMicros == storedMicros && row.version() <= storedVersion))) {
                return false;
            }
            write(row, eventMicros);
            return true;
        }

        boolean push(OnlineWrite row, PushRule rule) throws SQLException {
            long eventMicros = micros(row.eventTime());
            boolean found = find(row.entityKey());
            if (found && !replaces(eventMicros, row.version(), rule)) {
                return false;
            }
            write(row, eventMicros);
            if (found) {
                giveTimeToTheOthers(row, eventMicros);
            }
            return true;
        }

        private boolean replaces(long eventMicros, long version, PushRule rule) {
            return switch (rule) {
                case LATEST -> eventMicros > storedMicros || (eventMicros == storedMicros && version >= storedVersion);
                case LATER -> storedMicros <= 0 || eventMicros > storedMicros;
                case ALWAYS -> true;
            };
        }

        /** To the features that the row has no value of: Feast reads the time of any of an entity's rows. */
        private void giveTimeToTheOthers(OnlineWrite row, long eventMicros) throws SQLException {
            long seconds = Math.floorDiv(eventMicros, MICROS);
            sameTime.setLong(1, seconds);
            setCreated(sameTime, 2, row.version());
            sameTime.setBytes(3, row.entityKey());
            sameTime.setLong(4, seconds);
            sameTime.executeUpdate();
        }

        boolean retract(Retraction retraction) throws SQLException {
            if (!find(retraction.entityKey())
                    || storedMicros != micros(retraction.replacedEventTime())
                    || storedVersion != retraction.replacedVersion()) {
                return false;
            }
            // All of the entity's rows, so that a feature which the view no longer has cannot keep a later time.
            delete.setBytes(1, retraction.entityKey());
            delete.executeUpdate();
            OnlineWrite replacement = retraction.replacement();
            if (replacement == null) {
                deleteTime.setLong(1, viewId);
                deleteTime.setBytes(2, retraction.entityKey());
                deleteTime.executeUpdate();
            } else {
                write(replacement, micros(replacement.eventTime()));
            }
            return true;
        }

        private boolean find(byte[] entityKey) throws SQLException {
            stored.setBytes(1, entityKey);
            stored.setLong(2, viewId);
            try (ResultSet result = stored.executeQuery()) {
                result.next();
                long seconds = result.getLong(1);
                if (result.wasNull()) {
                    return false;
                }
                long micros = result.getLong(2);
                boolean ours = !result.wasNull() && Math.floorDiv(micros, MICROS) == seconds;
                storedMicros = ours ? micros : seconds * MICROS;
                storedVersion = ours ? result.getLong(3) : 0;
                return true;
            }
        }

        private void write(OnlineWrite row, long eventMicros) throws SQLException {
            if (row.values().length != features.size()) {
                throw new IllegalArgumentException("values: " + row.values().length + " (expected: one for each of "
                        + features.size() + " features)");
            }
            long seconds = Math.floorDiv(eventMicros, MICROS);
            upsert.setBytes(1, row.entityKey());
            upsert.setLong(5, seconds);
            setCreated(upsert, 6, row.version());
            for (int i = 0; i < features.size(); i++) {
                byte[] value = row.values()[i];
                upsert.setString(2, features.get(i));
                upsert.setBytes(3, value);
                upsert.setString(4, PythonText.of(value));
                upsert.executeUpdate();
            }
            upsertTime.setLong(1, viewId);
            upsertTime.setBytes(2, row.entityKey());
            upsertTime.setLong(3, eventMicros);
            upsertTime.setLong(4, row.version());
            upsertTime.executeUpdate();
        }

        private static void setCreated(PreparedStatement statement, int parameter, long version) throws SQLException {
            if (version == 0) {
                statement.setNull(parameter, Types.INTEGER);
            } else {
                statement.setLong(parameter, Math.floorDiv(version, MICROS));
            }
        }

        @Override
        public void close() throws SQLException {
            stored.close();
            upsert.close();
            upsertTime.close();
            sameTime.close();
            delete.close();
            deleteTime.close();
        }
    }
}
