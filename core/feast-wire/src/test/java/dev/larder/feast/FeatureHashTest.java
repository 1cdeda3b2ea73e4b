package dev.larder.feast;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FeatureHashTest {
    private static final List<JsonNode> FIELDS = Golden.lines("redis_fields.jsonl").stream()
            .filter(row -> row.has("feature"))
            .toList();

    @Test
    void agreesWithFeastsRedisFields() {
        assertThat(FIELDS).hasSizeGreaterThan(5).allSatisfy(row -> assertThat(FeatureHash.field(
                        row.get("view").textValue(), row.get("feature").textValue()))
                .isEqualTo(Golden.hex(row.get("field_hex"))));
    }

    @Test
    void aFieldIsTheHashInLittleEndian() {
        assertThat(Integer.reverseBytes(FeatureHash.of("driver_basic", "f_int64")))
                .isEqualTo(0xbd9bc19e);
        assertThat(FeatureHash.field("driver_basic", "f_int64")).containsExactly(0xbd, 0x9b, 0xc1, 0x9e);
    }
}
