package dev.larder.onlinestore;

import dev.larder.onlinestore.OnlineStore.OnlineRow;
import dev.larder.onlinestore.OnlineStore.ViewRead;
import dev.larder.onlinestore.OnlineStore.ViewRows;
import dev.larder.onlinestore.RedisCommands.Fields;
import io.lettuce.core.protocol.AsyncCommand;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Hot path. All views of the same entities lie in one hash per entity, so a request is one command per entity, all sent
 * together. From some number of fields on, reading the whole hash costs Redis less than looking the fields up, unless the hash
 * holds many more than are wanted.
 */
final class RedisReader {
    /** Where both cost the same in a hash that Redis keeps as a list (up to 512 fields), whatever its size. */
    private static final int FIELDS_WORTH_A_WHOLE_HASH = 24;

    /** How many times the wanted fields a hash may hold before reading it whole wastes more than it saves. */
    private static final int WASTE = 8;

    private final RedisConnection connection;
    private final RedisLayout layout;
    private final RedisFailures failures;
    /** The greatest number of fields seen in a hash that holds the view. */
    private final Map<String, Integer> hashSizes = new ConcurrentHashMap<>();

    RedisReader(RedisConnection connection, RedisLayout layout, RedisFailures failures) {
        this.connection = connection;
        this.layout = layout;
        this.failures = failures;
    }

    List<ViewRows> read(List<ViewRead> reads) {
        List<EntitySet> sets = new ArrayList<>();
        List<ViewPart> parts = new ArrayList<>(reads.size());
        for (ViewRead read : reads) {
            parts.add(setOf(sets, read.keys()).add(read));
        }
        List<AsyncCommand<byte[], byte[], byte[] @Nullable []>> commands = new ArrayList<>();
        sets.forEach(set -> commands.addAll(set.commands()));
        if (!commands.isEmpty()) {
            connection.run(commands);
        }
        return parts.stream().map(this::rows).toList();
    }

    private EntitySet setOf(List<EntitySet> sets, List<byte[]> keys) {
        for (EntitySet set : sets) {
            if (isSame(set.keys, keys)) {
                return set;
            }
        }
        EntitySet set = new EntitySet(keys);
        sets.add(set);
        return set;
    }

    private static boolean isSame(List<byte[]> some, List<byte[]> others) {
        if (some == others) {
            return true;
        }
        if (some.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < some.size(); i++) {
            if (!Arrays.equals(some.get(i), others.get(i))) {
                return false;
            }
        }
        return true;
    }

    private ViewRows rows(ViewPart part) {
        EntitySet set = part.set();
        @Nullable OnlineRow[] rows = new OnlineRow[set.keys.size()];
        int size = 0;
        for (int i = 0; i < rows.length; i++) {
            rows[i] = row(part, connection.answer(set.commands.get(i)));
            size = Math.max(size, RedisCommands.size(set.commands.get(i)));
        }
        if (size > hashSizes.getOrDefault(part.view(), 0)) {
            hashSizes.put(part.view(), size);
        }
        return new ViewRows(Arrays.asList(rows));
    }

    private @Nullable OnlineRow row(ViewPart part, byte[] @Nullable [] hash) {
        byte[] bytes = hash[part.time()];
        if (bytes == null) {
            return null;
        }
        RedisTime time = RedisTime.parse(bytes);
        if (time == null) {
            throw failures.corruptTime(part.view(), layout.own(RedisState.NAME));
        }
        int[] slots = part.slots();
        byte[] @Nullable [] values = new byte[slots.length][];
        for (int i = 0; i < slots.length; i++) {
            values[i] = hash[slots[i]];
        }
        return new OnlineRow(time.seconds(), time.nanos(), values);
    }

    /**
     * One view's part of what is asked about a set of entities.
     *
     * @param time where the time comes in an entity's answer
     * @param slots where the values of the features come
     */
    private record ViewPart(EntitySet set, String view, int time, int[] slots) {}

    /** What is asked about the same entities. */
    private final class EntitySet {
        private final List<byte[]> keys;
        private final Map<ByteBuffer, Integer> fields = new LinkedHashMap<>();
        private final List<String> views = new ArrayList<>();
        private final List<AsyncCommand<byte[], byte[], byte[] @Nullable []>> commands = new ArrayList<>();

        EntitySet(List<byte[]> keys) {
            this.keys = keys;
        }

        ViewPart add(ViewRead read) {
            String view = read.featureView();
            views.add(view);
            int time = slot(layout.timeField(view));
            int[] slots = new int[read.features().size()];
            for (int i = 0; i < slots.length; i++) {
                slots[i] = slot(layout.field(view, read.features().get(i)));
            }
            return new ViewPart(this, view, time, slots);
        }

        private int slot(byte[] field) {
            int next = fields.size();
            Integer known = fields.putIfAbsent(ByteBuffer.wrap(field), next);
            return known == null ? next : known;
        }

        List<AsyncCommand<byte[], byte[], byte[] @Nullable []>> commands() {
            Fields asked = Fields.of(fields);
            boolean whole = wantsWhole();
            for (byte[] key : keys) {
                byte[] hash = layout.key(key);
                commands.add(whole ? RedisCommands.hgetall(hash, asked) : RedisCommands.hmget(hash, asked));
            }
            return commands;
        }

        private boolean wantsWhole() {
            return fields.size() >= FIELDS_WORTH_A_WHOLE_HASH
                    && views.stream().allMatch(view -> hashSizes.getOrDefault(view, 0) <= WASTE * fields.size());
        }
    }
}
