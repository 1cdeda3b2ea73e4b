package dev.larder.onlinestore;

import dev.larder.onlinestore.OnlineStore.MaterializationState;
import dev.larder.onlinestore.RedisSettings.Topology;
import io.lettuce.core.KeyValue;
import io.lettuce.core.SetArgs;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What we remember in Redis beside Feast's rows, so that it is lost when they are: the hash {@code views} with each prepared
 * view's features, and the hash {@code state} with how far it is materialized. A random mark is set where there is none; a
 * cluster may lose one node's rows alone, so there marks lie all over it. A state names the marks that it was saved under and
 * counts only while they are there.
 */
final class RedisState {
    static final String NAME = "state";

    private static final String SEPARATOR = "\n";
    /** So many that, of some ten nodes, each has some. */
    private static final int MARKS_IN_A_CLUSTER = 256;

    /** The state's own field for its mark; no view has this name. */
    private static final byte[] MARK = {};

    private final RedisConnection connection;
    private final RedisFailures failures;
    private final @Nullable RedisFence fence;
    private final byte[] views;
    private final byte[] states;
    private final List<byte[]> marks;
    /** By view, the marks that its rows have been written under since its state was asked for. */
    private final Map<String, String> marksBefore = new ConcurrentHashMap<>();

    /** @param fence null: anybody may save a state at any time */
    RedisState(
            RedisConnection connection,
            RedisLayout layout,
            RedisFailures failures,
            @Nullable RedisFence fence,
            Topology topology) {
        this.connection = connection;
        this.failures = failures;
        this.fence = fence;
        marks = layout.spread("mark", topology == Topology.REDIS_CLUSTER ? MARKS_IN_A_CLUSTER : 0);
        views = RedisLayout.utf8(layout.own("views"));
        states = RedisLayout.utf8(layout.own(NAME));
    }

    /** The features that each prepared view has or has had. */
    Map<String, Set<String>> views() {
        Map<byte[], byte[]> stored = connection.ask(commands -> commands.hgetall(views));
        Map<String, Set<String>> features = new TreeMap<>();
        stored.forEach((view, names) ->
                features.put(text(view), new LinkedHashSet<>(List.of(text(names).split(SEPARATOR, -1)))));
        return features;
    }

    void saveView(String view, Set<String> features) {
        connection.ask(commands ->
                commands.hset(views, RedisLayout.utf8(view), RedisLayout.utf8(String.join(SEPARATOR, features))));
    }

    void forgetView(String view) {
        connection.ask(commands -> commands.hdel(views, RedisLayout.utf8(view)));
    }

    Optional<MaterializationState> state(String view) {
        String present = marks();
        if (present == null) {
            marksBefore.remove(view);
            return Optional.empty();
        }
        marksBefore.put(view, present);
        byte @Nullable [] stored = connection.ask(commands -> commands.hget(states, RedisLayout.utf8(view)));
        if (stored == null) {
            return Optional.empty();
        }
        List<String> parts = List.of(text(stored).split(" ", 4));
        return !parts.get(2).equals(present)
                ? Optional.empty()
                : Optional.of(new MaterializationState(
                        Long.parseLong(parts.get(0)),
                        Instant.EPOCH.plus(Long.parseLong(parts.get(1)), ChronoUnit.MICROS),
                        parts.get(3)));
    }

    void saveState(String view, MaterializationState state) {
        String before = marksBefore.get(view);
        String present = before == null ? mark() : marks();
        if (present == null || (before != null && !before.equals(present))) {
            throw failures.emptied();
        }
        marksBefore.put(view, present);
        byte[] field = RedisLayout.utf8(view);
        byte[] text = RedisLayout.utf8("%d %d %s %s"
                .formatted(
                        state.snapshotId(),
                        ChronoUnit.MICROS.between(Instant.EPOCH, state.end()),
                        present,
                        state.definitionHash()));
        if (fence == null) {
            connection.ask(commands -> commands.hset(states, field, text));
        } else {
            fence.setField(connection, states, field, text);
        }
    }

    void forgetState(String view) {
        connection.ask(commands -> commands.hdel(states, RedisLayout.utf8(view)));
    }

    /** Sets the marks that are not there. */
    private @Nullable String mark() {
        for (byte[] mark : marks) {
            connection.ask(commands -> commands.set(mark, random(), SetArgs.Builder.nx()));
        }
        connection.ask(commands -> commands.hsetnx(states, MARK, random()));
        return marks();
    }

    /** What all marks hold together; null if one is not there. */
    private @Nullable String marks() {
        byte @Nullable [] own = connection.ask(commands -> commands.hget(states, MARK));
        if (own == null || marks.isEmpty()) {
            return own == null ? null : text(own);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(own);
        for (KeyValue<byte[], byte[]> mark : connection.ask(commands -> commands.mget(marks.toArray(byte[][]::new)))) {
            if (!mark.hasValue()) {
                return null;
            }
            all.writeBytes(mark.getValue());
        }
        return UUID.nameUUIDFromBytes(all.toByteArray()).toString();
    }

    private static byte[] random() {
        return RedisLayout.utf8(UUID.randomUUID().toString());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
