package dev.larder.feast;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The four bytes under which Feast's Redis store keeps a feature: MurmurHash3 (x86, 32 bits, seed 0) of {@code view:feature}. */
public final class FeatureHash {
    private FeatureHash() {}

    /** The name of the feature's field in an entity's hash. */
    public static byte[] field(String view, String feature) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(of(view, feature))
                .array();
    }

    public static int of(String view, String feature) {
        ByteBuffer data = ByteBuffer.wrap((view + ":" + feature).getBytes(StandardCharsets.UTF_8))
                .order(ByteOrder.LITTLE_ENDIAN);
        int length = data.remaining();
        int hash = 0;
        while (data.remaining() >= 4) {
            hash = Integer.rotateLeft(hash ^ scramble(data.getInt()), 13) * 5 + 0xe6546b64;
        }
        int tail = 0;
        for (int shift = 0; data.hasRemaining(); shift += 8) {
            tail |= (data.get() & 0xff) << shift;
        }
        hash ^= scramble(tail) ^ length;
        hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
        return hash ^ (hash >>> 16);
    }

    private static int scramble(int block) {
        return Integer.rotateLeft(block * 0xcc9e2d51, 15) * 0x1b873593;
    }
}
