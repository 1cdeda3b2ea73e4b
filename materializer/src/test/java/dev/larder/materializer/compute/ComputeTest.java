package dev.larder.materializer.compute;

import static dev.larder.materializer.testing.Banking.aggregation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.materializer.ingest.Ingest;
import dev.larder.materializer.lake.Lake;
import dev.larder.materializer.testing.Banking;
import dev.larder.materializer.testing.Lakes;
import dev.larder.materializer.testing.MemoryLog;
import dev.larder.materializer.testing.MemoryLog.Event;
import dev.larder.materializer.testing.TestClock;
import dev.larder.model.Aggregation.Function;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureView;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import dev.larder.offlinestore.LakeLayout;
import dev.larder.progress.Progress;
import dev.larder.registry.DefinitionHash;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.ValidationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ComputeTest {
    private static final FeatureView VIEW = Banking.weekly();
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private final Lake lake = Lakes.create();
    private final MemoryLog log = new MemoryLog(lake);
    private final TestClock clock = new TestClock(NOON);
    private long lsn;

    private void transaction(String op, long id, long user, String amount, String time) {
        log.add(0, Event.of(op, ++lsn, NOON, id, user, new BigDecimal(amount), "v", null, Instant.parse(time)));
        ingest();
    }

    private void delete(long id) {
        log.add(0, Event.of("d", ++lsn, NOON, id, null, null, null, null, null));
        ingest();
    }

    private void ingest() {
        new Ingest(lake, log, Progress.none()).run(Banking.TRANSACTIONS);
    }

    private void compute(FeatureView view, @Nullable String from, @Nullable String to) {
        compute(view).run(view, from == null ? null : Instant.parse(from), to == null ? null : Instant.parse(to));
    }

    private Compute compute(FeatureView view) {
        return new Compute(lake, Banking.repository(List.of(Banking.TRANSACTIONS), view), Progress.none(), clock);
    }

    private Table table(FeatureView view) {
        return lake.find(LakeLayout.featuresTable(view.name())).orElseThrow();
    }

    private @Nullable String summary(String key) {
        return table(VIEW).currentSnapshot().summary().get(key);
    }

    private List<String> rows(FeatureView view) {
        return ComputedRows.read(lake, view).values().entrySet().stream()
                .map(row -> row.getKey() + " " + row.getValue())
                .toList();
    }

    @Test
    void aRowPerStampThenOneThatTellsTheEnd() {
        transaction("c", 1, 42, "12.50", "2026-11-10T00:00:00Z");
        transaction("c", 2, 43, "1.00", "2026-11-20T23:59:59.999999Z");

        compute(VIEW, null, null);

        assertThat(rows(VIEW))
                .startsWith("[42, 2026-11-11T00:00:00Z] [1, 12.5, 2026-11-10]")
                .endsWith(
                        "[42, 2026-11-17T00:00:00Z] [1, 12.5, 2026-11-16]",
                        "[42, 2026-11-18T00:00:00Z] [0, null, 2026-11-17]",
                        "[43, 2026-11-21T00:00:00Z] [1, 1.0, 2026-11-20]")
                .hasSize(9);
        assertThat(summary(LakeLayout.SUMMARY_DEFINITION)).isEqualTo(DefinitionHash.of(VIEW, Banking.TRANSACTIONS));
        assertThat(summary(LakeLayout.SUMMARY_INTERVAL)).isEqualTo("0001-01-01T00:00:00Z/2026-11-21T00:00:00Z");
        assertThat(summary(LakeLayout.SUMMARY_INPUT_SNAPSHOT))
                .isEqualTo(Long.toString(lake.find("image_transactions")
                        .orElseThrow()
                        .currentSnapshot()
                        .snapshotId()));
    }

    @Test
    void anExpiryRowMayStemFromBeforeTheInterval() {
        transaction("c", 1, 42, "12.50", "2026-11-10T00:00:00Z");

        compute(VIEW, "2026-11-17T00:00:00Z", "2026-11-18T00:00:00Z");

        assertThat(rows(VIEW)).containsExactly("[42, 2026-11-18T00:00:00Z] [0, null, 2026-11-17]");
    }

    @Test
    void onlyDaysThatDifferAreWritten() {
        transaction("c", 1, 42, "12.50", "2026-11-10T10:00:00Z");
        transaction("c", 2, 42, "1.00", "2026-11-18T10:00:00Z");
        transaction("c", 3, 43, "1.00", "2026-11-19T10:00:00Z");
        compute(VIEW, null, null);
        Snapshot first = table(VIEW).currentSnapshot();

        clock.set(NOON.plusSeconds(60));
        compute(VIEW, null, null);
        assertThat(table(VIEW).currentSnapshot()).as("up to date").isEqualTo(first);

        transaction("u", 2, 42, "2.00", "2026-11-18T10:00:00Z");
        compute(VIEW, "2026-11-01T00:00:00Z", "2026-11-18T00:00:00Z");
        assertThat(table(VIEW).currentSnapshot()).as("nothing changed there").isEqualTo(first);

        compute(VIEW, null, null);
        assertThat(table(VIEW).currentSnapshot().summary())
                .containsEntry("changed-partition-count", "3")
                .containsEntry("deleted-records", "5");
        Map<List<Object>, Instant> created = ComputedRows.read(lake, VIEW).created();
        assertThat(created).containsEntry(List.of(42L, Instant.parse("2026-11-18T00:00:00Z")), NOON);
        assertThat(created).containsEntry(List.of(43L, Instant.parse("2026-11-21T00:00:00Z")), NOON);
        assertThat(created).containsEntry(List.of(42L, Instant.parse("2026-11-21T00:00:00Z")), NOON.plusSeconds(60));
    }

    @Test
    void aDayThatLosesItsLastRowIsEmptied() {
        transaction("c", 1, 42, "12.50", "2026-11-10T10:00:00Z");
        transaction("c", 2, 43, "12.50", "2026-11-20T10:00:00Z");
        compute(VIEW, null, null);

        delete(1);
        compute(VIEW, null, null);

        assertThat(rows(VIEW)).containsExactly("[43, 2026-11-21T00:00:00Z] [1, 12.5, 2026-11-20]");
    }

    @Test
    void whenTheLastTransactionIsDeletedNoRowStays() {
        transaction("c", 1, 42, "12.50", "2026-11-10T10:00:00Z");
        compute(VIEW, null, null);
        delete(1);
        compute(VIEW, null, null);

        assertThat(rows(VIEW)).isEmpty();
    }

    @Test
    void createdIncreasesEvenIfTheClockGoesBack() {
        transaction("c", 1, 42, "12.50", "2026-11-20T10:00:00Z");
        compute(VIEW, null, null);
        transaction("u", 1, 42, "13.00", "2026-11-20T10:00:00Z");
        clock.set(NOON.minusSeconds(3600));

        compute(VIEW, null, null);

        assertThat(ComputedRows.read(lake, VIEW).created().values()).containsExactly(NOON.plusNanos(1000));
    }

    @Test
    void aChangedDefinitionReplacesAllThatWasEverComputed() {
        transaction("c", 1, 42, "12.50", "2026-11-10T10:00:00Z");
        transaction("c", 2, 42, "1.00", "2026-11-20T10:00:00Z");
        compute(VIEW, null, null);
        long before = table(VIEW).currentSnapshot().snapshotId();
        FeatureView changed = Banking.aggregated(
                VIEW.name(),
                Duration.ofDays(1),
                ZoneOffset.UTC,
                aggregation("largest", Function.MAX, "amount", Duration.ofDays(1), ValueType.DOUBLE));

        compute(changed, "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");

        assertThat(rows(changed))
                .containsExactly(
                        "[42, 2026-11-11T00:00:00Z] [12.5, 2026-11-10]",
                        "[42, 2026-11-12T00:00:00Z] [null, 2026-11-11]",
                        "[42, 2026-11-21T00:00:00Z] [1.0, 2026-11-20]");
        assertThat(table(changed).snapshot(before))
                .as("still there to be compared with")
                .isNotNull();

        Snapshot now = table(changed).currentSnapshot();
        compute(changed, null, null);
        assertThat(table(changed).currentSnapshot()).isEqualTo(now);
    }

    @Test
    void aCommitInBetweenIsNotOverwritten() throws Exception {
        transaction("c", 1, 42, "12.50", "2026-11-20T10:00:00Z");
        compute(VIEW, null, null);
        FeatureTable stale = FeatureTable.load(lake, VIEW, clock);
        transaction("u", 1, 42, "13.00", "2026-11-20T10:00:00Z");
        compute(VIEW, null, null);
        Interval all = new Interval(Interval.BEGINNING, Interval.END);
        FeatureRows nothing = new FeatureRows(
                VIEW, Banking.TRANSACTIONS, lake.spark().sparkContext().longAccumulator());

        assertThatThrownBy(() -> stale.replace(
                        lake.spark().createDataFrame(List.of(), nothing.schema()),
                        all,
                        new FeatureTable.Origin(0, DefinitionHash.of(VIEW, Banking.TRANSACTIONS))))
                .isInstanceOf(ValidationException.class);
        assertThat(rows(VIEW)).containsExactly("[42, 2026-11-21T00:00:00Z] [1, 13.0, 2026-11-20]");
    }

    @Test
    void nothingIsComputedBeforeAnIngest() {
        assertThatThrownBy(() -> compute(VIEW, null, null))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STEP_MISSING))
                .hasMessage(
                        "Nothing of source transactions, from which view transactions_last_week is computed, has been ingested"
                                + " yet. Run 'larder ingest' first.");
    }

    @Test
    void anIntervalThatEndsBeforeItBeginsIsRefused() {
        assertThatThrownBy(() -> compute(VIEW, "2026-11-18T00:00:00Z", "2026-11-17T00:00:00Z"))
                .isInstanceOf(LarderException.class)
                .hasMessageContaining("--from 2026-11-18T00:00:00Z is after --to 2026-11-17T00:00:00Z");
    }

    @Test
    void previewShowsTheNewestRowsOfOneEntity() {
        transaction("c", 1, 42, "12.50", "2026-11-18T10:00:00Z");
        transaction("c", 2, 43, "99.00", "2026-11-18T10:00:00Z");

        assertThat(preview("42", 2))
                .isEqualTo(
                        """
                          user_id  event_timestamp       num  total
                          42       2026-11-20T00:00:00Z  1    12.5
                          42       2026-11-21T00:00:00Z  1    12.5
                        """);
        assertThat(preview("user_id=43", 1)).contains("99.0");
        assertThat(preview("7", 1)).isEqualTo("View transactions_last_week has no rows for 7.\n");
        assertThat(lake.find(LakeLayout.featuresTable(VIEW.name()))).isEmpty();
        assertThatThrownBy(() -> preview("user_id=42,vendor=x", 1)).hasMessageContaining("(expected: user_id=...)");
        assertThatThrownBy(() -> preview("bob", 1))
                .hasMessage(
                        "--entity: 'bob' is no Int64, which join key user_id is (expected: a number, or user_id=<number>)");
    }

    private String preview(String entity, int limit) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        new Preview(lake, Banking.repository(List.of(Banking.TRANSACTIONS), VIEW), clock, out)
                .run(VIEW, entity, null, null, limit);
        return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }
}
