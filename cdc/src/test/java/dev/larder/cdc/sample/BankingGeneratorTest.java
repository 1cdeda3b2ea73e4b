package dev.larder.cdc.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.cdc.RunningStack;
import dev.larder.cdc.sample.BankingGenerator.Plan;
import dev.larder.cdc.sample.BankingGenerator.Report;
import dev.larder.cdc.source.FreshDatabases;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.progress.Progress;
import dev.larder.servers.StackEndpoints;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RunningStack.class)
final class BankingGeneratorTest {
    private static final LocalDate END = LocalDate.of(2026, 11, 21);
    private static final Plan SMALL = new Plan(120, 10, 7, END);
    private static final int TEN = 10;

    private final FreshDatabases databases;

    BankingGeneratorTest(StackEndpoints endpoints) {
        databases = new FreshDatabases(endpoints);
    }

    @AfterEach
    void disconnect() throws SQLException {
        databases.close();
    }

    // ---- the same again ---------------------------------------------------------------------------------------------

    @Test
    void theSamePlanGivesTheSameRowsWhateverTheSession() throws SQLException {
        Connection one = databases.create();
        BankingGenerator.generate(one, SMALL, Progress.none());
        Connection two = databases.create();
        execute(two, "set time zone 'America/New_York'");
        execute(two, "set datestyle = 'ISO, DMY'");
        two.setAutoCommit(false);
        BankingGenerator.generate(two, SMALL, Progress.none());
        assertThat(two.getAutoCommit()).isFalse();
        Connection other = databases.create();
        BankingGenerator.generate(other, new Plan(120, 10, 8, END), Progress.none());

        assertThat(contentOfAnotherSession(two)).isEqualTo(contentOfAnotherSession(one));
        assertThat(contentOfAnotherSession(other)).isNotEqualTo(contentOfAnotherSession(one));
    }

    /** Fails when the data change, be it on purpose: databases filled before then no longer fit the days added later. */
    @Test
    void aPlanGivesTheRowsItHasAlwaysGiven() throws SQLException {
        Connection connection = databases.create();
        BankingGenerator.generate(connection, SMALL, Progress.none());
        execute(connection, "set time zone 'UTC'");
        assertThat(content(connection))
                .isEqualTo("3906 1b654443b1513fcda0f65d63ae4a81ce, 119 63898212c1f9713c940378ccf78ace99");
    }

    @Test
    void theFirstDayThenTheRestIsTheSameAsAllAtOnce() throws SQLException {
        Connection atOnce = databases.create();
        Report whole = BankingGenerator.generate(atOnce, SMALL, Integer.MAX_VALUE, Progress.none());
        Connection inParts = databases.create();
        Report first = BankingGenerator.generate(inParts, SMALL, 1, Progress.none());
        assertThat(number(inParts, "select count(distinct (time at time zone 'UTC')::date) from transactions"))
                .isEqualTo(1);
        Plan tomorrow = new Plan(SMALL.users(), SMALL.days(), SMALL.seed(), END.plusDays(1));
        Report rest = BankingGenerator.generate(inParts, tomorrow, Progress.none());

        assertThat(content(inParts)).isEqualTo(content(atOnce));
        assertThat(first.daysWritten()).isEqualTo(1);
        assertThat(first.firstDay()).isEqualTo(END.minusDays(TEN));
        assertThat(first.lastDay()).isEqualTo(END.minusDays(TEN));
        assertThat(rest.daysWritten()).isEqualTo(TEN - 1);
        assertThat(rest.lastDay()).isEqualTo(END.minusDays(1));
        assertThat(whole.daysWritten()).isEqualTo(TEN);
        assertThat(first.transactionsInserted() + rest.transactionsInserted()).isEqualTo(whole.transactionsInserted());
    }

