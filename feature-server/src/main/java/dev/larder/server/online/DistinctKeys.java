package dev.larder.server.online;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Encoded keys, each kept once: hot path. */
final class DistinctKeys {
    /** Not known to callers, who could otherwise choose keys that all have the same hash. */
    private static final long MULTIPLIER = new SplittableRandom().nextLong() | 1;

    private final List<byte[]> keys;
    /** Places by the hash of their key, open addressing; one more than the place, 0 where there is none. */
    private final int[] table;

    private final int prefix;

    /**
     * @param most how many will be added at most
     * @param prefix how many bytes at the beginning are the same for all
     */
    DistinctKeys(int most, int prefix) {
        this.prefix = prefix;
        keys = new ArrayList<>(most);
        table = new int[4 * Integer.highestOneBit(Math.max(1, most))];
    }

    /** @return its place among those that are kept */
    int add(byte[] key) {
        long hash = 0;
        for (int i = prefix; i < key.length; i++) {
            hash = (hash + key[i] + 1) * MULTIPLIER;
        }
        int at = (int) (hash >>> Integer.SIZE) & (table.length - 1);
        while (table[at] != 0) {
            int place = table[at] - 1;
            if (Arrays.equals(keys.get(place), key)) {
                return place;
            }
            at = (at + 1) & (table.length - 1);
        }
        keys.add(key);
        table[at] = keys.size();
        return keys.size() - 1;
    }

    /** In order of appearance. */
    List<byte[]> keys() {
        return keys;
    }
}
