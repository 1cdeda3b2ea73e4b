package dev.larder.onlinestore;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The values of some fields of one hash, in one buffer. */
final class StoredHash {
    private static final int ABSENT = -1;
    private static final byte[] NOTHING = {};

    /** Per field where its value begins, and behind all of those where it ends. */
    private final int[] bounds;

    private byte[] bytes = NOTHING;
    private int used;
    /** How many fields the whole hash has; 0 if only some were asked for. */
    private int size;

    StoredHash(int fields) {
        bounds = new int[2 * fields];
        clear();
    }

    void clear() {
        Arrays.fill(bounds, 0, bounds.length / 2, ABSENT);
        used = 0;
        size = 0;
    }

    /** Copies a value behind those that are there. */
    void add(int field, ByteBuffer value) {
        int length = value.remaining();
        if (bytes.length - used < length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, used + length));
        }
        value.get(bytes, used, length);
        set(field, used, used + length);
        used += length;
    }

    /** @param buffer which holds all values, and does not change any more */
    void lieIn(byte[] buffer) {
        bytes = buffer;
    }

    /** Says where a value lies. */
    void set(int field, int start, int end) {
        bounds[field] = start;
        bounds[bounds.length / 2 + field] = end;
    }

    void countField() {
        size++;
    }

    int size() {
        return size;
    }

    /** Negative if the hash does not have the field. */
    int start(int field) {
        return bounds[field];
    }

    int length(int field) {
        return bounds[bounds.length / 2 + field] - bounds[field];
    }

    byte[] bytes() {
        return bytes;
    }
}
