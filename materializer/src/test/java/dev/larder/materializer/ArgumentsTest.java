package dev.larder.materializer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ArgumentsTest {
    private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");

    private static Arguments parse(String line) {
        return Arguments.parse(List.of(line.split(" ", -1)));
    }

    @Test
    void stepsFollowEachOther() {
        Arguments arguments = parse(
                "-c repo --kafka 127.0.0.1:9092 --master local[4] ingest --source a --source b"
                        + " then compute --view v --from 2026-11-01 then preview v --entity 42 --limit 3"
                        + " then materialize 2026-11-01 2026-11-21T06:00:00+06:00 then materialize-incremental 2026-11-21T00:00:00 --view v");

        assertThat(arguments.repo()).isEqualTo(Path.of("repo"));
        assertThat(arguments.kafka()).isEqualTo("127.0.0.1:9092");
        assertThat(arguments.master()).isEqualTo("local[4]");
        Instant end = Instant.parse("2026-11-21T00:00:00Z");
        assertThat(arguments.steps())
                .containsExactly(
                        new Step.Ingest(List.of("a", "b")),
                        new Step.Compute(List.of("v"), START, null),
                        new Step.Preview("v", "42", null, null, 3),
                        new Step.Materialize(List.of(), START, end),
                        new Step.MaterializeIncremental(List.of("v"), end));
    }

    @Test
    void whatIsNotSaidHasADefault() {
        Arguments arguments = parse("-c repo compute");

        assertThat(arguments.kafka()).isNull();
        assertThat(arguments.master()).isEqualTo("local[2]");
        assertThat(arguments.steps()).containsExactly(new Step.Compute(List.of(), null, null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ingest                                 | -c REPO is missing",
                "-c                                     | -c has no value",
                "-c repo                                | no step is named",
                "-c repo -x 1 ingest                    | unknown option -x",
                "-c repo ingest then                    | no step follows 'then'",
                "-c repo digest                         | unknown step digest",
                "-c repo ingest now                     | ingest takes 0 plain arguments, not 1 [now]",
                "-c repo compute --source s             | compute has no option --source",
                "-c repo compute --from yesterday       | --from: 'yesterday' is no point in time (expected: 2026-11-01 or 2026-11-01T06:00:00Z)",
                "-c repo compute --to 2026-11-01 --to 2026-11-02 | --to is given 2 times",
                "-c repo preview v                      | preview needs --entity",
                "-c repo preview v --entity 1 --limit 0 | --limit: '0' is no number of rows (expected: 1 or more)",
                "-c repo preview v --entity 1 --limit x | --limit: 'x' is no number of rows (expected: 1 or more)",
                "-c repo materialize 2026-11-01         | materialize takes 2 plain arguments, not 1 [2026-11-01]",
            })
    void mistakesAreNamed(String line, String message) {
        assertThatThrownBy(() -> parse(line))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARGUMENT_INVALID))
                .satisfies(
                        e -> assertThat(String.valueOf(e.getMessage()).lines().findFirst())
                                .contains(message));
    }
}
