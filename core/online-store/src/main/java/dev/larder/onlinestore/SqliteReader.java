package dev.larder.onlinestore;

import dev.larder.onlinestore.OnlineStore.MaterializationState;
import dev.larder.onlinestore.OnlineStore.OnlineRow;
import dev.larder.onlinestore.OnlineStore.ViewRead;
import dev.larder.onlinestore.OnlineStore.ViewRows;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * One read-only connection with its prepared queries; used by one thread at a time. Hot path: per view and chunk of keys one
 * query, whose number of keys is rounded up to a power of two by repeating the last, so that few queries are ever prepared.
 */
final class SqliteReader {
    private static final int CHUNK = 512;
    private static final int KEYS_AT_ONCE = 10_000;
    private static final int BUSY_MILLIS = 5_000;
    private static final int CACHE_KIB = 16_384;

    private final SqliteLayout layout;
    private final Object identity;
    private final Connection connection;
    private final Map<String, @Nullable PreparedStatement[]> statements = new HashMap<>();

    SqliteReader(SqliteLayout layout, Object identity) throws SQLException {
        this.layout = layout;
        this.identity = identity;
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(BUSY_MILLIS);
        config.setCacheSize(-CACHE_KIB);
        connection = config.createConnection("jdbc:sqlite:" + layout.file());
    }

    Object identity() {
        return identity;
    }

    void close() throws SQLException {
        connection.close();
    }

    ViewRows read(ViewRead read) throws SQLException {
        int count = read.keys().size();
        @Nullable OnlineRow[] rows = new OnlineRow[count];
        Map<String, Integer> slots = new HashMap<>();
        List<String> features = read.features();
        for (int i = 0; i < features.size(); i++) {
            slots.putIfAbsent(features.get(i), i);
        }
        for (int from = 0; from < count; from += CHUNK) {
            readChunk(read, slots, rows, from, Math.min(from + CHUNK, count));
        }
        return new ViewRows(Arrays.asList(rows));
    }

    /** The keys that come next, in their order; none after the last. */
    List<byte[]> keys(String view, byte[] after) throws SQLException {
        List<byte[]> keys = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT DISTINCT entity_key FROM "
                + layout.table(view) + " WHERE entity_key > ? ORDER BY entity_key LIMIT " + KEYS_AT_ONCE)) {
            query.setBytes(1, after);
            try (ResultSet result = query.executeQuery()) {
                while (result.next()) {
                    keys.add(result.getBytes(1));
                }
            }
        }
        return keys;
    }

    /** Not what was saved if there are rows on record but none in the table: someone dropped and remade it. */
    Optional<MaterializationState> state(String view) throws SQLException {
        String sql =
                """
                SELECT snapshot_id, end_us, definition FROM _larder_views AS v
                WHERE project = ? AND view = ? AND definition IS NOT NULL
                  AND (EXISTS (SELECT 1 FROM %s) OR NOT EXISTS (SELECT 1 FROM _larder_rows WHERE view_id = v.id))"""
                        .formatted(layout.table(view));
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, layout.project());
            query.setString(2, view);
            try (ResultSet result = query.executeQuery()) {
                return result.next()
                        ? Optional.of(new MaterializationState(
                                result.getLong(1),
                                Instant.EPOCH.plus(result.getLong(2), ChronoUnit.MICROS),
                                result.getString(3)))
                        : Optional.empty();
            }
        }
    }

    private void readChunk(ViewRead read, Map<String, Integer> slots, @Nullable OnlineRow[] rows, int from, int to)
            throws SQLException {
        List<byte[]> keys = read.keys();
        Map<ByteBuffer, Integer> places = new HashMap<>();
        for (int i = from; i < to; i++) {
            places.put(ByteBuffer.wrap(keys.get(i)), i);
        }
        PreparedStatement query = query(read.featureView(), to - from);
        int parameters = roundedUp(to - from);
        for (int i = 0; i < parameters; i++) {
            query.setBytes(i + 1, keys.get(Math.min(from + i, to - 1)));
        }
        try (ResultSet result = query.executeQuery()) {
            byte[] key = null;
            RowInProgress row = null;
            while (result.next()) {
                byte[] nextKey = result.getBytes(1);
                if (row == null || !Arrays.equals(key, nextKey)) {
                    store(row, read.features(), slots, rows);
                    key = nextKey;
                    row = rowAt(
                            places.get(ByteBuffer.wrap(nextKey)),
                            rows,
                            read.features().size());
                }
                addFeature(read.featureView(), slots, result, row);
            }
            store(row, read.features(), slots, rows);
        }
    }

    private void addFeature(String view, Map<String, Integer> slots, ResultSet result, RowInProgress row)
            throws SQLException {
        long seconds = result.getLong(4);
        if (seconds == 0 && result.wasNull()) {
            throw layout.corrupt(view, "event_ts");
        }
        row.seconds = Math.max(row.seconds, seconds);
        Integer slot = slots.get(result.getString(2));
        if (slot != null) {
            byte[] value = result.getBytes(3);
            if (value == null) {
                throw layout.corrupt(view, "value");
            }
            row.values[slot] = value;
        }
    }

    /** The rows of one entity mostly come together, but nothing promises it: an entity seen before is continued. */
    private static RowInProgress rowAt(@Nullable Integer place, @Nullable OnlineRow[] rows, int width) {
        if (place == null) {
            throw new IllegalStateException("the query answered with a key that it was not asked for");
        }
        OnlineRow begun = rows[place];
        return begun == null
                ? new RowInProgress(place, Long.MIN_VALUE, new byte[width][])
                : new RowInProgress(place, begun.eventSeconds(), begun.values());
    }

    private static void store(
            @Nullable RowInProgress row,
            List<String> features,
            Map<String, Integer> slots,
            @Nullable OnlineRow[] rows) {
        if (row == null) {
            return;
        }
        if (slots.size() < features.size()) {
            for (int i = 0; i < features.size(); i++) {
                row.values[i] = row.values[slots.getOrDefault(features.get(i), i)];
            }
        }
        rows[row.place] = new OnlineRow(row.seconds, 0, row.values);
    }

    private PreparedStatement query(String view, int keys) throws SQLException {
        @Nullable
        PreparedStatement[] bySize =
                statements.computeIfAbsent(view, v -> new PreparedStatement[Integer.numberOfTrailingZeros(CHUNK) + 1]);
        int size = roundedUp(keys);
        int index = Integer.numberOfTrailingZeros(size);
        PreparedStatement prepared = bySize[index];
        if (prepared == null) {
            // Feast's reader fails on times that are not integers; getLong would make a number of them.
            prepared = connection.prepareStatement(
                    "SELECT entity_key, feature_name, value, CASE typeof(event_ts) WHEN 'integer' THEN event_ts END FROM "
                            + layout.table(view) + " WHERE entity_key IN (?" + ",?".repeat(size - 1) + ")");
            bySize[index] = prepared;
        }
        return prepared;
    }

    private static int roundedUp(int keys) {
        return keys == 1 ? 1 : Integer.highestOneBit(keys - 1) << 1;
    }

    private static final class RowInProgress {
        private final int place;
        private long seconds;
        private final byte[] @Nullable [] values;

        private RowInProgress(int place, long seconds, byte[] @Nullable [] values) {
            this.place = place;
            this.seconds = seconds;
            this.values = values;
        }
    }
}
