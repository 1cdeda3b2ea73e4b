package dev.larder.materializer.ingest;

import static org.apache.spark.sql.functions.col;

import dev.larder.model.DataSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What happened to each row of the source, one row after the other in log order: a replay (the same lsn and op again, at a
 * later offset) is dropped, a value that an update left alone is taken from the version before it, and a truncate ends every
 * row that was there.
 */
public final class WholeEvents implements MapPartitionsFunction<Row, Row> {
    private static final int OP = 3;
    private static final int LSN = 4;
    private static final int DELETED = 6;
    private static final int UNCHANGED = 7;
    private static final long serialVersionUID = 1L;

    private final int[] primaryKey;
    private final List<String> columns;
    private final List<Truncation> truncations;
    private final boolean newestOnly;

    private WholeEvents(DataSource source, List<Truncation> truncations, boolean newestOnly) {
        StructType schema = ChangeColumns.schema(source);
        this.columns = List.of(schema.fieldNames());
        this.primaryKey =
                source.primaryKey().stream().mapToInt(columns::indexOf).toArray();
        this.truncations = truncations;
        this.newestOnly = newestOnly;
    }

    /** Every event of a table of changes; the events of a primary key lie in one partition, one after the other. */
    public static Dataset<Row> all(Dataset<Row> changes, DataSource source) {
        return of(changes, source, Truncation.in(changes, source), false);
    }

    /** The last event of each primary key. */
    static Dataset<Row> newest(Dataset<Row> changes, DataSource source, List<Truncation> truncations) {
        return of(changes, source, truncations, true);
    }

    private static Dataset<Row> of(
            Dataset<Row> changes, DataSource source, List<Truncation> truncations, boolean newestOnly) {
        StructType schema = ChangeColumns.schema(source);
        Column[] key =
                source.primaryKey().stream().map(name -> col("`" + name + "`")).toArray(Column[]::new);
        Column[] order = Stream.concat(
                        Arrays.stream(key),
                        Stream.of(ChangeColumns.LSN, ChangeColumns.OFFSET, ChangeColumns.PARTITION)
                                .map(name -> col(name)))
                .toArray(Column[]::new);
        return changes.where(key[0].isNotNull())
                .select(Arrays.stream(schema.fieldNames())
                        .map(name -> col("`" + name + "`"))
                        .toArray(Column[]::new))
                .repartition(key)
                .sortWithinPartitions(order)
                .mapPartitions(
                        (MapPartitionsFunction<Row, Row>) new WholeEvents(source, truncations, newestOnly),
                        Encoders.row(schema));
    }

    @Override
    public Iterator<Row> call(Iterator<Row> events) {
        return new Histories(events);
    }

    private record Identity(long lsn, String op) {}

    private final class Histories implements Iterator<Row> {
        private final Iterator<Row> events;
        private @Nullable Row coming;
        private Iterator<Row> ready = Collections.emptyIterator();

        Histories(Iterator<Row> events) {
            this.events = events;
            coming = events.hasNext() ? events.next() : null;
        }

        @Override
        public boolean hasNext() {
            while (!ready.hasNext() && coming != null) {
                List<Row> history = history(coming);
                ready = (newestOnly ? history.subList(history.size() - 1, history.size()) : history).iterator();
            }
            return ready.hasNext();
        }

        @Override
        public Row next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return ready.next();
        }

        /** All events of one primary key; takes them from the input. */
        private List<Row> history(Row first) {
            List<Object> key = key(first);
            List<Row> history = new ArrayList<>();
            Set<Identity> seen = new HashSet<>();
            Iterator<Truncation> truncates = truncations.iterator();
            Truncation truncate = truncates.hasNext() ? truncates.next() : null;
            @Nullable Row before = null;
            while (coming != null && key(coming).equals(key)) {
                Row event = coming;
                coming = events.hasNext() ? events.next() : null;
                while (truncate != null && truncate.lsn() < event.getLong(LSN)) {
                    before = end(before, truncate, history);
                    truncate = truncates.hasNext() ? truncates.next() : null;
                }
                if (seen.add(new Identity(event.getLong(LSN), event.getString(OP)))) {
                    before = whole(event, before);
                    history.add(before);
                }
            }
            while (truncate != null) {
                before = end(before, truncate, history);
                truncate = truncates.hasNext() ? truncates.next() : null;
            }
            return history;
        }

        private @Nullable Row end(@Nullable Row before, Truncation truncate, List<Row> history) {
            if (before == null || before.getBoolean(DELETED) || truncate.lsn() <= before.getLong(LSN)) {
                return before;
            }
            @Nullable Object[] row = values(truncate.event());
            for (int column : primaryKey) {
                row[column] = before.get(column);
            }
            Row ended = RowFactory.create(row);
            history.add(ended);
            return ended;
        }
    }

    private List<Object> key(Row event) {
        List<Object> key = new ArrayList<>(primaryKey.length);
        for (int column : primaryKey) {
            key.add(event.get(column));
        }
        return key;
    }

    /** Without a version before it the event stays as it is, and so do the names of what it does not hold. */
    private Row whole(Row event, @Nullable Row before) {
        if (event.isNullAt(UNCHANGED) || before == null) {
            return event;
        }
        @Nullable Object[] row = values(event);
        for (String name : unchanged(event)) {
            int column = columns.indexOf(name);
            if (column >= 0) {
                row[column] = before.get(column);
            }
        }
        // What the version before did not hold either is still to be found before that one.
        row[UNCHANGED] = before.isNullAt(UNCHANGED) ? null : stillUnknown(event, before);
        return RowFactory.create(row);
    }

    private static String @Nullable [] stillUnknown(Row event, Row before) {
        Set<String> names = new HashSet<>(unchanged(before));
        names.retainAll(unchanged(event));
        return names.isEmpty() ? null : names.toArray(String[]::new);
    }

    /** An array if the row was made here, something of Scala's if Spark made it. */
    private static List<String> unchanged(Row event) {
        return event.get(UNCHANGED) instanceof String[] names ? List.of(names) : event.getList(UNCHANGED);
    }

    private static @Nullable Object[] values(Row row) {
        @Nullable Object[] values = new Object[row.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = row.get(i);
        }
        return values;
    }
}
