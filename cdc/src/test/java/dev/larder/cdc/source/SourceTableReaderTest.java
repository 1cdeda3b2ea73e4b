package dev.larder.cdc.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.cdc.RunningStack;
import dev.larder.cdc.source.SourceTable.SkippedColumn;
import dev.larder.model.DataSource.Column;
import dev.larder.model.DataSource.ColumnType;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.servers.StackEndpoints;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RunningStack.class)
final class SourceTableReaderTest {
    private final FreshDatabases databases;
    private final Connection connection;

    SourceTableReaderTest(StackEndpoints endpoints) throws SQLException {
        databases = new FreshDatabases(endpoints);
        connection = databases.create();
    }

    @AfterEach
    void disconnect() throws SQLException {
        databases.close();
    }

    @Test
    void everyTypeThatAColumnMayHaveIsRead() throws SQLException {
        execute("create domain price as numeric(8,3)");
        execute(
                """
                create table everything (
                    id bigint primary key, a smallint, b integer, c real, d double precision, e numeric(12,2), f numeric(5),
                    g numeric(3,-2), h price, i text, j varchar(10), k char(3), l uuid, m boolean, n date, o timestamp(3),
                    p timestamptz not null)
                """);

        SourceTable table = SourceTableReader.read(connection, "public.everything");

        assertThat(table.columns())
                .containsExactly(
                        column("id", ColumnType.INT64),
                        column("a", ColumnType.INT32),
                        column("b", ColumnType.INT32),
                        column("c", ColumnType.FLOAT),
                        column("d", ColumnType.DOUBLE),
                        new Column("e", ColumnType.DECIMAL, 2),
                        new Column("f", ColumnType.DECIMAL, 0),
                        new Column("g", ColumnType.DECIMAL, 0),
                        new Column("h", ColumnType.DECIMAL, 3),
                        column("i", ColumnType.STRING),
                        column("j", ColumnType.STRING),
                        column("k", ColumnType.STRING),
                        column("l", ColumnType.STRING),
                        column("m", ColumnType.BOOL),
                        column("n", ColumnType.DATE),
                        column("o", ColumnType.TIMESTAMP),
                        column("p", ColumnType.TIMESTAMP));
        assertThat(table.skipped()).isEmpty();
        assertThat(table.primaryKey()).containsExactly("id");
    }

    @Test
    void aColumnThatCannotBeUsedIsSkippedWithItsTypeAndTheReason() throws SQLException {
        execute("create type mood as enum ('good', 'bad')");
        execute("create type text as (x int)");
        execute(
                """
                create table odd (
                    id int primary key, a jsonb, b int[], c mood, d bytea, e numeric, f numeric(6,2),
                    g int generated always as (id * 2) stored, h public.text, gone int)
                """);
        execute("alter table odd drop column gone");

        SourceTable table = SourceTableReader.read(connection, "odd");

        assertThat(table.columns()).extracting(Column::name).containsExactly("id", "f");
        String noType = "Larder has no type for it";
        assertThat(table.skipped())
                .containsExactly(
                        new SkippedColumn("a", "jsonb", noType),
                        new SkippedColumn("b", "integer[]", noType),
                        new SkippedColumn("c", "mood", noType),
                        new SkippedColumn("d", "bytea", noType),
                        new SkippedColumn(
                                "e",
                                "numeric",
                                "it has no fixed number of digits after the point; if you know one, add the column as type: Decimal, scale: N"),
                        new SkippedColumn(
                                "g", "integer", "it is generated, and PostgreSQL does not log generated values"),
                        new SkippedColumn("h", "public.text", noType));
    }

    @Test
    void aPrimaryKeyKeepsItsOwnOrder() throws SQLException {
        execute("create schema bank");
        execute(
                "create table bank.\"Accounts\" (branch text, filler int, number bigint, primary key (number, branch))");

        SourceTable table = SourceTableReader.read(connection, "bank.Accounts");

        assertThat(table.schema()).isEqualTo("bank");
        assertThat(table.table()).isEqualTo("Accounts");
        assertThat(table.primaryKey()).containsExactly("number", "branch");
    }

    @Test
    void anUnknownTableIsAnsweredWithTheNearOnes() throws SQLException {
        execute("create schema old");
        execute("create table transactions (id int primary key)");
        execute("create table old.transactions (id int primary key)");
        execute("create table customers (id int primary key)");

        assertRefused("public.transaction")
                .hasMessage(
                        "There is no table public.transaction in this database. Is it one of these: public.transactions,"
                                + " old.transactions?");
        assertRefused("Customers")
                .hasMessage(
                        "There is no table public.Customers in this database. Is it one of these: public.customers?");
        assertRefused("zebra")
                .hasMessage("There is no table public.zebra in this database. Is it one of these: old.transactions,"
                        + " public.customers, public.transactions?");
    }

    @Test
    void aDatabaseWithoutTablesIsSaidToHaveNone() {
        assertRefused("transactions")
                .hasMessage(
                        "There is no table public.transactions, nor any other table in this database. Check larder.postgres"
                                + " in feature_store.yaml.");
    }

    @Test
    void aTableWithoutAUsablePrimaryKeyIsRefused() throws SQLException {
        execute("create table keyless (id int unique not null)");
        execute("create table oddly_keyed (id bytea primary key)");

        assertRefused("keyless")
                .hasMessage(
                        "Table public.keyless has no primary key, so its rows cannot be told apart in the change log. Add"
                                + " one: alter table public.keyless add primary key (...);");
        assertRefused("oddly_keyed")
                .hasMessage(
                        "Column id of the primary key of table public.oddly_keyed is of type bytea, which cannot be used"
                                + " (Larder has no type for it). Use a table whose key is made of numbers, text, uuid or dates.");
    }

    @Test
    void whatPostgresqlDoesNotLogUnderItsOwnNameIsRefused() throws SQLException {
        execute("create table paid (id int, day date, primary key (id, day)) partition by range (day)");
        execute("create view few as select 1 as id");

        assertRefused("paid")
                .hasMessageContaining("public.paid is partitioned")
                .hasMessageContaining("Name one of those.");
        assertRefused("few")
                .hasMessage("public.few is a view, whose changes are not logged. Name the table behind it.");
    }

    @Test
    void aTableThatTheUserMayNotReadIsRefusedWithTheGrant() throws SQLException {
        execute("create table secret (id int primary key)");
        execute("create role reader_of_nothing");
        try {
            execute("set role reader_of_nothing");
            assertRefused("secret")
                    .hasMessage(
                            "User reader_of_nothing may not read table public.secret. Have its owner run: grant usage on"
                                    + " schema public to reader_of_nothing; grant select on public.secret to reader_of_nothing;");
            execute("reset role");
            execute("grant select on secret to reader_of_nothing");
            execute("set role reader_of_nothing");
            assertThat(SourceTableReader.read(connection, "secret").columns()).hasSize(1);
        } finally {
            execute("reset role");
            execute("drop owned by reader_of_nothing");
            execute("drop role reader_of_nothing");
        }
    }

    @Test
    void aLostConnectionIsNotTheCallersMistake() throws SQLException {
        connection.close();
        assertThatThrownBy(() -> SourceTableReader.read(connection, "t"))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_UNAVAILABLE))
                .hasMessageStartingWith("Cannot read the description of table t: PostgreSQL says: ");
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(String table) {
        return assertThatThrownBy(() -> SourceTableReader.read(connection, table))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARGUMENT_INVALID));
    }

    private static Column column(String name, ColumnType type) {
        return new Column(name, type, 0);
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
