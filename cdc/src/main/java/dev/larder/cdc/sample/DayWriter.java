package dev.larder.cdc.sample;

import dev.larder.cdc.sample.Customers.Customer;
import dev.larder.cdc.sample.Day.Correction;
import dev.larder.cdc.sample.Day.Kind;
import dev.larder.cdc.sample.Day.Payment;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** Writes a day's rows and corrections into the tables; the transaction around it is the caller's. */
final class DayWriter {
    private static final long MICROS_PER_SECOND = 1_000_000;

    private final Connection connection;

    DayWriter(Connection connection) {
        this.connection = connection;
    }

    Written write(Day day) throws SQLException {
        long inserted = insertPayments(day);
        long updated = 0;
        for (Kind kind : Kind.values()) {
            if (kind != Kind.CANCELLED) {
                updated += correct(kind, day.corrections());
            }
        }
        long deleted = correct(Kind.CANCELLED, day.corrections());
        return new Written(
                inserted,
                updated,
                deleted,
                insertCustomers(day.customers().inserted()),
                updateCustomers(day.customers().updated()),
                deleteCustomers(day.customers().deleted()));
    }

    private long insertPayments(Day day) throws SQLException {
        StringBuilder rows = new StringBuilder(80 * day.payments().size());
        String date = day.date().toString();
        for (Payment payment : day.payments()) {
            rows.append(payment.id()).append('\t').append(payment.user()).append('\t');
            rows.append(payment.cents() / 100).append('.');
            padded(rows, payment.cents() % 100, 2);
            rows.append('\t')
                    .append(payment.vendor())
                    .append('\t')
                    .append(payment.source())
                    .append('\t');
            time(rows.append(date), payment.micros());
            rows.append('\n');
        }
        return copy("public.transactions (transaction_id, user_id, amount, vendor, source, time)", rows);
    }

    private static void time(StringBuilder text, long micros) {
        long seconds = micros / MICROS_PER_SECOND;
        padded(text.append(' '), seconds / 3600, 2);
        padded(text.append(':'), seconds / 60 % 60, 2);
        padded(text.append(':'), seconds % 60, 2);
        padded(text.append('.'), micros % MICROS_PER_SECOND, 6);
        text.append("+00");
    }

    private static void padded(StringBuilder text, long number, int digits) {
        String plain = Long.toString(number);
        text.append("0".repeat(digits - plain.length())).append(plain);
    }

    private int correct(Kind kind, List<Correction> corrections) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(kind.sql())) {
            for (Correction correction : corrections) {
                if (correction.kind() == kind) {
                    if (kind.takesValue()) {
                        statement.setInt(1, correction.value());
                    }
                    statement.setLong(kind.takesValue() ? 2 : 1, correction.id());
                    statement.addBatch();
                }
            }
            return sum(statement.executeBatch());
        }
    }

    private long insertCustomers(List<Customer> customers) throws SQLException {
        StringBuilder rows = new StringBuilder(60 * customers.size());
        for (Customer customer : customers) {
            rows.append(customer.userId()).append('\t');
            orNull(rows, customer.age()).append('\t');
            orNull(rows, customer.gender()).append('\t');
            orNull(rows, customer.location()).append('\t');
            orNull(rows, customer.occupation()).append('\t');
            rows.append(customer.dayStart()).append('\n');
        }
        return copy("public.customers (user_id, age, gender, location, occupation, day_start)", rows);
    }

    private static StringBuilder orNull(StringBuilder rows, @Nullable Object value) {
        return rows.append(value == null ? "\\N" : value);
    }

    private int updateCustomers(List<Customer> customers) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "update public.customers set age = ?, gender = ?, location = ?, occupation = ?, day_start = ? where user_id = ?")) {
            for (Customer customer : customers) {
                statement.setObject(1, customer.age(), java.sql.Types.INTEGER);
                statement.setString(2, customer.gender());
                statement.setString(3, customer.location());
                statement.setString(4, customer.occupation());
                statement.setObject(5, customer.dayStart());
                statement.setLong(6, customer.userId());
                statement.addBatch();
            }
            return sum(statement.executeBatch());
        }
    }

    private int deleteCustomers(List<Long> users) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("delete from public.customers where user_id = ?")) {
            for (long user : users) {
                statement.setLong(1, user);
                statement.addBatch();
            }
            return sum(statement.executeBatch());
        }
    }

    /** No text of ours holds a character that the format of COPY would have escaped. */
    private long copy(String target, StringBuilder rows) throws SQLException {
        try {
            return connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("copy " + target + " from stdin", new StringReader(rows.toString()));
        } catch (IOException e) {
            throw new SQLException("Sending rows to PostgreSQL failed: " + e.getMessage(), e);
        }
    }

    private static int sum(int[] counts) {
        int sum = 0;
        for (int count : counts) {
            sum += Math.max(0, count);
        }
        return sum;
    }

    /** How many rows of each table. */
    record Written(
            long transactionsInserted,
            long transactionsUpdated,
            long transactionsDeleted,
            long customersInserted,
            long customersUpdated,
            long customersDeleted) {
        static final Written NOTHING = new Written(0, 0, 0, 0, 0, 0);

        long total() {
            return transactionsInserted
                    + transactionsUpdated
                    + transactionsDeleted
                    + customersInserted
                    + customersUpdated
                    + customersDeleted;
        }

        Written plus(Written other) {
            return new Written(
                    transactionsInserted + other.transactionsInserted,
                    transactionsUpdated + other.transactionsUpdated,
                    transactionsDeleted + other.transactionsDeleted,
                    customersInserted + other.customersInserted,
                    customersUpdated + other.customersUpdated,
                    customersDeleted + other.customersDeleted);
        }
    }
}
