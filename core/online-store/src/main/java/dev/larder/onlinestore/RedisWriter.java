package dev.larder.onlinestore;

import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.onlinestore.OnlineStore.PushRule;
import dev.larder.onlinestore.OnlineStore.Retraction;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.protocol.AsyncCommand;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Changes rows by compare and set: the stored time fields are read, what to do is decided here, and a script does it on each
 * entity whose time field has not changed since. The others are read again. A batch thus takes two round trips, and a batch
 * that changes nothing one, without sending a value.
 *
 * <p>A time field that cannot be read is older than any row that is put or pushed, and the one that any retraction names.
 */
final class RedisWriter {
    private static final int ROWS_PER_ROUND_TRIP = 500;

    /** Nobody's time field: one byte is no whole message. */
    private static final byte[] ABSENT = RedisLayout.utf8("-");

    private static final byte[] PUT = RedisLayout.utf8("put");
    private static final byte[] REMOVE = RedisLayout.utf8("remove");
    private static final byte[] ALWAYS = RedisLayout.utf8("0");
    private static final long TOO_LATE = -1;

    /** In steps, since Lua can pass on only some thousand arguments at a time. */
    private static final byte[] SCRIPT = RedisLayout.utf8(
            """
            -- KEYS: the entity; ARGV: time field, what it holds ('-': is not there), seconds to live (0: for ever),
            -- until when this may be done (milliseconds since 1970, 0: always),
            -- 'put' then fields and values, or 'remove' then fields
            if ARGV[4] ~= '0' then
              local now = redis.call('TIME')
              if now[1] * 1000 + now[2] / 1000 >= tonumber(ARGV[4]) then return -1 end
            end
            if (redis.call('HGET', KEYS[1], ARGV[1]) or '-') ~= ARGV[2] then return 0 end
            local command = ARGV[5] == 'put' and 'HSET' or 'HDEL'
            for i = 6, #ARGV, 1000 do
              redis.call(command, KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV)))
            end
            if command == 'HSET' then
              if ARGV[3] ~= '0' then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
              return 1
            end
            for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
              if #field > 4 and string.sub(field, 1, 4) == '_ts:' then return 1 end
            end
            redis.call('DEL', KEYS[1])
            return 1
            """);

    private static final byte[] DIGEST = RedisLayout.utf8(sha1(SCRIPT));

    private final RedisConnection connection;
    private final RedisLayout layout;
    private final @Nullable RedisFence fence;
    private final byte[] secondsToLive;

    /** @param fence null: anybody may write at any time */
    RedisWriter(RedisConnection connection, RedisLayout layout, @Nullable RedisFence fence, int secondsToLive) {
        this.connection = connection;
        this.layout = layout;
        this.fence = fence;
        this.secondsToLive = RedisLayout.utf8(Integer.toString(secondsToLive));
    }

    long put(String view, List<String> features, List<OnlineWrite> rows) {
        List<byte[]> fields = fields(view, features);
        return apply(
                view,
                rows.stream()
                        .map(row -> {
                            requireValues(row, features.size());
                            RedisTime time = RedisTime.of(row.eventTime(), row.version());
                            Edit edit = edit(view, fields, row, time);
                            return new Change(
                                    layout.key(row.entityKey()), stored -> stored.isOlderThan(time) ? edit : null);
                        })
                        .toList());
    }

    /**
     * Of the rows of one entity only that is sent which would be left in the end, so that many of them cost no more round
     * trips than one.
     */
    long push(String view, List<String> features, List<OnlineWrite> rows, PushRule rule) {
        List<byte[]> fields = fields(view, features);
        Map<ByteBuffer, Pushed> left = new LinkedHashMap<>();
        for (OnlineWrite row : rows) {
            requireValues(row, features.size());
            byte[] hash = layout.key(row.entityKey());
            left.merge(
                    ByteBuffer.wrap(hash),
                    new Pushed(hash, row, RedisTime.of(row.eventTime(), row.version())),
                    (before, next) -> next.time().replaces(before.time(), rule) ? next : before);
        }
        List<Change> changes = new ArrayList<>(left.size());
        for (Pushed pushed : left.values()) {
            RedisTime time = pushed.time();
            Edit edit = edit(view, fields, pushed.row(), time);
            changes.add(new Change(pushed.hash(), stored -> {
                RedisTime known = stored.time();
                return known == null || time.replaces(known, rule) ? edit : null;
            }));
        }
        return apply(view, changes);
    }

    private record Pushed(byte[] hash, OnlineWrite row, RedisTime time) {}

    long retract(String view, List<String> features, List<Retraction> retractions) {
        List<byte[]> fields = fields(view, features);
        return apply(
                view,
                retractions.stream()
                        .map(retraction -> {
                            OnlineWrite row = retraction.replacement();
                            RedisTime replaced =
                                    RedisTime.of(retraction.replacedEventTime(), retraction.replacedVersion());
                            Edit edit;
                            if (row == null) {
                                edit = removal(view, fields);
                            } else {
                                requireValues(row, features.size());
                                edit = edit(view, fields, row, RedisTime.of(row.eventTime(), row.version()));
                            }
                            return new Change(
                                    layout.key(retraction.entityKey()),
                                    stored -> stored.isNamedBy(replaced) ? edit : null);
                        })
                        .toList());
    }

    /** Takes a view's rows out of these hashes, whatever they are, and says how many there were. */
    long remove(String view, List<String> features, List<byte[]> hashes) {
        Edit removal = removal(view, fields(view, features));
        return apply(
                view,
                hashes.stream()
                        .map(hash -> new Change(hash, stored -> stored.isAbsent() ? null : removal))
                        .toList());
    }

    // ------------------------------------------------------------------ what to do

