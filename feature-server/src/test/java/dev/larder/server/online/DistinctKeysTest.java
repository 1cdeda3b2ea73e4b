package dev.larder.server.online;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DistinctKeysTest {
    /** Against a map, with few different keys, so that most come again. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 20261121})
    void eachKeyHasThePlaceOfItsFirstAppearance(long seed) {
        Random random = new Random(seed);
        int prefix = random.nextInt(3);
        int count = random.nextInt(1, 2_000);
        int kinds = random.nextInt(1, 500);
        DistinctKeys distinct = new DistinctKeys(count, prefix);
        Map<ByteBuffer, Integer> expected = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            byte[] key = new byte[prefix + random.nextInt(9)];
            int kind = random.nextInt(kinds);
            for (int at = prefix; at < key.length; at++) {
                key[at] = (byte) (kind >>> (at % 4));
            }
            ByteBuffer wrapped = ByteBuffer.wrap(key);
            expected.putIfAbsent(wrapped, expected.size());
            assertThat(distinct.add(key)).as("seed %d", seed).isEqualTo(expected.get(wrapped));
        }
        List<ByteBuffer> kept = new ArrayList<>();
        distinct.keys().forEach(key -> kept.add(ByteBuffer.wrap(key)));
        assertThat(kept).containsExactlyElementsOf(expected.keySet());
    }
}
