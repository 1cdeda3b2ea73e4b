package dev.larder.cdc.sample;

import java.time.LocalDate;
import java.util.List;

/** What happens in the bank on one day. */
record Day(LocalDate date, List<Payment> payments, List<Correction> corrections, Customers.Changes customers) {

    Day {
        payments = List.copyOf(payments);
        corrections = List.copyOf(corrections);
    }

    /** A new row of {@code transactions}; {@code micros} since midnight UTC. */
    record Payment(int id, int user, long cents, String vendor, String source, long micros) {}

    /** A change of an earlier row, or of one of the same day. */
    record Correction(Kind kind, int id, int value) {}

    /** Corrections count from the row as it is, so that a row that somebody else has changed stays sensible. */
    enum Kind {
        /** A tip, a part refund; the value is in percent. */
        AMOUNT(
                "update public.transactions set amount = greatest(0.01, round(amount * ? / 100, 2)) where transaction_id = ?"),
        /** Earlier by that many minutes, but on the same day: at times exactly midnight. */
        MINUTES(
                "update public.transactions set time = greatest(time - ? * interval '1 minute', date_trunc('day', time, 'UTC'))"
                        + " where transaction_id = ?"),
        /** That many days later; earlier if negative. Hours, because a day of the session's zone may have 23. */
        DAYS("update public.transactions set time = time + ? * interval '24 hours' where transaction_id = ?"),
        /** The value is the user who has paid in truth. */
        USER("update public.transactions set user_id = ? where transaction_id = ?"),
        CANCELLED("delete from public.transactions where transaction_id = ?");

        private final String sql;

        Kind(String sql) {
            this.sql = sql;
        }

        String sql() {
            return sql;
        }

        boolean takesValue() {
            return this != CANCELLED;
        }
    }
}
