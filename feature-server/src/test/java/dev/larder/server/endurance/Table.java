package dev.larder.server.endurance;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A feature view, and the rows that it may hold. A row's values are a function of feature, entity and version, and its first
 * feature is the version. Version 0 is written before the load begins; then push number N, which has version N, replaces one
 * slot of entities, slot after slot and round again.
 */
enum Table {
    NARROW("narrow", "driver_id", 10, 10_000, 500),
    MEDIUM("medium", "driver_id", 50, 2_000, 100),
    WIDE("wide", "shop_id", 250, 500, 50);

    /** Entities from this one on have no rows. */
    static final int NEVER_WRITTEN = 1_000_000;

    private static final int ONE_NULL_IN = 16;

    private final String view;
    private final String joinKey;
    private final int entities;
    private final int batch;

    @SuppressWarnings("ImmutableEnumChecker") // unmodifiable
    private final List<Column> columns;

    Table(String view, String joinKey, int features, int entities, int batch) {
        this.view = view;
        this.joinKey = joinKey;
        this.entities = entities;
        this.batch = batch;
        columns = IntStream.range(0, features).mapToObj(Column::new).toList();
    }

    /** What the features of a view are by turns. */
    enum Type {
        INT64,
        DOUBLE,
        STRING,
        BOOL,
        INT32,
        FLOAT
    }

    /** A feature by its place in the view. */
    record Column(int index) {
        private static final List<Type> TYPES = List.of(Type.values());

        String feature() {
            return "f_" + index;
        }

        Type type() {
            return TYPES.get(index % TYPES.size());
        }
    }

    String view() {
        return view;
    }

    String joinKey() {
        return joinKey;
    }

    String pushSource() {
        return view + "_push";
    }

    List<Column> columns() {
        return columns;
    }

    int entities() {
        return entities;
    }

    /** Rows of one push. */
    int batch() {
        return batch;
    }

    /** After so many pushes the same entities come again. */
    int slots() {
        return entities / batch;
    }

    /** The entities whose rows a push replaces. */
    List<Integer> entitiesOf(long version) {
        int first = (int) ((version - 1) % slots()) * batch;
        return IntStream.range(first, first + batch).boxed().toList();
    }

    /** Whether there is a push, or the first filling, that gives the entity this version. */
    boolean mayHave(int entity, long version) {
        return version == 0 || (version > 0 && (version - 1) % slots() == slot(entity));
    }

    /** The entity's greatest version when all pushes up to the given one were made. */
    long latest(int entity, long upTo) {
        long sinceItsTurn = upTo - 1 - slot(entity);
        return sinceItsTurn < 0 ? 0 : upTo - sinceItsTurn % slots();
    }

    private int slot(int entity) {
        return entity / batch;
    }

    /** The join key's value as the store has it: a number, or a text. */
    Object key(int entity) {
        return this == WIDE ? "shop-" + entity : (Object) (long) entity;
    }

    /** @param first event time of version 0 */
    static Instant eventTime(Instant first, long version) {
        return first.plusMillis(version);
    }

    @Nullable
    Object value(Column column, int entity, long version) {
        if (column.index() == 0) {
            return version;
        }
        long random = mixed(version * 1_000_003 + entity * 1_021L + column.index() * 17L + columns.size());
        if (Long.remainderUnsigned(random, ONE_NULL_IN) == 0) {
            return null;
        }
        return switch (column.type()) {
            case INT64 -> random;
            case DOUBLE -> (random >> 12) / 1024.0;
            case STRING -> Long.toHexString(random) + (entity % 8 == 0 ? "ü\"\n€" : "");
            case BOOL -> (random & 64) != 0;
            case INT32 -> (int) random;
            case FLOAT -> (int) (random >> 40) / 8f;
        };
    }

    /** SplitMix64's last step: near arguments give unlike results. */
    private static long mixed(long number) {
        long z = number * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** The body of {@code POST /push} that gives these entities this version. */
    String push(List<Integer> who, long version, Instant first) {
        StringBuilder body = new StringBuilder(who.size() * columns.size() * 16);
        body.append("{\"push_source_name\":\"").append(pushSource()).append("\",\"df\":{\"event_timestamp\":\"");
        body.append(eventTime(first, version)).append("\",\"").append(joinKey).append("\":[");
        List<String> keys = new ArrayList<>(who.size());
        who.forEach(entity -> keys.add(json(key(entity))));
        body.append(String.join(",", keys)).append(']');
        for (Column column : columns) {
            body.append(",\"").append(column.feature()).append("\":[");
            for (int i = 0; i < who.size(); i++) {
                body.append(i == 0 ? "" : ",").append(json(value(column, who.get(i), version)));
            }
            body.append(']');
        }
        return body.append("}}").toString();
    }

    static String json(@Nullable Object value) {
        return value instanceof String text
                ? '"' + text.replace("\"", "\\\"").replace("\n", "\\n") + '"'
                : String.valueOf(value);
    }
}
