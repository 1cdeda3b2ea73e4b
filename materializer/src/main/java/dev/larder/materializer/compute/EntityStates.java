package dev.larder.materializer.compute;

import dev.larder.materializer.compute.KeyColumns.Entity;
import dev.larder.materializer.lake.Micros;
import dev.larder.model.FeatureView;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;

/**
 * The feature rows of a state view, from what {@link RowVersions} made of the events. They come entity by entity, the last
 * in the log first: of several at one stamp the first to come wins, and an end is void when a version that came before it
 * has a stamp at or before the end's own (the entity was there again).
 */
final class EntityStates implements MapPartitionsFunction<Row, Row> {
    private static final int FIRST_KEY = 3;
    private static final long serialVersionUID = 1L;

    private final KeyColumns keys;
    private final int deleted;
    private final ZoneId zone;
    private final long from;
    private final long to;
    private final LongAccumulator counter;

    EntityStates(FeatureView view, ZoneId zone, Interval interval, LongAccumulator counter) {
        keys = new KeyColumns(view, FIRST_KEY);
        deleted = keys.end() + 1 + view.features().size();
        this.zone = zone;
        from = interval.fromMicros();
        to = interval.toMicros();
        this.counter = counter;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> meanings) {
        return new States(meanings);
    }

    private final class States implements Iterator<Row> {
        private final Iterator<Row> meanings;
        private @Nullable Entity entity;
        private final Set<Long> stamps = new HashSet<>();
        private long earliestLaterVersion;
        private @Nullable Row found;

        States(Iterator<Row> meanings) {
            this.meanings = meanings;
        }

        @Override
        public boolean hasNext() {
            while (found == null && meanings.hasNext()) {
                found = state(meanings.next());
            }
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

        private @Nullable Row state(Row meaning) {
            Entity current = keys.read(meaning);
            if (!current.equals(entity)) {
                entity = current;
                stamps.clear();
                earliestLaterVersion = Long.MAX_VALUE;
            }
            long stamp = Micros.of((Instant) meaning.get(keys.end()));
            boolean ends = meaning.getBoolean(deleted);
            if (ends && earliestLaterVersion <= stamp) {
                return null;
            }
            if (!ends) {
                earliestLaterVersion = Math.min(earliestLaterVersion, stamp);
            }
            if (!stamps.add(stamp) || stamp <= from || stamp > to) {
                return null;
            }
            List<@Nullable Object> columns = new ArrayList<>();
            for (int i = FIRST_KEY; i <= deleted; i++) {
                columns.add(meaning.get(i));
            }
            columns.add(StampGrid.day(stamp, zone));
            counter.add(1);
            return RowFactory.create(columns.toArray());
        }
    }
}
