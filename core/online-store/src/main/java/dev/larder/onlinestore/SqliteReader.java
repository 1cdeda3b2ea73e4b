package dev.larder.onlinestore;

import dev.larder.onlinestore.OnlineStore.MaterializationState;
import dev.larder.onlinestore.OnlineStore.ViewFeatures;
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
    private static final int CACHE_KIB = 4_096;

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

    /** What a view's features are called, and where their values go; worked out once. */
    static final class ViewColumns {
        private final String name;
        private final int width;
        /** Places of a feature that is asked for, mostly one. */
        private final Map<String, int[]> slots = new HashMap<>();

        ViewColumns(ViewFeatures view) {
            name = view.featureView();
            width = view.features().size();
            for (int i = 0; i < width; i++) {
                int slot = i;
                slots.merge(view.features().get(i), new int[] {slot}, (some, one) -> {
                    int[] all = Arrays.copyOf(some, some.length + 1);
                    all[some.length] = slot;
                    return all;
                });
            }
        }

        String name() {
            return name;
        }
    }

    ViewRows read(ViewColumns view, List<byte[]> keys) throws SQLException {
        SqliteRows rows = new SqliteRows(keys.size(), view.width);
        for (int from = 0; from < keys.size(); from += CHUNK) {
            readChunk(view, keys, rows, from, Math.min(from + CHUNK, keys.size()));
        }
        return rows;
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

    boolean holds(String view, byte[] key) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT 1 FROM " + layout.table(view) + " WHERE entity_key = ? LIMIT 1")) {
            query.setBytes(1, key);
            try (ResultSet result = query.executeQuery()) {
                return result.next();
            }
        }
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

    private void readChunk(ViewColumns view, List<byte[]> keys, SqliteRows rows, int from, int to) throws SQLException {
        Map<ByteBuffer, Integer> places = new HashMap<>();
        for (int i = from; i < to; i++) {
            places.put(ByteBuffer.wrap(keys.get(i)), i);
        }
        PreparedStatement query = query(view.name, to - from);
        int parameters = roundedUp(to - from);
        for (int i = 0; i < parameters; i++) {
            query.setBytes(i + 1, keys.get(Math.min(from + i, to - 1)));
        }
        try (ResultSet result = query.executeQuery()) {
            // The rows of one entity mostly come together, but nothing promises it.
            byte[] key = null;
            int row = 0;
            while (result.next()) {
                byte[] nextKey = result.getBytes(1);
                if (!Arrays.equals(key, nextKey)) {
                    key = nextKey;
                    Integer place = places.get(ByteBuffer.wrap(nextKey));
                    if (place == null) {
                        throw new IllegalStateException("the query answered with a key that it was not asked for");
                    }
                    row = place;
                }
                addFeature(view, result, row, rows);
            }
        }
    }

    private void addFeature(ViewColumns view, ResultSet result, int row, SqliteRows rows) throws SQLException {
        long seconds = result.getLong(4);
        if (seconds == 0 && result.wasNull()) {
            throw layout.corrupt(view.name, "event_ts");
        }
        rows.found(row, seconds);
        int[] slots = view.slots.get(result.getString(2));
        if (slots != null) {
            byte[] value = result.getBytes(3);
            if (value == null) {
                throw layout.corrupt(view.name, "value");
            }
            for (int slot : slots) {
                rows.set(row, slot, value);
            }
        }
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
}
