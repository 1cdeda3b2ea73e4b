package dev.larder.trino;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableWriterTest {
    private final StringWriter out = new StringWriter();
    private final RowWriter table = OutputFormat.TABLE.to(out);

    @Test
    void wideLettersCountTwiceAndCombiningMarksNot() throws IOException {
        table.begin(List.of(new Column("名前", "varchar"), new Column("n", "bigint")));
        table.row(Arrays.asList("東京都", 1L));
        table.row(Arrays.asList("e\u0301\uD83D\uDE00", 22L));
        table.end(false);
        assertThat(out)
                .hasToString(
                        """
                        名前   |  n
                        -------+---
                        東京都 |  1
                        e\u0301\uD83D\uDE00    | 22
                        (2 rows)
                        """);
    }

    @Test
    void whatWouldBreakTheLineOrSteerTheTerminalIsSpelledOut() throws IOException {
        table.begin(List.of(new Column("text", "varchar")));
        table.row(List.of("a\n\tb\u001b[31m"));
        table.end(false);
        assertThat(out).hasToString("text\n----------------\na\\n\\tb\\u001b[31m\n(1 row)\n");
    }

    @Test
    void rowsAfterTheFirstThousandAreWrittenAtOnceAndNeverCut() throws IOException {
        table.begin(List.of(new Column("text", "varchar"), new Column("n", "bigint")));
        for (long i = 0; i < 1000; i++) {
            table.row(List.of("x", i));
        }
        table.row(List.of("longer than the others", 5L));
        assertThat(out.toString().lines().skip(1000))
                .containsExactly("x    | 998", "x    | 999", "longer than the others |   5");
        table.end(false);
        assertThat(out.toString()).endsWith("(1001 rows)\n");
    }
}