    @Test
    void whatIsDoneIsNotDoneTwice() throws SQLException {
        Connection connection = databases.create();
        BankingGenerator.generate(connection, SMALL, Progress.none());
        String before = content(connection);

        Report again = BankingGenerator.generate(connection, SMALL, Progress.none());
        Report fewer = BankingGenerator.generate(connection, SMALL, 3, Progress.none());
        Report day = BankingGenerator.generateDay(connection, END.minusDays(2), Progress.none());

        Report nothing = new Report(END.minusDays(TEN), END.minusDays(1), 0, 0, 0, 0, 0, 0, 0);
        assertThat(List.of(again, fewer, day)).containsOnly(nothing);
        assertThat(content(connection)).isEqualTo(before);
    }

    @Test
    void aGeneratorThatFailsWithinADayContinuesAsIfNothingHadHappened() throws SQLException {
        Connection whole = databases.create();
        BankingGenerator.generate(whole, SMALL, Progress.none());
        Connection broken = databases.create();
        BankingGenerator.generate(broken, SMALL, 4, Progress.none());
        String before = content(broken);
        // Deletes come late in a day: its inserts and updates are already sent.
        execute(
                broken,
                "create function fail() returns trigger language plpgsql as 'begin raise exception ''disk on fire''; end'");
        execute(broken, "create trigger fail before delete on transactions for each row execute function fail()");

        assertFails(ErrorCode.SOURCE_UNAVAILABLE, () -> BankingGenerator.generate(broken, SMALL, Progress.none()))
                .hasMessageStartingWith(
                        "Cannot write sample data for " + END.minusDays(TEN - 4) + ": PostgreSQL says: ")
                .hasMessageContaining("disk on fire")
                .hasMessageEndingWith("The days written before stay; run again to continue.");
        assertThat(content(broken)).isEqualTo(before);
        assertThat(broken.getAutoCommit()).isTrue();

        execute(broken, "drop trigger fail on transactions");
        BankingGenerator.generate(broken, SMALL, Progress.none());
        assertThat(content(broken)).isEqualTo(content(whole));
    }

    @Test
    void oneMoreDayIsAppendedAfterTheLast() throws SQLException {
        Connection longer = databases.create();
        BankingGenerator.generate(longer, new Plan(120, TEN + 1, 7, END.plusDays(1)), Progress.none());
        Connection appended = databases.create();
        BankingGenerator.generate(appended, SMALL, Progress.none());

        assertFails(
                        ErrorCode.ARGUMENT_INVALID,
                        () -> BankingGenerator.generateDay(appended, END.plusDays(1), Progress.none()))
                .hasMessage(
                        "Cannot add 2026-11-22: the last day of sample data is 2026-11-20, so the next one to add is"
                                + " 2026-11-21.");
        Report report = BankingGenerator.generateDay(appended, END, Progress.none());

        assertThat(report.daysWritten()).isEqualTo(1);
        assertThat(report.lastDay()).isEqualTo(END);
        assertThat(content(appended)).isEqualTo(content(longer));
        assertThat(BankingGenerator.generate(appended, SMALL, Progress.none()).daysWritten())
                .isZero();
    }

    @Test
    void ofTwoGeneratorsOnlyOneWritesADay() throws SQLException {
        Connection one = databases.create();
        BankingGenerator.createTables(one);
        Connection two = databases.another(one);
        Kept before = Kept.nothingOf(SMALL);

        assertThat(before.advance(one)).isTrue();
        assertThat(before.advance(two)).isFalse();
        Kept first = Kept.read(two).orElseThrow();
        assertThat(first).isEqualTo(before.oneDayLater());
        assertThat(first.advance(one)).isTrue();
        assertThat(first.advance(two)).isFalse();
        assertThat(Kept.read(one)).contains(first.oneDayLater());
    }

    // ---- what is refused --------------------------------------------------------------------------------------------

