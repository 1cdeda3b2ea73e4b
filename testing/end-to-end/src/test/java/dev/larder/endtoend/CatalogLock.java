package dev.larder.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.servers.PostgresEndpoint;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.awaitility.Awaitility;

/**
 * Keeps commits to one table of the lake waiting, so that a test may look at the moment between the last file and the commit.
 * Readers do not notice.
 */
final class CatalogLock implements AutoCloseable {
    private final Connection holder;
    private final Connection observer;

    private CatalogLock(Connection holder, Connection observer) {
        this.holder = holder;
        this.observer = observer;
    }

    static CatalogLock of(PostgresEndpoint catalog, String table) throws SQLException {
        Connection holder = DriverManager.getConnection(catalog.jdbcUrl(), catalog.user(), null);
        holder.setAutoCommit(false);
        try (PreparedStatement select =
                holder.prepareStatement("select 1 from iceberg_tables where table_name = ? for update")) {
            select.setString(1, table);
            try (ResultSet rows = select.executeQuery()) {
                assertThat(rows.next()).as(table + " is in the catalog").isTrue();
            }
        }
        return new CatalogLock(holder, DriverManager.getConnection(catalog.jdbcUrl(), catalog.user(), null));
    }

    /** Returns when a commit waits; fails if the process that should make it has ended before. */
    void awaitCommit(Process committing) {
        Awaitility.await("a commit that waits")
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !committing.isAlive() || waiting() > 0);
        assertThat(committing.isAlive()).as("writes and comes to its commit").isTrue();
    }

    /** As when its machine is gone: PostgreSQL alone would still carry out what a process that was killed has asked for. */
    void dropWaitingCommits() throws SQLException {
        try (Statement statement = observer.createStatement()) {
            statement.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and usename = current_user");
        }
        Awaitility.await("no commit waits").until(() -> waiting() == 0);
    }

    private long waiting() throws SQLException {
        try (Statement statement = observer.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and usename = current_user")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Override
    public void close() throws SQLException {
        try (holder;
                observer) {
            holder.rollback();
        }
    }
}
