package dev.larder.endtoend;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The source database and what its own SQL says the features must be. Knows nothing of Larder's code. */
final class Source implements AutoCloseable {
    /** A question to the oracle: this user at this time. */
    record Asked(long userId, Instant at) {}

    /** The expected row of one view: null features where it shows nothing, and the stamp of the row that decides. */
    record Expected(Map<String, @Nullable Object> features, @Nullable Instant stamp, boolean deleted) {}

    private final Connection connection;

    Source(String jdbcUrl) throws SQLException {
        connection = DriverManager.getConnection(jdbcUrl + "?options=-c%20TimeZone=UTC", "postgres", "");
    }

    int execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    void executeScript(String resource) throws SQLException, IOException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(resource(resource));
        }
    }

    List<Long> ids(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<Long> ids = new ArrayList<>();
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
            return ids;
        }
    }

    /** The only row of a query: its cells' texts, joined by '|'. */
    String row(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            List<String> cells = new ArrayList<>();
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                cells.add(rows.getString(i));
            }
            return String.join("|", cells);
        }
    }

    List<Expected> transactions(List<Asked> asked, Instant lastStamp) throws SQLException, IOException {
        loadAsked(asked);
        try (PreparedStatement statement = connection.prepareStatement(resource("oracle/transactions.sql"))) {
            statement.setTimestamp(1, Timestamp.from(lastStamp));
            return read(
                    statement,
                    List.of(
                            "num_transactions_l1w",
                            "total_amount_l1w",
                            "avg_amount_l1w",
                            "min_amount_l1w",
                            "max_amount_l1w",
                            "num_vendors_l1w",
                            "num_sources_l1w"));
        }
    }

    List<Expected> customers(List<Asked> asked) throws SQLException, IOException {
        loadAsked(asked);
        try (PreparedStatement statement = connection.prepareStatement(resource("oracle/customers.sql"))) {
            return read(statement, List.of("age", "gender", "location", "occupation"));
        }
    }

    private static List<Expected> read(PreparedStatement statement, Collection<String> features) throws SQLException {
        List<Expected> expected = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            boolean hasOp = features.contains("age");
            while (rows.next()) {
                Map<String, @Nullable Object> values = new HashMap<>();
                for (String feature : features) {
                    values.put(feature, rows.getObject(feature));
                }
                Timestamp stamp = rows.getTimestamp("row_stamp");
                boolean deleted = hasOp && "D".equals(rows.getString("op"));
                expected.add(new Expected(values, stamp == null ? null : stamp.toInstant(), deleted));
            }
        }
        return expected;
    }

    private void loadAsked(List<Asked> asked) throws SQLException {
        execute("create temporary table if not exists asked (row_id int, user_id bigint, at timestamptz)");
        execute("truncate asked");
        try (PreparedStatement insert = connection.prepareStatement("insert into asked values (?, ?, ?)")) {
            for (int i = 0; i < asked.size(); i++) {
                insert.setInt(1, i);
                insert.setLong(2, asked.get(i).userId());
                insert.setTimestamp(3, Timestamp.from(asked.get(i).at()));
                insert.addBatch();
            }
            insert.executeBatch();
        }
        execute("analyze asked");
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Source.class.getClassLoader().getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("test resource " + name + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
