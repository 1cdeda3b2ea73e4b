package dev.larder.materializer.ingest;

import dev.larder.materializer.lake.Commits;
import dev.larder.materializer.lake.Lake;
import dev.larder.materializer.lake.TaskMeter;
import dev.larder.model.DataSource;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.offlinestore.LakeLayout;
import dev.larder.progress.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Appends new change events to {@code changes_<source>} and brings {@code image_<source>} up to date. The offsets read travel
 * in the commit of the rows, and the image names the snapshot of the changes it holds: killed at any time, the next run goes
 * on where the tables are. Two at once may append an event twice, which means nothing: it is one event by its identity.
 */
public final class Ingest {
    private static final String OFFSETS = "snapshot-property." + LakeLayout.SUMMARY_OFFSETS;

    private final Lake lake;
    private final ChangeLog log;
    private final Image image;
    private final Progress progress;

    public Ingest(Lake lake, ChangeLog log, Progress progress) {
        this.lake = lake;
        this.log = log;
        this.image = new Image(lake);
        this.progress = progress;
    }

    public void run(DataSource source) {
        try (Progress.Step step = progress.start("ingest " + source.name(), "events")) {
            long appended = Commits.retrying("the changes of source " + source.name(), () -> append(source, step));
            boolean merged = image.update(source);
            step.done(appended == 0 ? (merged ? "nothing new, rows brought up to date" : "nothing new") : "");
        }
    }

    /** @return how many offsets were read */
    private long append(DataSource source, Progress.Step step) throws TableAlreadyExistsException {
        String name = LakeLayout.changesTable(source.name());
        KafkaOffsets from = lake.find(name)
                .map(table -> offsets(table, source))
                .orElseGet(() -> new KafkaOffsets(source.topic(), Map.of()));
        try (TaskMeter meter = TaskMeter.start(lake.spark(), step)) {
            ChangeLog.Batch batch = log.read(source, from, meter.counter());
            step.expect(batch.size());
            if (lake.find(name).isEmpty()) {
                // A topic without events still gives a table, so that what follows finds an empty one.
                create(name, batch);
            } else if (batch.size() > 0) {
                append(name, batch);
            }
            meter.total(batch.size());
            return batch.size();
        }
    }

    private KafkaOffsets offsets(Table table, DataSource source) {
        checkColumns(source);
        return Lake.summary(table, LakeLayout.SUMMARY_OFFSETS)
                .map(text -> KafkaOffsets.parse(source.topic(), text))
                .orElseGet(() -> new KafkaOffsets(source.topic(), Map.of()));
    }

    private void checkColumns(DataSource source) {
        List<String> kept = described(lake.spark()
                .table(lake.sqlName(LakeLayout.changesTable(source.name())))
                .schema());
        List<String> wanted = described(ChangeColumns.schema(source));
        if (!kept.equals(wanted)) {
            List<String> different = new ArrayList<>(wanted);
            different.removeAll(kept);
            List<String> gone = new ArrayList<>(kept);
            gone.removeAll(wanted);
            throw new LarderException(
                    ErrorCode.DEFINITION_INVALID,
                    ("The columns of source %s are not those that its changes were ingested with (defined now: %s; in the lake:"
                                    + " %s). Undo the change, or point the project to a new lake (larder.lake of feature_store.yaml) and"
                                    + " ingest everything again.")
                            .formatted(
                                    source.name(),
                                    different.isEmpty() ? "another order" : String.join(", ", different),
                                    gone.isEmpty() ? "the same" : String.join(", ", gone)));
        }
    }

    private static List<String> described(StructType schema) {
        return Arrays.stream(schema.fields())
                .map((StructField field) ->
                        field.name() + " " + field.dataType().simpleString())
                .toList();
    }

    /** @throws TableAlreadyExistsException if another ingest began at the same moment: append to its table */
    private void create(String name, ChangeLog.Batch batch) throws TableAlreadyExistsException {
        batch.events()
                .writeTo(lake.sqlName(name))
                .using("iceberg")
                .tableProperty("format-version", "2")
                .option(OFFSETS, batch.end().toJson())
                .create();
    }

    private void append(String name, ChangeLog.Batch batch) {
        try {
            batch.events()
                    .writeTo(lake.sqlName(name))
                    .option(OFFSETS, batch.end().toJson())
                    .append();
        } catch (NoSuchTableException e) {
            throw new LarderException(
                    ErrorCode.LAKE_UNAVAILABLE, "Table %s vanished while it was written.".formatted(name), e);
        }
    }
}
