package dev.larder.materializer.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.materializer.testing.Banking;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureView;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import dev.larder.registry.ViewStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract on SQLite, and what no online store makes a difference to. */
final class MaterializeTest extends MaterializeContract {

    private Path storeFile() {
        return folder().resolve("online_store.db");
    }

    @Override
    protected OnlineStores stores() {
        return OnlineStores.Sqlite.of(storeFile().toString(), "banking");
    }

    @Override
    protected OnlineStores impatientStores() {
        return new OnlineStores.Sqlite(storeFile().toString(), "banking", Duration.ZERO);
    }

    @Override
    protected void flush() {
        try {
            for (String end : List.of("", "-wal", "-shm")) {
                Files.deleteIfExists(Path.of(storeFile() + end));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void incrementalGoesOnWhereTheRegistrySaysThatTheLastOneEnded() {
        Materialize materialize = materialize(Banking.repository(List.of(Banking.TRANSACTIONS), WEEKLY));
        transaction("c", 1, 42, 3);
        compute();
        Instant first = DAY_0.plus(Duration.ofDays(5));
        Instant second = DAY_0.plus(Duration.ofDays(6));

        materialize.incremental(WEEKLY, first);
        materialize.incremental(WEEKLY, second);
        materialize.incremental(WEEKLY, second);

        assertThat(stored(WEEKLY).get(42L)).startsWith("2026-11-07T00:00:00Z");
        assertThat(registry().read().status("banking", WEEKLY.name()).materialized())
                .containsExactly(new ViewStatus.Interval(DAY_0.plus(Duration.ofDays(4)), second));
    }

    @Test
    void incrementalUpToATimeThatIsReachedBringsWhatWasCorrectedSince() {
        Materialize materialize = materialize(Banking.repository(List.of(Banking.TRANSACTIONS), WEEKLY));
        transaction("c", 1, 42, 3);
        compute();
        Instant first = DAY_0.plus(Duration.ofDays(5));
        Instant second = DAY_0.plus(Duration.ofDays(6));
        materialize.incremental(WEEKLY, second);
        transaction("c", 2, 43, 3);
        compute();

        materialize.incremental(WEEKLY, first);

        assertThat(stored(WEEKLY).get(43L)).startsWith("2026-11-07T00:00:00Z");
        assertThat(registry().read().status("banking", WEEKLY.name()).materialized())
                .containsExactly(new ViewStatus.Interval(DAY_0.plus(Duration.ofDays(4)), second));
    }

    @Test
    void aStepTooEarlyNamesTheOneThatIsMissing() {
        Materialize materialize = materialize(Banking.repository(List.of(Banking.TRANSACTIONS), WEEKLY));
        assertThatThrownBy(() -> materialize.run(WEEKLY, LONG_AGO, DAY_0))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STEP_MISSING))
                .hasMessage(
                        "No rows of view transactions_last_week have been computed yet. Run 'larder compute' first.");

        transaction("c", 1, 42, 3);
        compute();
        FeatureView changed = Banking.aggregated(
                WEEKLY.name(),
                Duration.ofDays(2),
                ZoneOffset.UTC,
                Banking.aggregation(
                        "num", dev.larder.model.Aggregation.Function.COUNT, null, Duration.ofDays(7), ValueType.INT64));
        Materialize withChanged = materialize(Banking.repository(List.of(Banking.TRANSACTIONS), changed));
        assertThatThrownBy(() -> withChanged.run(changed, LONG_AGO, DAY_0))
                .hasMessage("The definition of view transactions_last_week has changed since its rows were computed."
                        + " Run 'larder compute' first.");
    }

    @Test
    void aStartAfterTheEndIsRefused() {
        Materialize materialize = materialize(Banking.repository(List.of(Banking.TRANSACTIONS), WEEKLY));
        assertThatThrownBy(() -> materialize.run(WEEKLY, DAY_0, LONG_AGO))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARGUMENT_INVALID));
    }
}
