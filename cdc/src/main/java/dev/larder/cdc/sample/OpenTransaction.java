package dev.larder.cdc.sample;

import java.sql.Connection;
import java.sql.SQLException;

/** A transaction that is rolled back unless it is committed; afterwards the connection commits by itself as it did before. */
final class OpenTransaction implements AutoCloseable {
    private final Connection connection;
    private final boolean autoCommit;
    private boolean committed;

    OpenTransaction(Connection connection) throws SQLException {
        this.connection = connection;
        this.autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
    }

    void commit() throws SQLException {
        connection.commit();
        committed = true;
    }

    @Override
    public void close() throws SQLException {
        if (!committed) {
            connection.rollback();
        }
        connection.setAutoCommit(autoCommit);
    }
}
