package dev.larder.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LogPositionTest {
    @Test
    void textAndNumberAgree() {
        assertThat(LogPosition.parse("16/B374D848").bytes()).isEqualTo(0x16_B374_D848L);
        assertThat(new LogPosition(0x16_B374_D848L)).hasToString("16/B374D848");
    }

    @Test
    void orderIsThatOfUnsignedNumbers() {
        LogPosition high = LogPosition.parse("FFFFFFFF/0");

        assertThat(high.reaches(new LogPosition(1))).isTrue();
        assertThat(new LogPosition(1).reaches(high)).isFalse();
        assertThat(high.reaches(high)).isTrue();
    }
}
