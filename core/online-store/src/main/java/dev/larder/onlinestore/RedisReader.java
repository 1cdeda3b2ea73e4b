package dev.larder.onlinestore;

import dev.larder.onlinestore.OnlineStore.ViewFeatures;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

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

    private final Hashes hashes;
    private final RedisLayout layout;
    private final RedisFailures failures;
    /** The greatest number of fields seen in a hash that holds the view. */
    private final ConcurrentMap<String, AtomicInteger> hashSizes = new ConcurrentHashMap<>();

    RedisReader(Hashes hashes, RedisLayout layout, RedisFailures failures) {
        this.hashes = hashes;
        this.layout = layout;
        this.failures = failures;
    }

    OnlineReader reader(List<List<ViewFeatures>> groups) {
        List<Group> entities = groups.stream().map(Group::new).toList();
        return keys -> read(entities, keys);
    }

    private CompletionStage<List<ViewRows>> read(List<Group> groups, List<List<byte[]>> keys) {
        List<Hashes.Request> requests = new ArrayList<>(groups.size());
        for (int i = 0; i < groups.size(); i++) {
            requests.add(groups.get(i).request(keys.get(i)));
        }
        if (Hashes.count(requests) == 0) {
            return CompletableFuture.completedFuture(rows(groups, keys, new StoredHash[0]));
        }
        return hashes.read(requests).handle((read, failure) -> {
            if (failure != null) {
                throw failures.of(failure);
            }
            return rows(groups, keys, read);
        });
    }

    private List<ViewRows> rows(List<Group> groups, List<List<byte[]>> keys, StoredHash[] read) {
        List<ViewRows> rows = new ArrayList<>();
        int first = 0;
        for (int i = 0; i < groups.size(); i++) {
            int end = first + keys.get(i).size();
            groups.get(i).addRows(groups.size() == 1 ? read : Arrays.copyOfRange(read, first, end), rows);
            first = end;
        }
        return rows;
    }

    /** The views of the same entities. */
    private final class Group {
        private final HashFields fields;
        private final List<Part> parts = new ArrayList<>();

        Group(List<ViewFeatures> views) {
            Map<ByteBuffer, Integer> slots = new LinkedHashMap<>();
            for (ViewFeatures view : views) {
                int time = slot(layout.timeField(view.featureView()), slots);
                int[] features = new int[view.features().size()];
                for (int i = 0; i < features.length; i++) {
                    features[i] = slot(
                            layout.field(view.featureView(), view.features().get(i)), slots);
                }
                AtomicInteger size = hashSizes.computeIfAbsent(view.featureView(), name -> new AtomicInteger());
                parts.add(new Part(view.featureView(), time, features, size));
            }
            fields = new HashFields(
                    slots.keySet().stream().map(ByteBuffer::array).toList());
        }

        private static int slot(byte[] field, Map<ByteBuffer, Integer> slots) {
            int next = slots.size();
            Integer known = slots.putIfAbsent(ByteBuffer.wrap(field), next);
            return known == null ? next : known;
        }

        Hashes.Request request(List<byte[]> keys) {
            return new Hashes.Request(fields, wantsWhole(), keys, layout.project());
        }

        private boolean wantsWhole() {
            if (fields.count() < FIELDS_WORTH_A_WHOLE_HASH) {
                return false;
            }
            for (Part part : parts) {
                if (part.hashSize().get() > WASTE * fields.count()) {
                    return false;
                }
            }
            return true;
        }

        void addRows(StoredHash[] read, List<ViewRows> rows) {
            int size = 0;
            for (StoredHash hash : read) {
                size = Math.max(size, hash.size());
            }
            for (Part part : parts) {
                if (size > part.hashSize().get()) {
                    part.hashSize().set(size);
                }
                rows.add(new HashRows(read, part));
            }
        }
    }

    /**
     * One view's part of what is asked about an entity.
     *
     * @param time where the time comes in an entity's answer
     * @param features where the values of the features come
     * @param hashSize the greatest number of fields seen in a hash that holds the view
     */
    private record Part(String view, int time, int[] features, AtomicInteger hashSize) {}

    private final class HashRows implements ViewRows {
        private final StoredHash[] hashes;
        private final int timeField;
        private final int[] features;
        private final long[] seconds;
        private final int[] nanos;

        HashRows(StoredHash[] hashes, Part part) {
            this.hashes = hashes;
            timeField = part.time();
            features = part.features();
            seconds = new long[hashes.length];
            nanos = new int[hashes.length];
            for (int row = 0; row < hashes.length; row++) {
                StoredHash hash = hashes[row];
                int start = hash.start(timeField);
                if (start >= 0) {
                    RedisTime time = RedisTime.parse(hash.bytes(), start, start + hash.length(timeField));
                    if (time == null) {
                        throw failures.corruptTime(part.view(), layout.own(RedisState.NAME));
                    }
                    seconds[row] = time.seconds();
                    nanos[row] = time.nanos();
                }
            }
        }

        @Override
        public int size() {
            return hashes.length;
        }

        @Override
        public int width() {
            return features.length;
        }

        @Override
        public boolean isFound(int row) {
            return hashes[row].start(timeField) >= 0;
        }

        @Override
        public long eventSeconds(int row) {
            return seconds[row];
        }

        @Override
        public int eventNanos(int row) {
            return nanos[row];
        }

        @Override
        public int start(int row, int feature) {
            return hashes[row].start(features[feature]);
        }

        @Override
        public int length(int row, int feature) {
            return hashes[row].length(features[feature]);
        }

        @Override
        public byte[] buffer(int row, int feature) {
            return hashes[row].bytes();
        }
    }
}
