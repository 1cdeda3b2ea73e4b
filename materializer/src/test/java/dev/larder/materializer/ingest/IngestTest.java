package dev.larder.materializer.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.materializer.lake.Lake;
import dev.larder.materializer.testing.Banking;
import dev.larder.materializer.testing.Lakes;
import dev.larder.materializer.testing.MemoryLog;
import dev.larder.materializer.testing.MemoryLog.Event;
import dev.larder.model.DataSource;
import dev.larder.model.DataSource.Column;
import dev.larder.model.DataSource.ColumnType;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.offlinestore.LakeLayout;
import dev.larder.progress.Progress;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Snapshot;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class IngestTest {
    private static final Instant TIME = Instant.parse("2026-11-20T10:00:00Z");
    private static final DataSource SOURCE = Banking.TRANSACTIONS;

    private final Lake lake = Lakes.create();
    private final MemoryLog log = new MemoryLog(lake);
    private final Ingest ingest = new Ingest(lake, log, Progress.none());

    private static Event change(String op, long lsn, long id, String vendor) {
        return Event.of(op, lsn, TIME, id, 1L, new BigDecimal("1.00"), vendor, null, TIME);
    }

    private static Event delete(long lsn, long id) {
        return Event.of("d", lsn, TIME, id, null, null, null, null, null);
    }

    /** Vendors of the present rows by primary key. */
    private List<String> image() {
        return lake
                .spark()
                .table(lake.sqlName("image_transactions"))
                .where("NOT __deleted")
                .orderBy("transaction_id")
                .collectAsList()
                .stream()
                .map(row -> row.getAs("transaction_id") + " " + row.getAs("vendor"))
                .toList();
    }

    private @Nullable Snapshot snapshot(String table) {
        return lake.find(table).orElseThrow().currentSnapshot();
    }

    private long changes() {
        return lake.spark().table(lake.sqlName("changes_transactions")).count();
    }

    @Test
    void takesInWhatIsNewAndCommitsNothingOtherwise() {
        log.add(0, change("r", 10, 1, "a"));
        log.add(1, change("c", 20, 2, "b"));
        ingest.run(SOURCE);
        assertThat(image()).containsExactly("1 a", "2 b");
        assertThat(Lake.summary(lake.find("changes_transactions").orElseThrow(), LakeLayout.SUMMARY_OFFSETS))
                .contains("{\"banking.public.transactions\":{\"0\":1,\"1\":1}}");

        Snapshot changes = snapshot("changes_transactions");
        Snapshot image = snapshot("image_transactions");
        ingest.run(SOURCE);
        assertThat(snapshot("changes_transactions")).isEqualTo(changes);
        assertThat(snapshot("image_transactions")).isEqualTo(image);

        log.add(0, change("u", 30, 1, "a2"));
        log.add(1, delete(31, 2));
        ingest.run(SOURCE);
        assertThat(changes()).isEqualTo(4);
        assertThat(image()).containsExactly("1 a2");
    }

    @Test
    void aRunThatWasKilledBetweenItsTwoCommitsIsMadeGood() {
        log.add(0, change("c", 10, 1, "a"));
        ingest.run(SOURCE);
        log.add(0, change("u", 20, 1, "a2"));
        appendOnly();
        assertThat(image()).containsExactly("1 a");

        ingest.run(SOURCE);

        assertThat(image()).containsExactly("1 a2");
        assertThat(changes()).isEqualTo(2);
    }

    /** The first half of an ingest. */
    private void appendOnly() {
        ChangeLog.Batch batch = log.read(
                SOURCE,
                KafkaOffsets.parse(
                        SOURCE.topic(),
                        Lake.summary(lake.find("changes_transactions").orElseThrow(), LakeLayout.SUMMARY_OFFSETS)
                                .orElseThrow()),
                lake.spark().sparkContext().longAccumulator());
        try {
            batch.events()
                    .writeTo(lake.sqlName("changes_transactions"))
                    .option(
                            "snapshot-property." + LakeLayout.SUMMARY_OFFSETS,
                            batch.end().toJson())
                    .append();
        } catch (org.apache.spark.sql.catalyst.analysis.NoSuchTableException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anEventThatComesAgainNeverUndoesALaterOne() {
        log.add(0, change("c", 10, 1, "a"));
        log.add(0, change("u", 20, 1, "a2"));
        log.add(0, delete(25, 3));
        ingest.run(SOURCE);

        log.add(0, change("c", 10, 1, "a"));
        log.add(0, change("c", 12, 3, "deleted since"));
        ingest.run(SOURCE);
        assertThat(image()).containsExactly("1 a2");

        log.add(0, change("u", 20, 1, "a2"));
        log.add(0, change("u", 30, 1, "a3"));
        ingest.run(SOURCE);
        assertThat(image()).containsExactly("1 a3");
    }

    @Test
    void ofEventsAtOnePositionTheFirstAppearanceCounts() {
        log.add(0, change("r", 10, 1, "a"));
        log.add(0, change("u", 10, 1, "a2"));
        ingest.run(SOURCE);

        log.add(0, change("r", 10, 1, "a"));
        ingest.run(SOURCE);

        assertThat(image()).containsExactly("1 a2");
    }

    @Test
    void aValueThatAnUpdateLeftAloneStays() {
        log.add(0, change("c", 10, 1, "a"));
        ingest.run(SOURCE);
        log.add(0, new Event("u", 20, TIME, List.of("3"), change("u", 20, 1, "").values()));
        log.add(0, new Event("u", 30, TIME, List.of("3"), change("u", 30, 1, "").values()));
        log.add(0, change("c", 40, 2, "b"));
        log.add(0, new Event("u", 50, TIME, List.of("3"), change("u", 50, 2, "").values()));

        ingest.run(SOURCE);

        assertThat(image()).containsExactly("1 a", "2 b");
    }

    @Test
    void aTruncateEndsWhatWasThereWhereverItWasRead() {
        log.add(0, change("c", 10, 1, "a"));
        log.add(1, change("c", 11, 2, "b"));
        ingest.run(SOURCE);
        log.add(0, Event.of("t", 20, TIME, null, null, null, null, null, null));
        log.add(1, change("c", 30, 4, "after"));
        ingest.run(SOURCE);
        assertThat(image()).containsExactly("4 after");

        // The other partition lags behind: this was before the truncate.
        log.add(1, change("c", 12, 3, "c"));
        ingest.run(SOURCE);
        assertThat(image()).containsExactly("4 after");
    }

    @Test
    void aTopicWithoutEventsGivesTablesWithoutRows() {
        ingest.run(SOURCE);

        assertThat(changes()).isZero();
        assertThat(image()).isEmpty();
    }

    @Test
    void changedColumnsAreRefused() {
        log.add(0, change("c", 10, 1, "a"));
        ingest.run(SOURCE);
        List<Column> columns = new ArrayList<>(SOURCE.columns());
        columns.set(3, new Column("vendor", ColumnType.INT64, 0));
        DataSource changed = new DataSource(
                SOURCE.name(),
                SOURCE.table(),
                SOURCE.topic(),
                SOURCE.mode(),
                SOURCE.primaryKey(),
                SOURCE.eventTime(),
                columns,
                "",
                Map.of(),
                "");

        assertThatThrownBy(() -> ingest.run(changed))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEFINITION_INVALID))
                .hasMessageContaining("(defined now: vendor bigint; in the lake: vendor string)");
    }
}
