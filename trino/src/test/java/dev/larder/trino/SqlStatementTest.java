package dev.larder.trino;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlStatementTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "SELECT 1 | SELECT 1",
                "SELECT 1; | SELECT 1",
                "SELECT 1 ;; -- done; | SELECT 1 ",
                "SELECT ';' | SELECT ';'",
                "SELECT 'it''s; ' AS \"a;b\" /* ; */; | SELECT 'it''s; ' AS \"a;b\" /* ; */",
                "-- first; comment~~\\nSELECT 1 | -- first; comment~~\\nSELECT 1",
                "SELECT '-- no comment'; | SELECT '-- no comment'",
                "SELECT 'never closed; | SELECT 'never closed;"
            })
    void losesTheSemicolonAtItsEndAlone(String text, String expected) {
        assertThat(SqlStatement.of(lines(text), "statement").text().strip())
                .isEqualTo(lines(expected).strip());
    }

    private static String lines(String text) {
        return text.replace("~~\\n", "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n", ";", "-- only a comment", "/* open"})
    void nothingToRunIsRefused(String text) {
        assertThatThrownBy(() -> SqlStatement.of(text, "a.sql"))
                .hasMessage("a.sql: no statement (expected: SQL, for instance SHOW TABLES)")
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARGUMENT_INVALID));
    }

    @Test
    void aSecondStatementIsRefused() {
        assertThatThrownBy(() -> SqlStatement.of("SELECT 1; SELECT 2", "a.sql"))
                .hasMessage("a.sql: more than one statement (expected: one; run each by itself)");
    }
}
