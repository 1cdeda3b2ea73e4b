package dev.larder.materializer.testing;

import dev.larder.materializer.testing.MemoryLog.Event;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A table that lives from a seed: rows are inserted, updated, deleted, inserted again and truncated, and what a capture of it
 * would send goes to a log with duplicates, replays after restarts, and no order between the rows.
 */
public final class SourceTable {
    private static final int PARTITIONS = 3;
    private static final int ROWS = 60;

    private final Random random;
    private final MemoryLog log;
    private final BiFunction<Random, Long, @Nullable Object[]> newRow;
    private final int largeColumn;
    private final int rowsPerStatement;
    private final TreeMap<Long, @Nullable Object[]> present = new TreeMap<>();
    private final List<Event> history = new ArrayList<>();
    private final List<Event> sent = new ArrayList<>();
    private final Map<Event, Integer> partitionOf = new HashMap<>();
    private Instant now;
    private long lsn = 1000;

    /**
     * @param newRow makes a row with the given primary key, which is the first column
     * @param rowsPerStatement how many rows one INSERT makes at most; all of them have one log position
     * @param largeColumn one whose value the log leaves out when an update does not touch it
     */
    public SourceTable(
            Random random,
            MemoryLog log,
            Instant now,
            int rowsPerStatement,
            int largeColumn,
            BiFunction<Random, Long, @Nullable Object[]> newRow) {
        this.random = random;
        this.log = log;
        this.now = now;
        this.rowsPerStatement = rowsPerStatement;
        this.largeColumn = largeColumn;
        this.newRow = newRow;
    }

    /** Rows by primary key, as a query of the table would show them. */
    public Map<Long, @Nullable Object[]> present() {
        return Collections.unmodifiableMap(present);
    }

    /**
     * What happened, once each, in the order of the transactions; values are whole, of deletes only the key, of truncates
     * none.
     */
    public List<Event> history() {
        return Collections.unmodifiableList(history);
    }

    /** Changes some rows and sends what came of it. */
    public void live(int changes) {
        List<Event> fresh = new ArrayList<>();
        for (int i = 0; i < changes; i++) {
            fresh.addAll(change());
        }
        send(fresh);
    }

    private List<Event> change() {
        now = now.plusSeconds(random.nextInt(4000)).plusNanos(random.nextInt(1_000_000) * 1000L);
        int dice = random.nextInt(100);
        if (dice < 1) {
            present.clear();
            return List.of(record(
                    0L, new Event("t", nextLsn(), now, List.of(), new Object[newRow.apply(new Random(0), 0L).length])));
        }
        long key = random.nextInt(ROWS);
        if (!present.containsKey(key)) {
            // One statement inserts several rows at one position.
            long position = nextLsn();
            List<Event> inserted = new ArrayList<>();
            for (long k = key; k < key + 1 + random.nextInt(rowsPerStatement); k++) {
                if (!present.containsKey(k)) {
                    inserted.add(insert(k, position));
                }
            }
            return inserted;
        }
        if (dice < 20) {
            present.remove(key);
            return List.of(record(key, new Event("d", nextLsn(), now, List.of(), onlyKey(key))));
        }
        return List.of(update(key));
    }

    private Event insert(long key, long position) {
        @Nullable Object[] row = newRow.apply(random, key);
        present.put(key, row);
        return record(key, new Event(random.nextInt(10) == 0 ? "r" : "c", position, now, List.of(), row));
    }

    private Event update(long key) {
        @Nullable Object[] row = newRow.apply(random, key);
        if (random.nextInt(3) > 0) {
            present.put(key, row);
            return record(key, new Event("u", nextLsn(), now, List.of(), row));
        }
        row[largeColumn] = java.util.Objects.requireNonNull(present.get(key))[largeColumn];
        present.put(key, row);
        long position = nextLsn();
        history.add(new Event("u", position, now, List.of(), row));
        @Nullable Object[] logged = row.clone();
        logged[largeColumn] = null;
        Event event = new Event("u", position, now, List.of(Integer.toString(largeColumn)), logged);
        partitionOf.put(event, (int) (key % PARTITIONS));
        return event;
    }

    private Event record(long key, Event event) {
        history.add(event);
        partitionOf.put(event, (int) (key % PARTITIONS));
        return event;
    }

    private @Nullable Object[] onlyKey(long key) {
        @Nullable Object[] row = new Object[newRow.apply(new Random(0), 0L).length];
        row[0] = key;
        return row;
    }

    private long nextLsn() {
        lsn += 1 + random.nextInt(20);
        return lsn;
    }

    private void send(List<Event> fresh) {
        for (Event event : fresh) {
            deliver(event);
            sent.add(event);
            if (random.nextInt(12) == 0) {
                deliver(sent.get(random.nextInt(sent.size())));
            }
        }
        if (random.nextInt(3) == 0) {
            // A restart goes on from a position that was confirmed some time ago.
            int from = Math.max(0, sent.size() - 1 - random.nextInt(25));
            sent.subList(from, sent.size()).forEach(this::deliver);
        }
    }

    private void deliver(Event event) {
        log.add(java.util.Objects.requireNonNull(partitionOf.get(event)), event);
    }
}