    @Test
    void anotherPlanIsRefusedWithTheOneThatIsThere() throws SQLException {
        Connection connection = databases.create();
        BankingGenerator.generate(connection, SMALL, 1, Progress.none());

        for (Plan other : List.of(new Plan(121, 10, 7, END), new Plan(120, 11, 7, END), new Plan(120, 10, 8, END))) {
            assertFails(ErrorCode.ARGUMENT_INVALID, () -> BankingGenerator.generate(connection, other, Progress.none()))
                    .hasMessage(
                            "The database holds sample data of another plan: users 120, days 10, seed 7 (asked for: users"
                                    + " %d, days %d, seed %d). Ask for the same, or start over with clean."
                                            .formatted(other.users(), other.days(), other.seed()));
        }
    }

    @Test
    void aTableWithRowsOfSomebodyElseIsLeftAlone() throws SQLException {
        Connection connection = databases.create();
        execute(connection, "create table customers (user_id bigint primary key)");
        execute(connection, "insert into customers values (1)");

        assertFails(ErrorCode.ARGUMENT_INVALID, () -> BankingGenerator.generate(connection, SMALL, Progress.none()))
                .hasMessage(
                        "Table public.customers holds rows that are no sample data. Generate into an empty database.");
        assertThat(number(connection, "select count(*) from customers")).isEqualTo(1);
    }

    @Test
    void aRowOfSomebodyElseInTheWayIsNamed() throws SQLException {
        Connection connection = databases.create();
        Report first = BankingGenerator.generate(connection, SMALL, 1, Progress.none());
        long next = first.transactionsInserted() + 1;
        execute(connection, "insert into transactions values (" + next + ", 1, 1, 'v', 'card', now())");

        assertFails(ErrorCode.ARGUMENT_INVALID, () -> BankingGenerator.generate(connection, SMALL, Progress.none()))
                .hasMessageStartingWith(
                        "Cannot write sample data for 2026-11-12: a row that is no sample data is in the way (")
                .hasMessageContaining("(transaction_id)=(" + next + ")");
    }

    @Test
    void aDayOfNothingIsRefused() throws SQLException {
        Connection connection = databases.create();
        assertFails(ErrorCode.STEP_MISSING, () -> BankingGenerator.generateDay(connection, END, Progress.none()))
                .hasMessage(
                        "Cannot add 2026-11-21: the database holds no sample data yet. Generate the first days, then add"
                                + " more.");
    }

    @Test
    void sizesOutOfRangeAreRefused() throws SQLException {
        Connection connection = databases.create();
        assertFails(ErrorCode.ARGUMENT_INVALID, () -> new Plan(0, 1, 1, END))
                .hasMessage("users: 0 (expected: 1 to 1000000)");
        assertFails(ErrorCode.ARGUMENT_INVALID, () -> new Plan(1, 3651, 1, END))
                .hasMessage("days: 3651 (expected: 1 to 3650)");
        assertFails(ErrorCode.ARGUMENT_INVALID, () -> BankingGenerator.generate(connection, SMALL, 0, Progress.none()))
                .hasMessage("first days: 0 (expected: 1 to 2147483647)");
    }

    @Test
    void oneUserIsEnough() throws SQLException {
        Connection connection = databases.create();
        Report report = BankingGenerator.generate(connection, new Plan(1, 30, 1, END), Progress.none());
        assertThat(report.daysWritten()).isEqualTo(30);
        assertThat(number(connection, "select count(*) from transactions"))
                .isEqualTo(report.transactionsInserted() - report.transactionsDeleted());
    }

    // ---- what the data are like -------------------------------------------------------------------------------------

