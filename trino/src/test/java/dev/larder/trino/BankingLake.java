package dev.larder.trino;

import static dev.larder.trino.TestLake.column;
import static dev.larder.trino.TestLake.stamp;

import dev.larder.servers.PostgresEndpoint;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.List;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.types.Types.BooleanType;
import org.apache.iceberg.types.Types.DateType;
import org.apache.iceberg.types.Types.FloatType;
import org.apache.iceberg.types.Types.IntegerType;
import org.apache.iceberg.types.Types.LongType;
import org.apache.iceberg.types.Types.StringType;

/**
 * A few rows of the banking example in three versions, and the source's customers.
 *
 * <pre>
 * stamp    user 1      user 2      user 3   user 4      user 5
 * Oct 18   9, 90.00
 * Nov  1   1, 20.50
 * Nov  8   2, 55.50    1, 10.00             1, 99.99    1, 7.00      in versions 1 and 2 user 1: 3, 60.50, user 4 without a vendor
 * Nov 14   4, 80.10
 * Nov 15   5, 100.10   0, null    1, 0.10               1, 7.00      not in version 1; two files
 * </pre>
 */
record BankingLake(Snapshot first, Snapshot second, Snapshot third, Snapshot customers) {
    static final String TRANSACTIONS = "transactions_last_week";
    static final String CUSTOMERS = "customer_demographics";
    static final LocalDate CORRECTED = LocalDate.of(2026, 11, 7);

    private static final String OLD = "'2026-11-14T00:10:00Z'";
    private static final String NEW = "'2026-11-15T00:10:00.000001Z'";
    private static final String CORRECTION = "'2026-11-15T09:30:00.5Z'";

    static BankingLake fill(TestLake lake, PostgresEndpoint source) {
        lake.create(
                TRANSACTIONS,
                List.of(
                        column("user_id", LongType.get()),
                        stamp("event_timestamp"),
                        column("num_transactions_l1w", LongType.get()),
                        column("total_amount_l1w", FloatType.get()),
                        column("avg_amount_l1w", FloatType.get()),
                        column("min_amount_l1w", FloatType.get()),
                        column("max_amount_l1w", FloatType.get()),
                        column("num_vendors_l1w", LongType.get()),
                        column("num_sources_l1w", LongType.get()),
                        stamp("created"),
                        column("day", DateType.get())));
        lake.create(
                CUSTOMERS,
                List.of(
                        column("user_id", LongType.get()),
                        stamp("event_timestamp"),
                        column("age", IntegerType.get()),
                        column("gender", StringType.get()),
                        column("location", StringType.get()),
                        column("occupation", StringType.get()),
                        stamp("created"),
                        column("is_deleted", BooleanType.get()),
                        column("day", DateType.get())));
        Snapshot first = lake.append(
                TRANSACTIONS,
                "2026-10-17T00:00:00Z/2026-11-14T00:00:00Z",
                List.of(
                        "1, '2026-10-18T00:00:00Z', 9, 90, 10, 10, 10, 1, 1, " + OLD,
                        "1, '2026-11-01T00:00:00Z', 1, 20.5, 20.5, 20.5, 20.5, 1, 1, " + OLD,
                        "1, '2026-11-08T00:00:00Z', 3, 60.5, 20.17, 5, 35.5, 3, 1, " + OLD,
                        "2, '2026-11-08T00:00:00Z', 1, 10, 10, 10, 10, 1, 1, " + OLD,
                        "4, '2026-11-08T00:00:00Z', 1, 99.99, 99.99, 99.99, 99.99, 0, 1, " + OLD,
                        "5, '2026-11-08T00:00:00Z', 1, 7, 7, 7, 7, 1, 1, " + OLD,
                        "1, '2026-11-14T00:00:00Z', 4, 80.1, 20.025, 5, 50, 3, 2, " + OLD));
        Snapshot second = lake.append(
                TRANSACTIONS,
                "2026-11-14T00:00:00Z/2026-11-15T00:00:00Z",
                List.of(
                        "1, '2026-11-15T00:00:00Z', 5, 100.1, 20.02, 5, 50, 3, 2, " + NEW,
                        "2, '2026-11-15T00:00:00Z', 0, NULL, NULL, NULL, NULL, 0, 0, " + NEW),
                List.of(
                        "3, '2026-11-15T00:00:00Z', 1, 0.1, 0.1, 0.1, 0.1, 1, 1, " + NEW,
                        "5, '2026-11-15T00:00:00Z', 1, 7, 7, 7, 7, 1, 1, " + NEW));
        Snapshot third = lake.replaceDay(
                TRANSACTIONS,
                "2026-10-17T00:00:00Z/2026-11-15T00:00:00Z",
                CORRECTED,
                List.of(
                        "1, '2026-11-08T00:00:00Z', 2, 55.5, 27.75, 20, 35.5, 2, 1, " + CORRECTION,
                        "2, '2026-11-08T00:00:00Z', 1, 10, 10, 10, 10, 1, 1, " + OLD,
                        "4, '2026-11-08T00:00:00Z', 1, 99.99, 99.99, 99.99, 99.99, 1, 1, " + CORRECTION,
                        "5, '2026-11-08T00:00:00Z', 1, 7, 7, 7, 7, 1, 1, " + OLD));
        Snapshot customers = lake.append(
                CUSTOMERS,
                "2026-10-01T00:00:00Z/2026-11-15T00:00:00Z",
                List.of(
                        "1, '2026-10-20T00:00:00Z', 33, 'f', 'Berlin', 'teacher', " + OLD + ", false",
                        "1, '2026-11-10T00:00:00Z', 34, 'f', 'Rome', 'teacher', " + OLD + ", false",
                        "2, '2026-10-20T00:00:00Z', 38, 'm', 'Rome', 'cook', " + OLD + ", false",
                        "2, '2026-11-09T09:30:00Z', NULL, NULL, NULL, NULL, " + OLD + ", true"));
        customersIn(source);
        return new BankingLake(first, second, third, customers);
    }

    private static void customersIn(PostgresEndpoint source) {
        try (Connection connection = DriverManager.getConnection(source.jdbcUrl(), source.user(), "");
                Statement statement = connection.createStatement()) {
            statement.execute(
                    """
                    create table public.customers (
                      user_id bigint primary key, age int, gender text, location text, occupation text, day_start date)
                    """);
            statement.execute(
                    """
                    insert into public.customers values
                      (1, 34, 'f', 'Rome', 'teacher', '2026-11-10'),
                      (2, 38, 'm', 'Rome', 'cook', '2026-10-20'),
                      (3, 61, 'f', 'Oslo', 'pilot', '2026-10-20'),
                      (5, 67, 'm', 'Oslo', null, '2026-10-20'),
                      (6, null, null, null, null, '2026-11-14')
                    """);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
