package dev.larder.materializer.testing;

import dev.larder.materializer.ingest.ChangeColumns;
import dev.larder.materializer.ingest.ChangeLog;
import dev.larder.materializer.ingest.KafkaOffsets;
import dev.larder.materializer.lake.Lake;
import dev.larder.model.DataSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;

/** A change log in memory. Each event gets the next offset of its partition. */
public final class MemoryLog implements ChangeLog {
    private final Lake lake;
    private final Map<Integer, List<Event>> partitions = new TreeMap<>();

    public MemoryLog(Lake lake) {
        this.lake = lake;
    }

    /**
     * @param unchanged positions of columns whose value the log does not hold
     * @param values columns of the source, in its order; after a delete all null but the primary key
     */
    public record Event(String op, long lsn, Instant commitTime, List<String> unchanged, @Nullable Object[] values) {
        public static Event of(String op, long lsn, Instant commitTime, @Nullable Object... values) {
            return new Event(op, lsn, commitTime, List.of(), values);
        }
    }

    public void add(int partition, Event event) {
        partitions.computeIfAbsent(partition, p -> new ArrayList<>()).add(event);
    }

    @Override
    public Batch read(DataSource source, KafkaOffsets from, LongAccumulator counter) {
        List<Row> rows = new ArrayList<>();
        Map<Integer, Long> start = new TreeMap<>();
        Map<Integer, Long> end = new TreeMap<>();
        partitions.forEach((partition, events) -> {
            int first = from.next().getOrDefault(partition, 0L).intValue();
            start.put(partition, (long) first);
            end.put(partition, (long) events.size());
            for (int offset = first; offset < events.size(); offset++) {
                rows.add(row(source, partition, offset, events.get(offset)));
            }
        });
        return new Batch(
                lake.spark().createDataFrame(rows, ChangeColumns.schema(source)).repartition(2),
                new KafkaOffsets(source.topic(), start),
                new KafkaOffsets(source.topic(), end));
    }

    private static Row row(DataSource source, int partition, long offset, Event event) {
        List<@Nullable Object> row = new ArrayList<>(Arrays.<@Nullable Object>asList(
                partition,
                offset,
                event.commitTime(),
                event.op(),
                event.lsn(),
                event.commitTime(),
                event.op().equals("d") || event.op().equals("t"),
                event.unchanged().isEmpty()
                        ? null
                        : event.unchanged().stream()
                                .map(column -> source.columns()
                                        .get(Integer.parseInt(column))
                                        .name())
                                .toArray(String[]::new)));
        row.addAll(Arrays.asList(event.values()));
        return RowFactory.create(row.toArray());
    }
}
