package dev.larder.server.endurance;

import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one reader must see. A row is of one push as a whole, of one that was made and, if it is answered after the push was
 * acknowledged, of no earlier one; for one reader no row ever goes back.
 */
final class Checker {
    private final Instant first;
    private final Map<Table, long[]> seen = new EnumMap<>(Table.class);

    /** @param first event time of version 0 */
    Checker(Instant first) {
        this.first = first;
        for (Table table : Table.values()) {
            seen.put(table, new long[table.entities()]);
        }
    }

    /**
     * Compares every value, status and time of an answer.
     *
     * @param acknowledged pushes of each view when the request was sent
     * @throws WrongAnswer naming the first difference
     */
    void check(Shape shape, int[] entities, Map<Table, Long> acknowledged, Answer answer) {
        for (Shape.Part part : shape.parts()) {
            for (int row = 0; row < entities.length; row++) {
                check(
                        part,
                        entities[row],
                        row,
                        entities.length,
                        Objects.requireNonNull(acknowledged.get(part.table())),
                        answer);
            }
        }
    }

    /** The greatest version of a view that was seen. */
    long greatest(Table table) {
        long greatest = 0;
        for (long version : versions(table)) {
            greatest = Math.max(greatest, version);
        }
        return greatest;
    }

    /** The version of an entity that was last seen. */
    long last(Table table, int entity) {
        return versions(table)[entity];
    }

    private long[] versions(Table table) {
        return Objects.requireNonNull(seen.get(table));
    }

    private void check(Shape.Part part, int entity, int row, int rows, long acknowledged, Answer answer) {
        Table table = part.table();
        boolean known = entity < Table.NEVER_WRITTEN;
        long version = known ? version(table, entity, row, acknowledged, answer) : 0;
        Instant time = known ? Table.eventTime(first, version) : Instant.EPOCH;
        for (Table.Column column : part.columns()) {
            String name = answer.name(table, column);
            Object expected = known ? table.value(column, entity, version) : null;
            String status = known ? (expected == null ? "NULL_VALUE" : "PRESENT") : "NOT_FOUND";
            if (answer.rows(name) != rows
                    || !same(expected, answer.value(name, row))
                    || !answer.status(name, row).equals(status)
                    || !answer.eventTime(name, row).equals(time)) {
                throw new WrongAnswer(
                        "%s of entity %s in version %d: expected %s, %s, %s in %d rows, but was %s, %s, %s in %d"
                                .formatted(
                                        name,
                                        table.key(entity),
                                        version,
                                        expected,
                                        status,
                                        time,
                                        rows,
                                        answer.value(name, row),
                                        answer.status(name, row),
                                        answer.eventTime(name, row),
                                        answer.rows(name)));
            }
        }
    }

    private long version(Table table, int entity, int row, long acknowledged, Answer answer) {
        String name = answer.name(table, table.columns().get(0));
        if (answer.rows(name) <= row || !(answer.value(name, row) instanceof Number number)) {
            throw new WrongAnswer("%s of entity %s has no version: %s"
                    .formatted(name, table.key(entity), answer.rows(name) <= row ? "no row" : answer.value(name, row)));
        }
        long version = number.longValue();
        long before = versions(table)[entity];
        if (!table.mayHave(entity, version)) {
            throw new WrongAnswer(
                    "%s of entity %s is %d, which no push has given it".formatted(name, table.key(entity), version));
        } else if (version < table.latest(entity, acknowledged)) {
            throw new WrongAnswer("%s of entity %s is %d, but push %d was acknowledged before"
                    .formatted(name, table.key(entity), version, table.latest(entity, acknowledged)));
        } else if (version < before) {
            throw new WrongAnswer(
                    "%s of entity %s has gone back from %d to %d".formatted(name, table.key(entity), before, version));
        }
        versions(table)[entity] = version;
        return version;
    }

    /** JSON has one kind of whole numbers and one of others. */
    private static boolean same(@Nullable Object expected, @Nullable Object actual) {
        if (expected instanceof Number number && actual instanceof Number other) {
            boolean whole = !(expected instanceof Double || expected instanceof Float);
            if (whole) {
                return !(other instanceof Double) && number.longValue() == other.longValue();
            }
            return number.doubleValue() == other.doubleValue();
        }
        return Objects.equals(expected, actual);
    }

    /** An answer that cannot be right. */
    static final class WrongAnswer extends RuntimeException {
        WrongAnswer(String message) {
            super(message);
        }
    }
}
