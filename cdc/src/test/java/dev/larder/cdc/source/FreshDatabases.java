package dev.larder.cdc.source;

import dev.larder.cdc.PostgresSource;
import dev.larder.cdc.RunningStack;
import dev.larder.servers.StackEndpoints;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Connections to empty databases on a real PostgreSQL; close it after the test. */
public final class FreshDatabases implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final StackEndpoints endpoints;
    private final List<Connection> open = new ArrayList<>();

    public FreshDatabases(StackEndpoints endpoints) {
        this.endpoints = endpoints;
    }

    /** A connection to a new database. */
    public Connection create() throws SQLException {
        return open(RunningStack.newDatabase(endpoints, "fresh_" + COUNT.incrementAndGet()));
    }

    /** Another connection to the same database. */
    public Connection another(Connection first) throws SQLException {
        return open(new PostgresSource(
                endpoints.postgres().host(),
                endpoints.postgres().port(),
                first.getCatalog(),
                endpoints.postgres().user(),
                null));
    }

    private Connection open(PostgresSource source) {
        Connection connection = source.connect();
        open.add(connection);
        return connection;
    }

    @Override
    public void close() throws SQLException {
        for (Connection connection : open) {
            connection.close();
        }
    }
}
