package dev.larder.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final AtomicLong nanoTime = new AtomicLong();
    private final ConsoleProgress progress =
            new ConsoleProgress(new PrintStream(bytes, true, StandardCharsets.UTF_8), false, nanoTime::get);

    @Test
    void aStepThatIsDoneTellsRowsTimeRateAndRemark() {
        try (Progress.Step step = progress.start("ingest transactions", "events")) {
            step.add(12_000);
            nanoTime.set(3_000_000_000L);
            step.done("3 partitions");
        }
        assertThat(printed())
                .isEqualTo("  ingest transactions                12,000 events  3.0 s  4,000/s  3 partitions\n");
    }

    @Test
    void aStepThatIsOnlyClosedHasFailed() {
        try (Progress.Step step = progress.start("compute", "rows")) {
            step.add(5);
            nanoTime.set(1_500_000_000L);
        }
        assertThat(printed()).isEqualTo("  compute                            failed after 1.5 s\n");
    }

    @Test
    void aHandfulHasNoRate() {
        try (Progress.Step step = progress.start("start Kafka", "processes")) {
            step.add(1);
            nanoTime.set(6_000_000_000L);
            step.done("");
        }
        assertThat(printed()).isEqualTo("  start Kafka                        1 processes  6.0 s\n");
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
    }
}
