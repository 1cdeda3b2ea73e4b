package dev.larder.materializer.compute;

import dev.larder.materializer.compute.KeyColumns.Entity;
import dev.larder.materializer.lake.Micros;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.ValueType;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/**
 * What each change event means for the entities of a state view. The events are whole and come in log order, one primary key
 * after the other; an event is a row of
 *
 * <pre>lsn, offset, partition, deleted, commit time, event time, primary key..., join keys..., columns of the features...</pre>
 *
 * and a meaning is one of
 *
 * <pre>lsn, offset, partition, join keys..., stamp, features..., is_deleted</pre>
 *
 * A version gives its entity a row; if the row belonged to another entity before, that one ends at the same stamp. A delete
 * ends the entity at the time of the commit. A version without an event time means nothing.
 */
final class RowVersions implements MapPartitionsFunction<Row, Row> {
    private static final int LSN = 0;
    private static final int OFFSET = 1;
    private static final int PARTITION = 2;
    private static final int DELETED = 3;
    private static final int COMMIT_TIME = 4;
    private static final int EVENT_TIME = 5;
    private static final int PRIMARY_KEY = 6;
    private static final long serialVersionUID = 1L;

    private final int primaryKeyEnd;
    private final KeyColumns keys;
    private final ValueType[] features;
    private final ZoneId zone;
    private final boolean stampedByColumn;

    /** @param stampedByColumn false: every version is stamped with the time of its commit */
    RowVersions(FeatureView view, int primaryKeySize, ZoneId zone, boolean stampedByColumn) {
        primaryKeyEnd = PRIMARY_KEY + primaryKeySize;
        keys = new KeyColumns(view, primaryKeyEnd);
        features = view.features().stream().map(Field::type).toArray(ValueType[]::new);
        this.zone = zone;
        this.stampedByColumn = stampedByColumn;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> events) {
        return new Meanings(events);
    }

    private final class Meanings implements Iterator<Row> {
        private final Iterator<Row> events;
        private List<@Nullable Object> primaryKey = List.of();
        /** Whom the row belonged to last, also after its delete. */
        private @Nullable Entity owner;

        private boolean present;
        private Iterator<Row> ready = Collections.emptyIterator();

        Meanings(Iterator<Row> events) {
            this.events = events;
        }

        @Override
        public boolean hasNext() {
            while (!ready.hasNext() && events.hasNext()) {
                ready = meanings(events.next()).iterator();
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

        private List<Row> meanings(Row event) {
            List<@Nullable Object> key = new ArrayList<>();
            for (int i = PRIMARY_KEY; i < primaryKeyEnd; i++) {
                key.add(event.get(i));
            }
            if (!key.equals(primaryKey)) {
                primaryKey = key;
                owner = null;
                present = false;
            }
            return event.getBoolean(DELETED) ? ended(event) : version(event);
        }

        private List<Row> ended(Row event) {
            // Without any version before it, the key alone tells the entity, if it does.
            Entity entity = owner == null ? keys.read(event) : owner;
            boolean endedBefore = owner != null && !present;
            present = false;
            return entity.isComplete() && !endedBefore ? List.of(end(event, entity, commitTime(event))) : List.of();
        }

        private List<Row> version(Row event) {
            Long stamp = stampedByColumn ? Values.time(event.get(EVENT_TIME), zone) : (Long) commitTime(event);
            if (stamp == null) {
                return List.of();
            }
            Entity before = present ? owner : null;
            Entity entity = keys.read(event);
            owner = entity;
            present = true;
            List<Row> rows = new ArrayList<>(2);
            if (entity.isComplete()) {
                @Nullable Object[] values = new Object[features.length];
                for (int i = 0; i < features.length; i++) {
                    values[i] = Values.convert(event.get(keys.end() + i), features[i]);
                }
                rows.add(row(event, entity, stamp, values, false));
            }
            if (before != null && before.isComplete() && !before.equals(entity)) {
                rows.add(end(event, before, stamp));
            }
            return rows;
        }

        private Row end(Row event, Entity entity, long stamp) {
            return row(event, entity, stamp, new Object[features.length], true);
        }

        private Row row(Row event, Entity entity, long stamp, @Nullable Object[] values, boolean deleted) {
            List<@Nullable Object> columns = new ArrayList<>();
            columns.add(event.getLong(LSN));
            columns.add(event.getLong(OFFSET));
            columns.add(event.getInt(PARTITION));
            columns.addAll(entity.values());
            columns.add(Micros.toInstant(stamp));
            columns.addAll(Arrays.asList(values));
            columns.add(deleted);
            return RowFactory.create(columns.toArray());
        }
    }

    private static long commitTime(Row event) {
        return Micros.of((Instant) event.get(COMMIT_TIME));
    }
}
