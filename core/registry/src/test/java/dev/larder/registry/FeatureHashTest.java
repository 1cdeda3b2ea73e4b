package dev.larder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class FeatureHashTest {
    private static final Pattern ROW = Pattern.compile(
            "\"view\": \"([^\"\\\\]*)\", \"feature\": \"([^\"\\\\]*)\".*\"field_hex\": \"([0-9a-f]{8})\"");

    @Test
    void agreesWithFeastsRedisFields() {
        List<MatchResult> rows = ROW.matcher(ShopRepository.resource("/golden/redis_fields.jsonl"))
                .results()
                .toList();

        assertThat(rows).hasSizeGreaterThan(5).allSatisfy(row -> assertThat(
                        Integer.reverseBytes(FeatureHash.of(row.group(1), row.group(2))))
                .isEqualTo(Integer.parseUnsignedInt(row.group(3), 16)));
    }
}