    @Test
    void everyKindOfCorrectionComesAndIsCounted() throws SQLException {
        Connection connection = databases.create();
        Plan plan = new Plan(300, 21, 20_261_121, END);
        BankingGenerator.createTables(connection);
        execute(
                connection,
                """
                create table log (seq bigserial, id bigint, op text, what text);
                create function log_transaction() returns trigger language plpgsql as $$
                begin
                    if tg_op = 'DELETE' then
                        insert into log (id, op, what) values (old.transaction_id, 'D', 'transaction');
                    else
                        insert into log (id, op, what) values (old.transaction_id, 'U', case
                            when old.amount <> new.amount then 'amount'
                            when old.user_id <> new.user_id then 'user'
                            when (old.time at time zone 'UTC')::date <> (new.time at time zone 'UTC')::date then 'day'
                            when old.time > new.time then 'minutes'
                            else 'nothing' end);
                    end if;
                    return null;
                end $$;
                create trigger log after update or delete on transactions for each row execute function log_transaction();
                create function log_customer() returns trigger language plpgsql as $$
                begin
                    insert into log (id, op, what) values (coalesce(new.user_id, old.user_id), left(tg_op, 1), 'customer');
                    return null;
                end $$;
                create trigger log after insert or update or delete on customers for each row execute function log_customer();
                """);

        Report first = BankingGenerator.generate(connection, plan, 1, Progress.none());
        assertThat(number(connection, "select count(*) from log where op <> 'I'"))
                .isZero();
        assertThat(number(connection, "select count(*) from customers where day_start <= date '2026-10-31'"))
                .isEqualTo(300);
        AtomicLong shown = new AtomicLong();
        Report rest = BankingGenerator.generate(connection, plan, counting(shown));

        String count = "select count(*) from log where ";
        for (String what : List.of("amount", "user", "day", "minutes")) {
            assertThat(number(connection, count + "what = '" + what + "'"))
                    .as(what)
                    .isGreaterThan(25);
        }
        assertThat(number(connection, count + "what = 'transaction' and op = 'D'"))
                .isGreaterThan(50)
                .isEqualTo(rest.transactionsDeleted());
        assertThat(number(connection, count + "op = 'U' and what <> 'customer'"))
                .isEqualTo(rest.transactionsUpdated());
        assertThat(number(connection, count + "op = 'U' and what = 'customer'"))
                .isGreaterThan(50)
                .isEqualTo(rest.customersUpdated());
        assertThat(number(connection, count + "op = 'D' and what = 'customer'"))
                .isGreaterThan(5)
                .isEqualTo(rest.customersDeleted());
        assertThat(number(connection, count + "op = 'I' and what = 'customer'"))
                .isEqualTo(300 + rest.customersInserted());
        assertThat(rest.customersInserted()).isGreaterThan(2);
        assertThat(shown.get())
                .isEqualTo(rest.transactionsInserted()
                        + rest.transactionsUpdated()
                        + rest.transactionsDeleted()
                        + rest.customersInserted()
                        + rest.customersUpdated()
                        + rest.customersDeleted());
        assertThat(number(connection, "select count(*) from transactions"))
                .isEqualTo(first.transactionsInserted() + rest.transactionsInserted() - rest.transactionsDeleted());
        assertThat(number(connection, "select max(transaction_id) from transactions where time >= '2026-11-20Z'"))
                .isEqualTo(first.transactionsInserted() + rest.transactionsInserted());
        assertThat(
                        number(
                                connection,
                                "select count(*) from customers where day_start between date '2026-11-01' and date '2026-11-20'"))
                .isGreaterThan(40);
    }

