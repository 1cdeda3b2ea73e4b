package dev.larder.cdc;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.progress.Progress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;

/**
 * Waits until everything that the source had committed when the wait began is in Kafka.
 *
 * <p>Why that holds: the wait writes a message of its own into the source's log, and so knows a position after all earlier
 * commits. Debezium confirms a position to PostgreSQL (the slot's {@code confirmed_flush_lsn}) only after Connect has stored
 * an offset at or after it, and Connect stores the offset of a record only when the broker has acknowledged that record and
 * all before it. The message is written after the slot was made; so a slot that has just been made, whose snapshot is still
 * under way, does not pass for caught up.
 */
public final class CaughtUp {
    private static final Duration PAUSE = Duration.ofMillis(100);
    /** An idle source writes nothing for Debezium to confirm, so the message is written again now and then. */
    private static final Duration NUDGE_EVERY = Duration.ofSeconds(2);

    private static final Duration STATUS_EVERY = Duration.ofSeconds(1);

    private final PostgresSource postgres;
    private final ConnectClient connect;

    public CaughtUp(PostgresSource postgres, ConnectClient connect) {
        this.postgres = postgres;
        this.connect = connect;
    }

    /**
     * @param slot the replication slot, see {@link ConnectorConfig#slotName}
     * @param connector its name in Kafka Connect
     * @throws LarderException {@code SOURCE_NOT_CAUGHT_UP} if the limit passes; {@code CONNECTOR_FAILED} as soon as the
     *     connector or its task has failed; {@code SOURCE_UNAVAILABLE} if PostgreSQL or Kafka Connect does not answer
     */
    public void await(String slot, String connector, Duration limit, Progress progress) {
        try (Progress.Step step = progress.start("wait for the change log", "bytes");
                Connection connection = postgres.connect()) {
            connection.setAutoCommit(true);
            connect.requireNotFailed(connector);
            Wait wait = new Wait(connection, slot, connector, limit, step);
            wait.run();
        } catch (SQLException e) {
            throw new LarderException(
                    ErrorCode.SOURCE_UNAVAILABLE,
                    "PostgreSQL at %s did not tell its log position: %s".formatted(postgres, e.getMessage()),
                    e);
        }
    }

    private final class Wait {
        private final Connection connection;
        private final String slot;
        private final String connector;
        private final Duration limit;
        private final Progress.Step step;

        Wait(Connection connection, String slot, String connector, Duration limit, Progress.Step step) {
            this.connection = connection;
            this.slot = slot;
            this.connector = connector;
            this.limit = limit;
            this.step = step;
        }

        void run() throws SQLException {
            long start = System.nanoTime();
            LogPosition target = nudge();
            Optional<LogPosition> confirmed = confirmed();
            long reported = 0;
            long first = confirmed.map(LogPosition::bytes).orElse(target.bytes());
            step.expect(Math.max(0, target.bytes() - first));
            Duration nextNudge = NUDGE_EVERY;
            Duration nextStatus = STATUS_EVERY;
            while (!reaches(confirmed, target)) {
                Duration waited = Duration.ofNanos(System.nanoTime() - start);
                if (waited.compareTo(limit) > 0) {
                    throw notCaughtUp(target, confirmed);
                }
                if (waited.compareTo(nextStatus) > 0) {
                    connect.requireNotFailed(connector);
                    nextStatus = waited.plus(STATUS_EVERY);
                }
                if (waited.compareTo(nextNudge) > 0) {
                    LogPosition unused = nudge();
                    nextNudge = waited.plus(NUDGE_EVERY);
                }
                pause();
                confirmed = confirmed();
                long come = confirmed.map(LogPosition::bytes).orElse(first) - first;
                step.add(Math.max(0, come - reported));
                reported = Math.max(come, reported);
            }
            step.done("to " + target);
        }

        /** Writes a message that no table sees into the log; returns its position. */
        private LogPosition nudge() throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT pg_logical_emit_message(true, 'larder', 'caught up?')::text")) {
                rows.next();
                return LogPosition.parse(rows.getString(1));
            }
        }

        private Optional<LogPosition> confirmed() throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = ?")) {
                statement.setString(1, slot);
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next()
                            ? Optional.ofNullable(rows.getString(1)).map(LogPosition::parse)
                            : Optional.empty();
                }
            }
        }

        private boolean reaches(Optional<LogPosition> confirmed, LogPosition target) {
            return confirmed.map(position -> position.reaches(target)).orElse(false);
        }

        private LarderException notCaughtUp(LogPosition target, Optional<LogPosition> confirmed) {
            String where = confirmed
                    .map(position -> "replication slot %s has confirmed %s, %s bytes behind"
                            .formatted(slot, position, target.bytes() - position.bytes()))
                    .orElse("replication slot %s does not exist".formatted(slot));
            return new LarderException(
                    ErrorCode.SOURCE_NOT_CAUGHT_UP,
                    "The change log has not reached the source's position %s within %s s: %s. Connector %s runs; wait longer (--timeout SECONDS), or go on with what has arrived (--no-wait)."
                            .formatted(target, limit.toSeconds(), where, connector));
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LarderException(ErrorCode.SOURCE_NOT_CAUGHT_UP, "Waiting for the change log was interrupted.", e);
        }
    }
}
