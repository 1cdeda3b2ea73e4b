package dev.larder.server.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FrameTest {
    @Test
    void arraysAreColumns() {
        Frame frame = Frame.of(df("a", List.of(1, 2), "b", Arrays.asList("x", null)));

        assertThat(frame.rows()).isEqualTo(2);
        assertThat(frame.columns())
                .containsExactly(Map.entry("a", List.of(1, 2)), Map.entry("b", Arrays.asList("x", null)));
    }

    @Test
    void objectsAreColumnsWhoseRowsHaveNames() {
        Frame frame = Frame.of(df("a", df("0", 1, "1", 2), "b", df("1", "y", "5", "z")));

        assertThat(frame.rows()).isEqualTo(3);
        assertThat(frame.columns().get("a")).containsExactly(1, 2, null);
        assertThat(frame.columns().get("b")).containsExactly(null, "y", "z");
    }

    @Test
    void aSingleValueBesideColumnsIsAWholeColumn() {
        assertThat(Frame.of(df("a", List.of(1, 2), "b", "x")).columns().get("b"))
                .containsExactly("x", "x");
        assertThat(Frame.of(df("b", "x", "a", df("0", 1))).columns().get("b")).containsExactly("x");
    }

    @Test
    void nothingHasNoRows() {
        assertThat(Frame.of(Map.of()).rows()).isZero();
        assertThat(Frame.of(df("a", List.of())).rows()).isZero();
        assertThat(Frame.of(df("a", Map.of())).rows()).isZero();
        assertThat(Frame.row(Map.of()).rows()).isZero();
        assertThat(Frame.row(Map.of("a", 1)).rows()).isEqualTo(1);
    }

    @Test
    void whatMakesNoTableIsRefused() {
        assertRefused(
                df("a", List.of(1, 2), "b", List.of(1)),
                "All arrays must be of the same length: a has 2 values, b has 1.");
        assertRefused(df("a", 1, "b", 2), "df: all columns are single values (expected: {\"a\": [...], ...})");
        assertRefused(
                df("a", List.of(1), "b", df("0", 1)),
                "df: some columns are arrays and some are objects, so that their rows cannot be matched (expected: all the same)");
    }

    private static void assertRefused(Map<String, Object> df, String message) {
        assertThatThrownBy(() -> Frame.of(df))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARGUMENT_INVALID))
                .hasMessage(message);
    }

    private static Map<String, Object> df(Object... columns) {
        Map<String, Object> df = new LinkedHashMap<>();
        for (int i = 0; i < columns.length; i += 2) {
            df.put((String) columns[i], columns[i + 1]);
        }
        return df;
    }
}
