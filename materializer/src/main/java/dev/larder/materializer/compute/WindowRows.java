package dev.larder.materializer.compute;

import dev.larder.materializer.compute.KeyColumns.Entity;
import dev.larder.materializer.lake.Micros;
import dev.larder.model.Aggregation;
import dev.larder.model.FeatureView;
import dev.larder.model.FeatureView.Aggregated;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;

/**
 * The feature rows of an aggregated view: slides over the events, which come entity by entity in the order of their event
 * time, and keeps no more than one entity's longest window of them. An event is a row of the event time in microseconds, the
 * join keys and one column per aggregation.
 *
 * <p>A row follows from the events in the longest window before its stamp and the one before that: an empty window after
 * one that was not is the expiry row. So the events must reach back to the longest window before the stamp before the
 * interval's first one.
 */
final class WindowRows implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    private final StampGrid grid;
    private final ZoneId zone;
    private final KeyColumns keys;
    private final Aggregate[] aggregates;
    private final long longest;
    private final long from;
    private final long to;
    private final LongAccumulator counter;

    WindowRows(FeatureView view, Aggregated computation, Interval interval, LongAccumulator counter) {
        grid = new StampGrid(computation.every(), computation.zone());
        zone = computation.zone();
        keys = new KeyColumns(view, 1);
        aggregates = computation.aggregations().stream().map(Aggregate::new).toArray(Aggregate[]::new);
        longest = longestWindow(computation);
        from = interval.fromMicros();
        to = interval.toMicros();
        this.counter = counter;
    }

    static long longestWindow(Aggregated computation) {
        return computation.aggregations().stream()
                .map(Aggregation::window)
                .mapToLong(Aggregate::micros)
                .max()
                .orElseThrow();
    }

    @Override
    public Iterator<Row> call(Iterator<Row> events) {
        return new Slide(events);
    }

    private record Event(long time, Entity entity, @Nullable Object[] operands) {}

    private Event event(Row row) {
        @Nullable Object[] operands = new Object[aggregates.length];
        for (int i = 0; i < aggregates.length; i++) {
            operands[i] = aggregates[i].operand(row.get(keys.end() + i));
        }
        return new Event(row.getLong(0), keys.read(row), operands);
    }

    private final class Slide implements Iterator<Row> {
        private final Iterator<Row> rows;
        private @Nullable Event coming;
        private @Nullable Entity entity;
        /** Events of the longest window, from {@code head} on. */
        private final List<Event> window = new ArrayList<>();

        private int head;
        private long stamp;
        private boolean filledBefore;
        private @Nullable Row found;

        Slide(Iterator<Row> rows) {
            this.rows = rows;
            advance();
        }

        @Override
        public boolean hasNext() {
            while (found == null && step()) {}
            return found != null;
        }

        @Override
        public Row next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Row row = Objects.requireNonNull(found);
            found = null;
            return row;
        }

        private void advance() {
            coming = rows.hasNext() ? event(rows.next()) : null;
        }

        /** Handles one stamp; false at the end of all events. */
        private boolean step() {
            Entity current = entity;
            if (current == null) {
                return begin();
            }
            fill(current);
            boolean filled = head < window.size();
            if ((filled || filledBefore) && stamp > from && stamp <= to) {
                found = row(current);
            }
            filledBefore = filled;
            if (filled) {
                stamp = grid.firstAfter(stamp);
            } else if (coming != null && coming.entity().equals(current)) {
                stamp = grid.firstAfter(coming.time());
            } else {
                entity = null;
            }
            if (stamp > to) {
                skip(current);
            }
            return true;
        }

        private boolean begin() {
            if (coming == null) {
                return false;
            }
            entity = coming.entity();
            stamp = grid.firstAfter(coming.time());
            window.clear();
            head = 0;
            filledBefore = false;
            return true;
        }

        private void skip(Entity current) {
            while (coming != null && coming.entity().equals(current)) {
                advance();
            }
            entity = null;
        }

        /** Takes in the events before the stamp and drops those that are too old for it. */
        private void fill(Entity current) {
            while (coming != null && coming.time() < stamp && coming.entity().equals(current)) {
                window.add(coming);
                advance();
            }
            while (head < window.size() && window.get(head).time() < stamp - longest) {
                head++;
            }
            if (head > window.size() / 2) {
                window.subList(0, head).clear();
                head = 0;
            }
        }

        private Row row(Entity current) {
            List<@Nullable Object> columns = new ArrayList<>(current.values());
            columns.add(Micros.toInstant(stamp));
            for (int i = 0; i < aggregates.length; i++) {
                columns.add(result(i));
            }
            columns.add(StampGrid.day(stamp, zone));
            counter.add(1);
            return RowFactory.create(columns.toArray());
        }

        private @Nullable Object result(int i) {
            long first = stamp - aggregates[i].windowMicros();
            Aggregate.Fold fold = aggregates[i].fold();
            for (int e = window.size() - 1; e >= head && window.get(e).time() >= first; e--) {
                Object operand = window.get(e).operands()[i];
                if (operand != null) {
                    fold.add(operand);
                }
            }
            return aggregates[i].result(fold);
        }
    }
}
