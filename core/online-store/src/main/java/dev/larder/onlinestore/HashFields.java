package dev.larder.onlinestore;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Fields that many hashes are asked for: how they stand in a command, and which one an answer's field is. Never changes. */
final class HashFields {
    private static final byte[] END_OF_LINE = {'\r', '\n'};
    private static final int NONE = -1;

    private final byte[][] names;
    private final byte[] encoded;
    /** Slots by the hash of their name, open addressing; one more than the slot, 0 where there is none. */
    private final int[] table;

    /** @param names each once; the slot of a field is its place here */
    HashFields(List<byte[]> names) {
        this.names = names.toArray(byte[][]::new);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        names.forEach(name -> encode(name, out));
        encoded = out.toByteArray();
        table = new int[Integer.highestOneBit(Math.max(1, names.size())) * 4];
        for (int slot = 0; slot < this.names.length; slot++) {
            int at = place(hash(this.names[slot], 0, this.names[slot].length));
            while (table[at] != 0) {
                at = place(at + 1);
            }
            table[at] = slot + 1;
        }
    }

    int count() {
        return names.length;
    }

    /** All fields as they stand in a command. */
    byte[] encoded() {
        return encoded;
    }

    /** Which field has the name that lies between two places; negative if none has. */
    int slot(byte[] bytes, int start, int end) {
        for (int at = place(hash(bytes, start, end)); table[at] != 0; at = place(at + 1)) {
            int slot = table[at] - 1;
            byte[] name = names[slot];
            if (Arrays.equals(name, 0, name.length, bytes, start, end)) {
                return slot;
            }
        }
        return NONE;
    }

    private int place(int hash) {
        return hash & (table.length - 1);
    }

    /** Most names are four bytes of a good hash already. */
    private static int hash(byte[] bytes, int start, int end) {
        int hash = end - start;
        for (int i = start; i < end; i++) {
            hash = hash * 31 + bytes[i];
        }
        return hash ^ hash >>> 15;
    }

    private static void encode(byte[] name, ByteArrayOutputStream out) {
        out.write('$');
        out.writeBytes(Integer.toString(name.length).getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(END_OF_LINE);
        out.writeBytes(name);
        out.writeBytes(END_OF_LINE);
    }
}
