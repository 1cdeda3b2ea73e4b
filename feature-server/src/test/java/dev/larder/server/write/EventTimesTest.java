package dev.larder.server.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.model.FeatureValue;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EventTimesTest {
    private static final Instant JUNE = Instant.parse("2024-06-01T00:00:00.123456Z");

    @ParameterizedTest
    @CsvSource({
        "2024-06-01T00:00:00.123456, 2024-06-01T00:00:00.123456Z",
        "2024-06-01T00:00:00.1234569Z, 2024-06-01T00:00:00.123456Z",
        "2024-06-01 02:00:00.123456+02:00, 2024-06-01T00:00:00.123456Z",
        "2024-06-01, 2024-06-01T00:00:00Z",
        "1969-12-31T23:59:59.9999999, 1969-12-31T23:59:59.999999Z",
        "0001-01-01, 0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999, 9999-12-31T23:59:59.999999Z"
    })
    void textIsIso(String text, Instant time) {
        assertThat(EventTimes.micros(text)).hasValue(EventTimes.micros(time));
        assertThat(EventTimes.micros(FeatureValue.of(text))).hasValue(EventTimes.micros(time));
        assertThat(EventTimes.isSuspicious(text)).isFalse();
    }

    @Test
    void numbersAreNanoseconds() {
        long nanos = EventTimes.micros(JUNE) * 1_000;

        assertThat(EventTimes.micros(nanos)).hasValue(EventTimes.micros(JUNE));
        assertThat(EventTimes.micros(nanos + 999)).hasValue(EventTimes.micros(JUNE));
        assertThat(EventTimes.micros(FeatureValue.of(nanos))).hasValue(EventTimes.micros(JUNE));
        assertThat(EventTimes.micros(1.7172e18)).hasValue(EventTimes.micros(Instant.parse("2024-06-01T00:00:00Z")));
        assertThat(EventTimes.micros(1_717_200_000)).hasValue(1_717_200);
        assertThat(EventTimes.micros(-1)).hasValue(-1);
        assertThat(EventTimes.isSuspicious(nanos)).isFalse();
    }

    @Test
    void numbersThatRatherCountSomethingLongerAreSuspicious() {
        Instant now = Instant.parse("2026-11-21T00:00:00Z");
        for (long count :
                List.of(now.getEpochSecond(), now.toEpochMilli(), ChronoUnit.MICROS.between(Instant.EPOCH, now))) {
            assertThat(EventTimes.isSuspicious(count)).isTrue();
            assertThat(EventTimes.isSuspicious(FeatureValue.of(count))).isTrue();
        }
    }

    @Test
    void aTypedTimeCountsSeconds() {
        assertThat(EventTimes.micros(new FeatureValue.UnixTimestamp(JUNE.getEpochSecond())))
                .hasValue(JUNE.getEpochSecond() * 1_000_000);
        assertThat(EventTimes.isSuspicious(new FeatureValue.UnixTimestamp(5))).isFalse();
        assertThat(EventTimes.micros(new FeatureValue.UnixTimestamp(Long.MIN_VALUE)))
                .isEmpty();
    }

    @Test
    void whatIsNoTimeIsNone() {
        for (Object cell : Arrays.asList(
                "noon",
                "",
                "1717200000",
                "+10000-01-01",
                true,
                List.of(),
                Double.NaN,
                Double.POSITIVE_INFINITY,
                1e300,
                BigInteger.ONE.shiftLeft(100),
                Long.MAX_VALUE / 2.0 * 1e9,
                null)) {
            assertThat(EventTimes.micros(cell)).as(String.valueOf(cell)).isEmpty();
        }
    }
}