    @Test
    void theDefaultsGiveAPlausibleBank() throws SQLException {
        Connection connection = databases.create();
        Report report = BankingGenerator.generate(connection, Plan.defaults(END), Progress.none());
        assertThat(report.transactionsInserted()).isBetween(85_000L, 115_000L);

        assertThat(
                        number(
                                connection,
                                "select count(*) from transactions where time < '2026-10-24Z' or time >= '2026-11-21Z' or amount <= 0"))
                .isZero();
        assertThat(number(
                        connection,
                        "select count(*) from transactions where extract(microseconds from time)::int % 1000 = 0"))
                .as("times without microseconds")
                .isLessThan(report.transactionsInserted() / 200);
        assertThat(number(connection, "select count(*) from transactions where time = date_trunc('day', time, 'UTC')"))
                .as("at exactly midnight")
                .isPositive();
        assertThat(number(connection, "select count(distinct source) from transactions"))
                .isEqualTo(5);

        // Users: a few pay most; some never, some no longer, some with a pause, some very often within an hour.
        assertThat(headShare(connection, "user_id", 100)).isBetween(40L, 80L);
        assertThat(
                        number(
                                connection,
                                "select count(*) from customers c where not exists (select 1 from transactions t where t.user_id = c.user_id)"))
                .as("never")
                .isBetween(15L, 90L);
        assertThat(
                        number(
                                connection,
                                "select count(*) from (select user_id from transactions group by 1 having count(*) >= 10 and max(time) < '2026-11-11Z') s"))
                .as("stopped")
                .isGreaterThan(20);
        assertThat(
                        number(
                                connection,
                                """
                        select count(distinct user_id) from (
                            select user_id, time - lag(time) over (partition by user_id order by time) as gap from transactions
                        ) g where gap > interval '8 days'
                        """))
                .as("paused")
                .isGreaterThan(50);
        assertThat(
                        number(
                                connection,
                                """
                        select count(*) from (select user_id, vendor, date_trunc('day', time, 'UTC') from transactions
                        group by 1, 2, 3 having count(*) >= 8 and max(time) - min(time) < interval '90 minutes') b
                        """))
                .as("bursts")
                .isGreaterThan(50);

        // Vendors: thousands, some of them known to everyone; each has prices of its own.
        assertThat(number(connection, "select count(distinct vendor) from transactions"))
                .isGreaterThan(2_000);
        assertThat(headShare(connection, "vendor", 40)).isBetween(20L, 60L);
        assertThat(number(connection, "select count(*) from transactions where vendor ~ '[^ -~]'"))
                .isPositive();
        assertThat(number(connection, "select avg(amount) from transactions where vendor like '%Rent%'"))
                .isGreaterThan(
                        20 * number(connection, "select avg(amount) from transactions where vendor like '%Café%'"));
        assertThat(number(connection, "select avg(amount) from transactions"))
                .as("skewed to the right")
                .isGreaterThan(2
                        * number(
                                connection,
                                "select percentile_cont(0.5) within group (order by amount) from transactions"));

        // Rhythm.
        String onDay = "select count(*) from transactions where extract(isodow from time at time zone 'UTC') = ";
        assertThat(number(connection, onDay + 6)).isGreaterThan(3 * number(connection, onDay + 7) / 2);
        String atHour = "select count(*) from transactions where extract(hour from time at time zone 'UTC') = ";
        assertThat(number(connection, atHour + 12)).isGreaterThan(10 * number(connection, atHour + 3));
        assertThat(number(
                        connection,
                        "select count(*) from customers where age is null or gender is null or occupation is null"))
                .isPositive();
    }

    /** Percent of all rows that belong to the most frequent values. */
    private static long headShare(Connection connection, String column, int head) throws SQLException {
        return number(
                connection,
                "select 100 * sum(n) / (select count(*) from transactions) from (select count(*) as n from transactions group by %s order by 1 desc limit %d) h"
                        .formatted(column, head));
    }

    private static Progress counting(AtomicLong count) {
        return (name, unit) -> new Progress.Step() {
            @Override
            public void expect(long total) {}

            @Override
            public void add(long more) {
                count.addAndGet(more);
            }

            @Override
            public void done(String remark) {}

            @Override
            public void close() {}
        };
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertFails(ErrorCode code, ThrowingCallable call) {
        return assertThatThrownBy(call).isInstanceOfSatisfying(LarderException.class, e -> assertThat(e.code())
                .isEqualTo(code));
    }

    private String contentOfAnotherSession(Connection connection) throws SQLException {
        connection.setAutoCommit(true);
        return content(databases.another(connection));
    }

    private static String content(Connection connection) throws SQLException {
        List<String> sums = new ArrayList<>();
        for (String table : List.of("transactions", "customers")) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(
                            "select count(*) || ' ' || md5(string_agg(t::text, '|' order by t::text)) from %s t"
                                    .formatted(table))) {
                assertThat(row.next()).isTrue();
                sums.add(row.getString(1));
            }
        }
        return String.join(", ", sums);
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            assertThat(row.next()).isTrue();
            return row.getLong(1);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
