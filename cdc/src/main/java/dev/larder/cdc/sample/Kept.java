package dev.larder.cdc.sample;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.Optional;

/**
 * The one row of {@code larder_generator}: what the tables were filled with and how far.
 *
 * @param end the first day after the plan's last
 * @param lastDay the last day that is there; before the first day if none is
 */
record Kept(long seed, int users, LocalDate firstDay, LocalDate end, LocalDate lastDay) {
    static final String TABLE =
            """
            create table if not exists public.larder_generator (
                one boolean primary key default true check (one),
                seed bigint not null,
                users int not null,
                first_day date not null,
                end_day date not null,
                last_day date not null
            )
            """;

    int days() {
        return (int) (end.toEpochDay() - firstDay.toEpochDay());
    }

    static Kept nothingOf(BankingGenerator.Plan plan) {
        LocalDate firstDay = plan.end().minusDays(plan.days());
        return new Kept(plan.seed(), plan.users(), firstDay, plan.end(), firstDay.minusDays(1));
    }

    /** Empty if nothing was ever generated. */
    static Optional<Kept> read(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select to_regclass('public.larder_generator') is not null")) {
            row.next();
            if (!row.getBoolean(1)) {
                return Optional.empty();
            }
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select seed, users, first_day, end_day, last_day from public.larder_generator")) {
            if (!row.next()) {
                return Optional.empty();
            }
            return Optional.of(new Kept(
                    row.getLong(1),
                    row.getInt(2),
                    row.getObject(3, LocalDate.class),
                    row.getObject(4, LocalDate.class),
                    row.getObject(5, LocalDate.class)));
        }
    }

    /**
     * Notes that the next day is being written, before its rows are: another generator waits here for our commit and then
     * gets false.
     */
    boolean advance(Connection connection) throws SQLException {
        String sql = lastDay.isBefore(firstDay)
                ? "insert into public.larder_generator (last_day, seed, users, first_day, end_day) values (?, ?, ?, ?, ?)"
                        + " on conflict do nothing"
                : "update public.larder_generator set last_day = ? where seed = ? and users = ? and first_day = ? and end_day = ?"
                        + " and last_day = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, lastDay.plusDays(1));
            statement.setLong(2, seed);
            statement.setInt(3, users);
            statement.setObject(4, firstDay);
            statement.setObject(5, end);
            if (!lastDay.isBefore(firstDay)) {
                statement.setObject(6, lastDay);
            }
            return statement.executeUpdate() == 1;
        }
    }

    Kept oneDayLater() {
        return new Kept(seed, users, firstDay, end, lastDay.plusDays(1));
    }
}
