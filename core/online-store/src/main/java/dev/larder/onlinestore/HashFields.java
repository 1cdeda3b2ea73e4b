package dev.larder.onlinestore;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
            int at = place(hash(ByteBuffer.wrap(this.names[slot])));
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

    /** Which field has this name; negative if none has. The buffer stays as it is. */
    int slot(ByteBuffer name) {
        for (int at = place(hash(name)); table[at] != 0; at = place(at + 1)) {
            int slot = table[at] - 1;
            if (isSame(names[slot], name)) {
                return slot;
            }
        }
        return NONE;
    }

    private int place(int hash) {
        return hash & (table.length - 1);
    }

    /** Most names are four bytes of a good hash already. */
    private static int hash(ByteBuffer name) {
        int start = name.position();
        int length = name.remaining();
        int hash = length;
        for (int i = 0; i < length; i++) {
            hash = hash * 31 + name.get(start + i);
        }
        return hash ^ hash >>> 15;
    }

    private static boolean isSame(byte[] one, ByteBuffer other) {
        int start = other.position();
        if (one.length != other.remaining()) {
            return false;
        }
        for (int i = 0; i < one.length; i++) {
            if (one[i] != other.get(start + i)) {
                return false;
            }
        }
        return true;
    }

    private static void encode(byte[] name, ByteArrayOutputStream out) {
        out.write('$');
        out.writeBytes(Integer.toString(name.length).getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(END_OF_LINE);
        out.writeBytes(name);
        out.writeBytes(END_OF_LINE);
    }
}
