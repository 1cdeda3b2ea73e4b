package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RedisTimeTest {

    @ParameterizedTest
    @CsvSource({
        "2024-03-02T12:00:00Z, 0, 08c0a98caf06",
        "2024-03-02T12:00:00.000001Z, 0, 08c0a98caf0610e807",
        "2024-03-02T12:00:00Z, 10, 08c0a98caf06790a00000000000000",
        "1970-01-01T00:00:00Z, 0, ''",
        "1970-01-01T00:00:00Z, 1, 790100000000000000",
        "1969-12-31T00:00:00Z, 0, 0880ddfaffffffffffff01",
    })
    void isATimestampMessageWithTheVersionBehindIt(Instant time, long version, String hex) {
        assertThat(HexFormat.of().formatHex(RedisTime.of(time, version).bytes()))
                .isEqualTo(hex);
    }

    @Test
    void everyReaderOfTimestampsSkipsTheVersion() throws InvalidProtocolBufferException {
        Random random = new Random(3);
        for (int i = 0; i < 2_000; i++) {
            RedisTime time = new RedisTime(
                    random.nextInt(3) == 0 ? 0 : random.nextLong(-62_135_596_800L, 253_402_300_800L),
                    random.nextBoolean() ? 0 : random.nextInt(1_000_000) * 1_000,
                    random.nextInt(3) == 0 ? 0 : random.nextLong());

            Timestamp read = Timestamp.parseFrom(time.bytes());
            assertThat(read.getSeconds()).isEqualTo(time.seconds());
            assertThat(read.getNanos()).isEqualTo(time.nanos());
            assertThat(read.toByteArray()).isEqualTo(time.bytes());
            assertThat(RedisTime.parse(time.bytes())).isEqualTo(time);
        }
    }

    @Test
    void whatItDoesNotKnowItSkips() {
        byte[] other =
                HexFormat.of().parseHex("3005" + "29ffffffffffffffff" + "3a03aabbcc" + "3dffffffff" + "0805" + "1007");

        assertThat(RedisTime.parse(other)).isEqualTo(new RedisTime(5, 7, 0));
    }

    @ParameterizedTest
    @CsvSource({"08", "0880", "08ffffffffffffffffffff01", "79010203", "3a05aa", "0b", "3d0102", "3affffffff0f"})
    void brokenBytesAreNoTime(String hex) {
        assertThat(RedisTime.parse(HexFormat.of().parseHex(hex))).isNull();
    }

    @Test
    void aCutMessageNeverCountsAsMoreThanItsWholeFields() {
        byte[] whole = RedisTime.of(Instant.parse("2026-03-01T12:00:00.5Z"), 77).bytes();
        for (int length = 0; length < whole.length; length++) {
            RedisTime cut = RedisTime.parse(Arrays.copyOf(whole, length));
            assertThat(cut == null || cut.version() == 0).isTrue();
        }
    }

    @Test
    void timesAreOrderedBeforeVersions() {
        Instant noon = Instant.parse("2026-03-01T12:00:00Z");
        RedisTime stored =
                Objects.requireNonNull(RedisTime.parse(RedisTime.of(noon, 5).bytes()));

        assertThat(RedisTime.of(noon.plusNanos(1_000), 0)).isGreaterThan(stored);
        assertThat(RedisTime.of(noon, 6)).isGreaterThan(stored);
        assertThat(RedisTime.of(noon.minusSeconds(1), 9)).isLessThan(stored);
        assertThat(RedisTime.of(Instant.EPOCH.minusNanos(1_000), 9)).isLessThan(RedisTime.of(Instant.EPOCH, 0));
    }
}