    /** @param decision what to do about the row that is stored, if anything */
    private record Change(byte[] hash, Decision decision) {}

    @FunctionalInterface
    private interface Decision {
        @Nullable
        Edit about(Stored stored);
    }

    /**
     * An entity's time field.
     *
     * @param bytes null if it is not there
     * @param time null if it is not there, or cannot be read
     */
    private record Stored(byte @Nullable [] bytes, @Nullable RedisTime time) {
        static Stored of(byte @Nullable [] bytes) {
            return new Stored(bytes, bytes == null ? null : RedisTime.parse(bytes));
        }

        boolean isAbsent() {
            return bytes == null;
        }

        boolean isOlderThan(RedisTime other) {
            return time == null || time.compareTo(other) < 0;
        }

        boolean isNamedBy(RedisTime other) {
            return bytes != null && (time == null || time.equals(other));
        }
    }

    /** The script's arguments from the fifth on. */
    private record Edit(List<byte[]> arguments) {}

    private Edit edit(String view, List<byte[]> fields, OnlineWrite row, RedisTime time) {
        List<byte[]> arguments = new ArrayList<>(3 + 2 * fields.size());
        arguments.add(PUT);
        arguments.add(layout.timeField(view));
        arguments.add(time.bytes());
        for (int i = 0; i < fields.size(); i++) {
            arguments.add(fields.get(i));
            arguments.add(row.values()[i]);
        }
        return new Edit(arguments);
    }

    private Edit removal(String view, List<byte[]> fields) {
        List<byte[]> arguments = new ArrayList<>(2 + fields.size());
        arguments.add(REMOVE);
        arguments.add(layout.timeField(view));
        arguments.addAll(fields);
        return new Edit(arguments);
    }

    private List<byte[]> fields(String view, List<String> features) {
        return features.stream().map(feature -> layout.field(view, feature)).toList();
    }

    private static void requireValues(OnlineWrite row, int features) {
        if (row.values().length != features) {
            throw new IllegalArgumentException(
                    "values: " + row.values().length + " (expected: one for each of " + features + " features)");
        }
    }

    // ------------------------------------------------------------------ doing it

    private long apply(String view, List<Change> changes) {
        byte[] timeField = layout.timeField(view);
        long done = 0;
        for (int from = 0; from < changes.size(); from += ROWS_PER_ROUND_TRIP) {
            List<Change> open = changes.subList(from, Math.min(from + ROWS_PER_ROUND_TRIP, changes.size()));
            while (!open.isEmpty()) {
                Attempt attempt = attempt(timeField, open);
                done += attempt.done();
                open = attempt.overtaken();
            }
        }
        return done;
    }

    /** @param overtaken those whose row another writer has changed in between */
    private record Attempt(long done, List<Change> overtaken) {}

    private Attempt attempt(byte[] timeField, List<Change> changes) {
        List<AsyncCommand<byte[], byte[], byte[]>> times = changes.stream()
                .map(change -> RedisCommands.hget(change.hash(), timeField))
                .toList();
        byte[] until = ask(times);
        List<Change> wanted = new ArrayList<>();
        List<List<byte[]>> arguments = new ArrayList<>();
        for (int i = 0; i < changes.size(); i++) {
            Stored stored = Stored.of(connection.answer(times.get(i)));
            Edit edit = changes.get(i).decision().about(stored);
            if (edit != null) {
                wanted.add(changes.get(i));
                List<byte[]> all = new ArrayList<>(4 + edit.arguments().size());
                all.add(timeField);
                all.add(stored.bytes() == null ? ABSENT : stored.bytes());
                all.add(secondsToLive);
                all.add(until);
                all.addAll(edit.arguments());
                arguments.add(all);
            }
        }
        return wanted.isEmpty() ? new Attempt(0, List.of()) : write(wanted, arguments);
    }

    /** @return until when may be written */
    private byte[] ask(List<AsyncCommand<byte[], byte[], byte[]>> times) {
        if (fence == null) {
            connection.run(times);
            return ALWAYS;
        }
        AsyncCommand<byte[], byte[], Long> end = fence.end();
        List<AsyncCommand<byte[], byte[], ?>> all = new ArrayList<>(times);
        all.add(end);
        connection.run(all);
        return fence.requireHeld(connection.answer(end));
    }

    private Attempt write(List<Change> changes, List<List<byte[]>> arguments) {
        List<AsyncCommand<byte[], byte[], Long>> calls = new ArrayList<>(changes.size());
        for (int i = 0; i < changes.size(); i++) {
            calls.add(RedisCommands.evalsha(DIGEST, changes.get(i).hash(), arguments.get(i)));
        }
        connection.run(calls);
        List<AsyncCommand<byte[], byte[], Long>> again = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            if (isUnknownScript(calls.get(i))) {
                // A server that has just started, or has just become the master.
                calls.set(i, RedisCommands.eval(SCRIPT, changes.get(i).hash(), arguments.get(i)));
                again.add(calls.get(i));
            }
        }
        if (!again.isEmpty()) {
            connection.run(again);
        }
        List<Change> overtaken = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            long answer = connection.answer(calls.get(i));
            if (fence != null) {
                fence.requireAccepted(answer != TOO_LATE);
            }
            if (answer == 0) {
                overtaken.add(changes.get(i));
            }
        }
        return new Attempt(changes.size() - overtaken.size(), overtaken);
    }

    private static boolean isUnknownScript(AsyncCommand<byte[], byte[], Long> call) {
        try {
            call.join();
            return false;
        } catch (CompletionException e) {
            return e.getCause() instanceof RedisNoScriptException;
        }
    }

    private static String sha1(byte[] script) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(script));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-1", e);
        }
    }
}
