package dev.larder.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ConnectorStatusTest {
    @Test
    void runsWhenConnectorAndTasksDo() {
        assertThat(status("RUNNING", "", "RUNNING", "").isRunning()).isTrue();
        assertThat(status("RUNNING", "", "UNASSIGNED", "").isRunning()).isFalse();
        assertThat(new ConnectorStatus("banking", "RUNNING", "", List.of()).isRunning())
                .isFalse();
    }

    @Test
    void aTraceIsToldWithoutClassesStackAndDumps() {
        String trace =
                """
                org.apache.kafka.connect.errors.ConnectException: Starting at Context [a={b=[c]}, d], but it is gone.
                \tat a.b.C.d(C.java:1)
                Caused by: org.postgresql.util.PSQLException: ERROR: no such slot
                \t... 12 more
                """;

        assertThat(status("RUNNING", "", "FAILED", trace).failure())
                .contains("task 0: Starting at Context [...], but it is gone. <- ERROR: no such slot");
    }

    @Test
    void nothingFailedMeansNoFailure() {
        assertThat(status("RUNNING", "", "RUNNING", "").failure()).isEmpty();
        assertThat(status("FAILED", "java.lang.Error: x", "RUNNING", "").failure())
                .contains("connector: x");
    }

    private static ConnectorStatus status(String state, String trace, String taskState, String taskTrace) {
        return new ConnectorStatus("banking", state, trace, List.of(new ConnectorStatus.Task(0, taskState, taskTrace)));
    }
}
