package dev.larder.cdc.sample;

import dev.larder.cdc.sample.DayWriter.Written;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.progress.Progress;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.postgresql.util.PSQLState;

/**
 * Fills a PostgreSQL database with the banking example: {@code public.transactions} and {@code public.customers}, written
 * day by day, each day's corrections of earlier rows with it.
 *
 * <p>The rows follow from the plan alone. One commit per day carries the rows and the note of how far we are (table {@code
 * larder_generator}), so a generator that was killed continues where it was, and what is done is not done twice.
 *
 * <p>What a day may hold: new transactions (consecutive ids from 1 on, in the order of their times); changes of earlier ones'
 * amount, time (also to another day) and user; cancelled ones. On the first day all customers are inserted and nothing is
 * corrected. Later some customers move, change work or have their birthday (an update with {@code day_start} of that day),
 * some leave (a delete) and some of these return.
 */
public final class BankingGenerator {
    private static final int MOST_USERS = 1_000_000;
    private static final int MOST_DAYS = 3_650;

    private BankingGenerator() {}

    /**
     * What to generate.
     *
     * @param users how many customers; their ids are 1 to this number
     * @param end the first day (UTC) that is not written. Counts at the first call for a database, which keeps it: later
     *     calls may give any
     */
    public record Plan(int users, int days, long seed, LocalDate end) {

        /** @throws LarderException {@code ARGUMENT_INVALID} */
        public Plan {
            requireBetween("users", users, MOST_USERS);
            requireBetween("days", days, MOST_DAYS);
        }

        /** About 100,000 transactions. */
        public static Plan defaults(LocalDate end) {
            return new Plan(1_000, 28, 42, end);
        }
    }

    /**
     * What a call has done: zeros if everything was there.
     *
     * @param lastDay the last day that is now in the database
     * @param customersInserted new customers and those who have returned
     */
    public record Report(
            LocalDate firstDay,
            LocalDate lastDay,
            int daysWritten,
            long transactionsInserted,
            long transactionsUpdated,
            long transactionsDeleted,
            long customersInserted,
            long customersUpdated,
            long customersDeleted) {}

