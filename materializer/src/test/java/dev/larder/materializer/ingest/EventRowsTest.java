package dev.larder.materializer.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.materializer.testing.Banking;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Objects;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class EventRowsTest {
    private static final Instant ARRIVED = Instant.parse("2026-11-21T08:00:01Z");
    private static final String SOURCE = "\"source\":{\"lsn\":77,\"ts_us\":1795248000000001}";
    private static final String AFTER =
            "\"after\":{\"transaction_id\":7,\"user_id\":3,\"amount\":\"12.50\",\"vendor\":\"bakery\",\"score\":0.1,\"time\":\"2026-11-21T07:59:59.123456Z\"}";

    private static @Nullable Row row(@Nullable String value) {
        return new EventRows(Banking.TRANSACTIONS).row(2, 5, ARRIVED, "{\"transaction_id\":7}", value);
    }

    private static Row present(String value) {
        return Objects.requireNonNull(row(value));
    }

    @Test
    void anInsertIsTypedAndKnowsItsPlace() {
        Row row = present("{\"op\":\"c\"," + SOURCE + "," + AFTER + "}");

        assertThat(row.size())
                .isEqualTo(ChangeColumns.schema(Banking.TRANSACTIONS).size());
        assertThat(row.toSeq().mkString(" | "))
                .isEqualTo("2 | 5 | 2026-11-21T08:00:01Z | c | 77 | 2026-11-21T08:00:00.000001Z | false | null"
                        + " | 7 | 3 | 12.50 | bakery | 0.1 | 2026-11-21T07:59:59.123456Z");
        assertThat(row.get(10)).isEqualTo(new BigDecimal("12.50"));
    }

    @Test
    void aDeleteHasItsPrimaryKeyAlone() {
        Row row = present("{\"op\":\"d\"," + SOURCE + ",\"before\":{\"transaction_id\":7,\"user_id\":0}}");

        assertThat(row.toSeq().mkString(" | "))
                .isEqualTo("2 | 5 | 2026-11-21T08:00:01Z | d | 77 | 2026-11-21T08:00:00.000001Z | true | null"
                        + " | 7 | null | null | null | null | null");
    }

    @Test
    void aTombstoneIsNoRow() {
        assertThat(row(null)).isNull();
    }

    @Test
    void aValueThatTheUpdateLeftAloneIsNamed() {
        Row row = present("{\"op\":\"u\"," + SOURCE + "," + AFTER.replace("bakery", "__larder_unchanged__") + "}");

        assertThat((String[]) row.get(7)).containsExactly("vendor");
        assertThat(row.isNullAt(11)).isTrue();
    }

    @Test
    void aTruncateHasNoKey() {
        Row row = Objects.requireNonNull(
                new EventRows(Banking.TRANSACTIONS).row(0, 9, ARRIVED, null, "{\"op\":\"t\"," + SOURCE + "}"));

        assertThat(row.getString(3)).isEqualTo("t");
        assertThat(row.getBoolean(6)).isTrue();
        assertThat(row.isNullAt(8)).isTrue();
    }

    @Test
    void aValueOfAnotherTypeIsLocated() {
        assertThatThrownBy(() -> row("{\"op\":\"c\"," + SOURCE + "," + AFTER.replace("\"12.50\"", "\"12.505\"") + "}"))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VALUE_TYPE_MISMATCH))
                .hasMessage(
                        "Record 5 of topic banking.public.transactions-2 (source transactions): column 'amount': 12.505 does not"
                                + " fit Decimal with scale 2 and 38 digits. Declare the scale that the source's column has.");
    }

    @Test
    void aColumnThatTheTableDoesNotHaveIsNamed() {
        assertThatThrownBy(() -> row("{\"op\":\"c\"," + SOURCE + "," + AFTER.replace("\"vendor\"", "\"seller\"") + "}"))
                .isInstanceOf(LarderException.class)
                .hasMessageContaining(
                        "column 'vendor' is not in the table's columns (transaction_id, user_id, amount, seller");
    }
}
