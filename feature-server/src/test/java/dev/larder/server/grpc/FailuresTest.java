package dev.larder.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FailuresTest {
    @ParameterizedTest
    @CsvSource({
        "400, INVALID_ARGUMENT",
        "422, INVALID_ARGUMENT",
        "404, NOT_FOUND",
        "501, UNIMPLEMENTED",
        "503, UNAVAILABLE",
        "500, INTERNAL"
    })
    void aStatusOfHttpHasItsCounterpart(int http, Status.Code code) {
        Status status = new Failures(failure -> http)
                .of("S/M", new LarderException(ErrorCode.ARGUMENT_INVALID, "why"))
                .getStatus();
        assertThat(status.getCode()).isEqualTo(code);
        assertThat(status.getDescription()).isEqualTo("why");
    }

    @Test
    void whatCannotBeReadNamesTheMethod() {
        Status status = new Failures(failure -> 500)
                .of("S/M", new IOException("cut off"))
                .getStatus();
        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(status.getDescription()).isEqualTo("The request is not the message that S/M takes: cut off");
    }

    @Test
    void aFaultOfTheServerTellsNothingOfItself() {
        Status status = new Failures(failure -> 500)
                .of("S/M", new IllegalStateException("secret"))
                .getStatus();
        assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(status.getDescription()).isEqualTo("The server failed unexpectedly; its log says why.");
    }

    @Test
    void aTextThatFitsIsLeftAlone() {
        String text = "Feature é not found. 100 %\n";
        assertThat(Failures.fitting(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "%", "é", "日", "😀"})
    void aLongTextIsCutToWhatTrailersHold(String symbol) {
        String cut = Failures.fitting(symbol.repeat(10_000));
        assertThat(cut).endsWith("...").startsWith(symbol);
        int sent = cut.getBytes(StandardCharsets.UTF_8).length * (symbol.equals("x") ? 1 : 3);
        assertThat(sent).isBetween(4_000, 4_120);
        assertThat(cut.codePoints().limit(100)).allMatch(point -> point == symbol.codePointAt(0));
    }
}
