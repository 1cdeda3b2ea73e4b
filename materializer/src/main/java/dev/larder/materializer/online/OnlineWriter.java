package dev.larder.materializer.online;

import dev.larder.materializer.lake.Micros;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.OnlineStore.OnlineRow;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.onlinestore.OnlineStore.Retraction;
import dev.larder.onlinestore.OnlineStore.ViewRead;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.ForeachPartitionFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;

/**
 * Brings entities to the row that they should have online, in batches. A row is an encoded one of {@link EncodedRows}, null
 * but for the key where the entity should have none, then event time and version of the row that should be stored now, null
 * where nothing or something unknown is.
 *
 * <p>A write that the store refuses meets something that this should not have met (a row of another lake, or of a
 * definition that is gone): it is read back, and what is different is taken over. A read gives neither the version away nor
 * always more than the second of the event time, so a row that is newer than anything in that second is put with the right
 * values, and that one, known exactly, is then replaced; a reader never sees values of neither.
 *
 * <p>Where the store is known to hold what was materialized last, a row of a later second than anything that the table has or
 * had for the entity was pushed since: it is newer, and stays.
 *
 * <p>Taking over what is not known is the right of the one whose turn it is: {@code stores} must be those of a {@link
 * OnlineStores.Turn}, which refuse as soon as it is over.
 */
final class OnlineWriter implements ForeachPartitionFunction<Row> {
    private static final int LAST_MICROSECOND = 999_999_000;
    private static final int BATCH = 2_000;
    private static final int PREVIOUS_TIME = 4;
    private static final int PREVIOUS_VERSION = 5;
    private static final long serialVersionUID = 1L;

    private final OnlineStores stores;
    private final String view;
    private final ArrayList<String> features;
    private final boolean refill;
    private final LongAccumulator counter;
    private final LongAccumulator removed;

    /** @param refill whether nobody knows what the store holds, so that the table alone decides */
    OnlineWriter(
            OnlineStores stores,
            String view,
            List<String> features,
            boolean refill,
            LongAccumulator counter,
            LongAccumulator removed) {
        this.stores = stores;
        this.view = view;
        this.features = new ArrayList<>(features);
        this.refill = refill;
        this.counter = counter;
        this.removed = removed;
    }

    /**
     * What one entity should have.
     *
     * @param latest the last second of which a row may be that is not newer than all that the table has or had
     */
    private record Target(byte[] key, @Nullable OnlineWrite row, long latest) {}

    @Override
    public void call(Iterator<Row> rows) {
        if (!rows.hasNext()) {
            return;
        }
        try (OnlineStore store = stores.open()) {
            while (rows.hasNext()) {
                List<Row> batch = new ArrayList<>(BATCH);
                while (batch.size() < BATCH && rows.hasNext()) {
                    batch.add(rows.next());
                }
                write(store, batch);
                counter.add(batch.size());
            }
        }
    }

    private void write(OnlineStore store, List<Row> batch) {
        List<Target> puts = new ArrayList<>();
        List<Target> takenBack = new ArrayList<>();
        List<OnlineWrite> writes = new ArrayList<>();
        List<Retraction> retractions = new ArrayList<>();
        for (Row row : batch) {
            Target target = target(row, refill);
            OnlineWrite wanted = target.row();
            if (wanted == null) {
                removed.add(1);
            }
            if (row.isNullAt(PREVIOUS_TIME)) {
                puts.add(target);
                if (wanted != null) {
                    writes.add(wanted);
                }
            } else if (wanted != null && isNewer(wanted, row)) {
                puts.add(target);
                writes.add(wanted);
            } else {
                takenBack.add(target);
                retractions.add(new Retraction(
                        target.key(),
                        Micros.toInstant(row.getLong(PREVIOUS_TIME)),
                        row.getLong(PREVIOUS_VERSION),
                        wanted));
            }
        }
        if (store.put(view, features, writes) < puts.size()) {
            settle(store, puts);
        }
        if (store.retract(view, features, retractions) < takenBack.size()) {
            settle(store, takenBack);
        }
    }

    private static boolean isNewer(OnlineWrite wanted, Row row) {
        int times = Long.compare(Micros.of(wanted.eventTime()), row.getLong(PREVIOUS_TIME));
        return times > 0 || (times == 0 && wanted.version() > row.getLong(PREVIOUS_VERSION));
    }

    private static Target target(Row row, boolean refill) {
        byte[] key = row.getAs(EncodedRows.KEY);
        long latest = refill ? Long.MAX_VALUE : Math.max(second(row, 1), second(row, PREVIOUS_TIME));
        if (row.isNullAt(1)) {
            return new Target(key, null, latest);
        }
        List<byte[]> values = row.getList(3);
        return new Target(
                key,
                new OnlineWrite(key, Micros.toInstant(row.getLong(1)), row.getLong(2), values.toArray(byte[][]::new)),
                latest);
    }

    private static long second(Row row, int column) {
        return row.isNullAt(column)
                ? Long.MIN_VALUE
                : Micros.toInstant(row.getLong(column)).getEpochSecond();
    }

    private void settle(OnlineStore store, List<Target> targets) {
        // No row is of that time and version, but one that is damaged gives way to any retraction.
        store.retract(
                view,
                features,
                targets.stream()
                        .map(target ->
                                new Retraction(target.key(), Instant.EPOCH, OnlineStore.TAKEOVER_VERSION, target.row()))
                        .toList());
        List<byte[]> keys = targets.stream().map(Target::key).toList();
        List<@Nullable OnlineRow> stored =
                store.read(List.of(new ViewRead(view, features, keys))).get(0).rows();
        List<OnlineWrite> known = new ArrayList<>();
        List<Retraction> replaced = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            OnlineRow found = stored.get(i);
            OnlineWrite wanted = targets.get(i).row();
            if (found == null) {
                if (wanted != null) {
                    known.add(wanted);
                }
            } else if (found.eventSeconds() <= targets.get(i).latest() && (wanted == null || !isSame(found, wanted))) {
                byte[] key = targets.get(i).key();
                Instant time = Instant.ofEpochSecond(found.eventSeconds(), LAST_MICROSECOND);
                known.add(new OnlineWrite(
                        key, time, OnlineStore.TAKEOVER_VERSION, wanted == null ? present(found) : wanted.values()));
                replaced.add(new Retraction(key, time, OnlineStore.TAKEOVER_VERSION, wanted));
            }
        }
        store.put(view, features, known);
        store.retract(view, features, replaced);
    }

    private static boolean isSame(OnlineRow stored, OnlineWrite wanted) {
        return stored.eventSeconds() == wanted.eventTime().getEpochSecond()
                && Arrays.deepEquals(stored.values(), wanted.values());
    }

    private static byte[][] present(OnlineRow row) {
        return Arrays.stream(row.values())
                .map(value -> value == null ? new byte[0] : value)
                .toArray(byte[][]::new);
    }
}