    /**
     * Creates the tables that do not exist yet; {@link #generate} does so too.
     *
     * @throws LarderException {@code SOURCE_UNAVAILABLE} if PostgreSQL refuses
     */
    public static void createTables(Connection connection) {
        try (OpenTransaction transaction = new OpenTransaction(connection);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    """
                    create table if not exists public.transactions (
                        transaction_id bigint primary key,
                        user_id bigint not null,
                        amount numeric(12,2) not null,
                        vendor text not null,
                        source text not null,
                        time timestamptz not null
                    )
                    """);
            statement.execute(
                    """
                    create table if not exists public.customers (
                        user_id bigint primary key,
                        age int,
                        gender text,
                        location text,
                        occupation text,
                        day_start date
                    )
                    """);
            statement.execute(Kept.TABLE);
            transaction.commit();
        } catch (SQLException e) {
            throw refused("create the tables of the banking example", e);
        }
    }

    /** Writes all days of the plan that are not there; as {@link #generate(Connection, Plan, int, Progress)}. */
    public static Report generate(Connection connection, Plan plan, Progress progress) {
        return generate(connection, plan, plan.days(), progress);
    }

    /**
     * Writes those of the plan's first days that are not there.
     *
     * @param connection each day is committed
     * @param firstDays how many of the plan's days, more than it has meaning all; a later call may ask for more of the same
     *     plan
     * @throws LarderException {@code ARGUMENT_INVALID} if the database was filled by another plan or holds rows of somebody
     *     else; {@code SOURCE_UNAVAILABLE} if PostgreSQL refuses
     */
    public static Report generate(Connection connection, Plan plan, int firstDays, Progress progress) {
        requireBetween("first days", firstDays, Integer.MAX_VALUE);
        Optional<Kept> there = kept(connection);
        there.ifPresent(kept -> requireSame(plan, kept));
        if (there.isEmpty()) {
            createTables(connection);
            requireEmpty(connection);
        }
        Kept kept = there.orElseGet(() -> Kept.nothingOf(plan));
        int days = Math.min(firstDays, kept.days());
        return write(connection, kept, kept.firstDay().plusDays(days - 1L), progress);
    }

    /**
     * Writes one more day after the last; nothing if the day is there.
     *
     * @throws LarderException {@code STEP_MISSING} if nothing was generated yet; {@code ARGUMENT_INVALID} if days before it
     *     are missing; {@code SOURCE_UNAVAILABLE} if PostgreSQL refuses
     */
    public static Report generateDay(Connection connection, LocalDate day, Progress progress) {
        Kept kept = kept(connection)
                .orElseThrow(() -> new LarderException(
                        ErrorCode.STEP_MISSING,
                        "Cannot add %s: the database holds no sample data yet. Generate the first days, then add more."
                                .formatted(day)));
        if (day.isAfter(kept.lastDay().plusDays(1))) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Cannot add %s: the last day of sample data is %s, so the next one to add is %s."
                            .formatted(day, kept.lastDay(), kept.lastDay().plusDays(1)));
        }
        return write(connection, kept, day, progress);
    }

    private static Optional<Kept> kept(Connection connection) {
        try {
            return Kept.read(connection);
        } catch (SQLException e) {
            throw refused("read what was generated before", e);
        }
    }

    private static Report write(Connection connection, Kept before, LocalDate lastDay, Progress progress) {
        try (Progress.Step step = progress.start("generate banking", "rows")) {
            Kept kept = before;
            Written written = Written.NOTHING;
            Bank bank = new Bank(kept.users(), kept.seed(), kept.firstDay());
            while (kept.lastDay().isBefore(lastDay)) {
                Day day = bank.nextDay();
                if (day.date().isAfter(kept.lastDay())) {
                    Written today = write(connection, kept, day);
                    kept = kept.oneDayLater();
                    step.add(today.total());
                    written = written.plus(today);
                }
            }
            int days = (int) (kept.lastDay().toEpochDay() - before.lastDay().toEpochDay());
            step.done(remark(days, kept, written));
            return new Report(
                    kept.firstDay(),
                    kept.lastDay(),
                    days,
                    written.transactionsInserted(),
                    written.transactionsUpdated(),
                    written.transactionsDeleted(),
                    written.customersInserted(),
                    written.customersUpdated(),
                    written.customersDeleted());
        }
    }

    private static Written write(Connection connection, Kept kept, Day day) {
        try (OpenTransaction transaction = new OpenTransaction(connection)) {
            if (!kept.advance(connection)) {
                throw new LarderException(
                        ErrorCode.ARGUMENT_INVALID,
                        "Cannot write sample data for %s: another generator has just written into this database. Run again to continue."
                                .formatted(day.date()));
            }
            Written written = new DayWriter(connection).write(day);
            transaction.commit();
            return written;
        } catch (SQLException e) {
            throw refused("write sample data for " + day.date(), e);
        }
    }

    private static String remark(int days, Kept kept, Written written) {
        if (days == 0) {
            return "all there up to " + kept.lastDay();
        }
        return String.format(
                Locale.ROOT,
                "%d days up to %s, of them %,d updates and %,d deletes",
                days,
                kept.lastDay(),
                written.transactionsUpdated() + written.customersUpdated(),
                written.transactionsDeleted() + written.customersDeleted());
    }

    private static void requireBetween(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "%s: %s (expected: 1 to %s)".formatted(name, Integer.toString(value), Integer.toString(most)));
        }
    }

    private static void requireSame(Plan plan, Kept kept) {
        if (plan.seed() != kept.seed() || plan.users() != kept.users() || plan.days() != kept.days()) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    ("The database holds sample data of another plan: users %s, days %s, seed %s (asked for: users %s, days %s,"
                                    + " seed %s). Ask for the same, or start over with clean.")
                            .formatted(
                                    Integer.toString(kept.users()),
                                    Integer.toString(kept.days()),
                                    Long.toString(kept.seed()),
                                    Integer.toString(plan.users()),
                                    Integer.toString(plan.days()),
                                    Long.toString(plan.seed())));
        }
    }

    /** Never mixes sample data with rows that somebody keeps in tables of the same name. */
    private static void requireEmpty(Connection connection) {
        for (String table : List.of("public.transactions", "public.customers")) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select 1 from " + table + " limit 1")) {
                if (row.next()) {
                    throw new LarderException(
                            ErrorCode.ARGUMENT_INVALID,
                            "Table %s holds rows that are no sample data. Generate into an empty database."
                                    .formatted(table));
                }
            } catch (SQLException e) {
                throw refused("look into " + table, e);
            }
        }
    }

    private static LarderException refused(String what, SQLException e) {
        String state = e.getSQLState();
        if (PSQLState.UNIQUE_VIOLATION.getState().equals(state)) {
            return new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Cannot %s: a row that is no sample data is in the way (%s). Remove it, or start over with clean."
                            .formatted(what, e.getMessage()),
                    e);
        }
        return new LarderException(
                ErrorCode.SOURCE_UNAVAILABLE,
                "Cannot %s: PostgreSQL says: %s. The days written before stay; run again to continue."
                        .formatted(what, e.getMessage()),
                e);
    }
}
