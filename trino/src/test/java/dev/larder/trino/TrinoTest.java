package dev.larder.trino;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.iceberg.types.Types.DateType;
import org.apache.iceberg.types.Types.LongType;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Against the server that trino/etc describes. */
@ExtendWith(RunningTrino.Resolver.class)
class TrinoTest {
    private static final String ENDLESS =
            "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a, UNNEST(sequence(1, 10000)) b, UNNEST(sequence(1, 10000)) c";

    private static final String MIXED =
            """
            SELECT * FROM (VALUES
              (BIGINT '1', REAL '0.1', DOUBLE '1e23', DECIMAL '1.20', true, 'Zoë, "Z"', TIMESTAMP '2026-11-08 05:45:00.5 Asia/Kathmandu'),
              (BIGINT '-20', NULL, nan(), DECIMAL '-10.00', NULL, '', NULL)
            ) t(id, r, d, amount, ok, name, at) ORDER BY id DESC
            """;

    @Test
    void aTableIsAlignedWithNumbersToTheRight(RunningTrino running) {
        assertThat(running.run(MIXED, OutputFormat.TABLE))
                .isEqualTo(
                        """
                         id |    r |      d | amount | ok   | name     | at
                        ----+------+--------+--------+------+----------+-------------------------
                          1 |  0.1 | 1.0E23 |   1.20 | true | Zoë, "Z" | 2026-11-08T00:00:00.500Z
                        -20 | NULL |    NaN | -10.00 | NULL |          | NULL
                        (2 rows)
                        """);
    }

    @Test
    void csvFollowsRfc4180(RunningTrino running) {
        assertThat(running.run(MIXED, OutputFormat.CSV))
                .isEqualTo("id,r,d,amount,ok,name,at\r\n"
                        + "1,0.1,1.0E23,1.20,true,\"Zoë, \"\"Z\"\"\",2026-11-08T00:00:00.500Z\r\n"
                        + "-20,,NaN,-10.00,,\"\",\r\n");
    }

    @Test
    void jsonHasAnObjectALineAndNumbersAsNumbers(RunningTrino running) {
        assertThat(running.run(MIXED, OutputFormat.JSON))
                .isEqualTo(
                        """
                        [
                        {"id":1,"r":0.1,"d":1.0E23,"amount":1.20,"ok":true,"name":"Zoë, \\"Z\\"","at":"2026-11-08T00:00:00.500Z"},
                        {"id":-20,"r":null,"d":"NaN","amount":-10.00,"ok":null,"name":"","at":null}
                        ]
                        """);
    }

    @Test
    void anEmptyResultIsWellFormedInEachFormat(RunningTrino running) {
        String sql = "SELECT 1 AS a, 'x' AS b WHERE false";
        assertThat(running.run(sql, OutputFormat.TABLE)).isEqualTo("a | b\n--+--\n(0 rows)\n");
        assertThat(running.run(sql, OutputFormat.CSV)).isEqualTo("a,b\r\n");
        assertThat(running.run(sql, OutputFormat.JSON)).isEqualTo("[]\n");
    }

    @Test
    void timesDoNotDependOnTheZoneOfThisMachine(RunningTrino running) {
        assertThat(running.run(
                        """
                        SELECT DATE '2026-03-29' AS d, TIMESTAMP '2026-03-29 02:30:00.123456' AS t, TIME '02:30:00.000' AS tod,
                          TIMESTAMP '2026-03-29 02:30:00 UTC' AS z, current_timezone() AS zone, INTERVAL '36' HOUR AS i
                        """,
                        OutputFormat.CSV))
                .isEqualToNormalizingNewlines(
                        """
                        d,t,tod,z,zone,i
                        2026-03-29,2026-03-29T02:30:00.123456,02:30:00,2026-03-29T02:30:00Z,UTC,1 12:00:00.000
                        """);
    }

    @Test
    void nestedValuesAreJsonInEachFormat(RunningTrino running) {
        String sql =
                """
                SELECT ARRAY[1, NULL] AS a, MAP(ARRAY['k'], ARRAY[REAL '0.1']) AS m, X'00ff' AS b, JSON '{"x":[1]}' AS j,
                  CAST(ROW(1, ARRAY[TIMESTAMP '2026-11-08 00:00 UTC'], DATE '2026-11-08', TIMESTAMP '2026-11-08 01:02:03.5')
                    AS ROW("a b" int, at array(timestamp(6) with time zone), day date, local timestamp(6))) AS r
                """;
        assertThat(running.run(sql, OutputFormat.JSON))
                .isEqualTo(
                        """
                        [
                        {"a":[1,null],"m":{"k":0.1},"b":"0x00ff","j":{"x":[1]},\
                        "r":{"a b":1,"at":["2026-11-08T00:00:00Z"],"day":"2026-11-08","local":"2026-11-08T01:02:03.5"}}
                        ]
                        """);
        assertThat(running.run("SELECT ARRAY['a', NULL] AS a", OutputFormat.CSV))
                .isEqualTo("a\r\n\"[\"\"a\"\",null]\"\r\n");
    }

    @Test
    void aCommitOfAnotherEngineIsVisibleAtOnce(RunningTrino running) {
        running.lake()
                .create(
                        "visible",
                        List.of(
                                TestLake.column("user_id", LongType.get()),
                                TestLake.stamp("event_timestamp"),
                                TestLake.column("day", DateType.get())));
        for (int rows = 1; rows <= 5; rows++) {
            running.lake().append("visible", "none", List.of("%d, '2026-11-%02dT00:00:00Z'".formatted(rows, rows)));
            assertThat(running.run("SELECT count(*) AS n FROM features_visible", OutputFormat.CSV))
                    .isEqualTo("n\r\n%d\r\n".formatted(rows));
        }
    }

    @Test
    void aLimitEndsTheStatementAndTheTableSaysSo(RunningTrino running) {
        StringWriter out = new StringWriter();
        running.trino()
                .run(
                        SqlStatement.of("SELECT n FROM UNNEST(sequence(1, 10)) t(n);", "statement"),
                        new Trino.Limits(Optional.empty(), Optional.of(2L)),
                        OutputFormat.TABLE.to(out));
        assertThat(out).hasToString("n\n-\n1\n2\n(first 2 rows)\n");
    }

    @Test
    void aStatementWithoutRowsSaysWhatItChanged(RunningTrino running) {
        assertThat(running.run("SET SESSION query_max_run_time = '1h'", OutputFormat.TABLE))
                .isEqualTo("(0 rows changed)\n");
        assertThat(running.run("SET SESSION query_max_run_time = '1h'", OutputFormat.JSON))
                .isEmpty();
    }

    @Test
    void aSyntaxErrorNamesFileLineAndColumn(RunningTrino running) {
        assertFails(
                        () -> running.trino()
                                .run(
                                        SqlStatement.of("-- what\nSELECT user_id\nFORM features", "movers.sql"),
                                        Trino.Limits.NONE,
                                        OutputFormat.CSV.to(new StringWriter())),
                        ErrorCode.QUERY_INVALID)
                .hasMessageStartingWith("movers.sql: line 3:6: mismatched input 'features'")
                .hasMessageNotContaining("Query failed");
    }

    @Test
    void anUnknownColumnIsTheCallersMistake(RunningTrino running) {
        assertFails(
                        () -> running.run("SELECT amount FROM features_transactions_last_week", OutputFormat.CSV),
                        ErrorCode.QUERY_INVALID)
                .hasMessage("statement: line 1:8: Column 'amount' cannot be resolved");
    }

    @Test
    void neitherTheLakeNorTheSourceCanBeWritten(RunningTrino running) {
        assertFails(
                        () -> running.run("DELETE FROM features_transactions_last_week", OutputFormat.TABLE),
                        ErrorCode.QUERY_INVALID)
                .hasMessageContaining("Access Denied: Cannot delete from table");
        assertFails(
                        () -> running.run("DELETE FROM source.public.customers", OutputFormat.TABLE),
                        ErrorCode.QUERY_FAILED)
                .hasMessageContaining("cannot execute DELETE in a read-only transaction")
                .hasMessageContaining("(query 20");
    }

    @Test
    void twoColumnsOfOneNameCannotBeJson(RunningTrino running) {
        assertFails(() -> running.run("SELECT 1 AS a, 2 AS a", OutputFormat.JSON), ErrorCode.QUERY_INVALID)
                .hasMessageStartingWith("Two columns are called a");
        assertThat(running.run("SELECT 1 AS a, 2 AS a", OutputFormat.CSV)).isEqualTo("a,a\r\n1,2\r\n");
    }

    @Test
    void aStatementThatTakesTooLongIsEnded(RunningTrino running) {
        assertFails(
                        () -> running.trino()
                                .run(
                                        SqlStatement.of(ENDLESS, "statement"),
                                        new Trino.Limits(Optional.of(Duration.ofSeconds(1)), Optional.empty()),
                                        OutputFormat.CSV.to(new StringWriter())),
                        ErrorCode.QUERY_TIMEOUT)
                .hasMessageStartingWith("statement: Query exceeded maximum time limit of 1.00s (query 20");
    }

    @Test
    void aCancelledStatementEndsInTrinoToo(RunningTrino running) {
        String marked = ENDLESS + " -- cancelled by a test";
        Trino trino = running.trino();
        CompletableFuture<Void> run = CompletableFuture.runAsync(() -> trino.run(
                SqlStatement.of(marked, "statement"), Trino.Limits.NONE, OutputFormat.CSV.to(new StringWriter())));
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> states(running)
                .contains("RUNNING"));

        trino.cancel();

        assertThatThrownBy(run::join)
                .cause()
                .asInstanceOf(type(LarderException.class))
                .extracting(LarderException::code, LarderException::getMessage)
                .containsExactly(ErrorCode.QUERY_CANCELLED, "statement: cancelled before its end");
        assertThat(states(running)).contains("FAILED,USER_CANCELED");
    }

    private static String states(RunningTrino running) {
        return running.run(
                "SELECT state, error_code FROM system.runtime.queries WHERE query LIKE '% -- cancelled by a test%'"
                        + " AND query NOT LIKE '%runtime.queries%'",
                OutputFormat.CSV);
    }

    @Test
    void rowsThatCannotBeWrittenAreNoQuietSuccess(RunningTrino running) {
        Writer full = new Writer() {
            @Override
            public void write(char[] text, int from, int length) throws IOException {
                throw new IOException("No space left on device");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        assertFails(
                        () -> running.trino()
                                .run(
                                        SqlStatement.of("SELECT 1", "statement"),
                                        Trino.Limits.NONE,
                                        OutputFormat.CSV.to(full)),
                        ErrorCode.PATH_UNUSABLE)
                .hasMessage("Cannot write the rows: No space left on device");
    }

    @Test
    void aServerThatDoesNotAnswerIsNamed() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        URI url = URI.create("http://127.0.0.1:" + port);
        assertFails(
                        () -> new Trino(new TrinoAddress(url, "larder", Optional.empty(), "lakehouse", "banking"))
                                .run(
                                        SqlStatement.of("SELECT 1", "statement"),
                                        Trino.Limits.NONE,
                                        OutputFormat.CSV.to(new StringWriter())),
                        ErrorCode.TRINO_UNAVAILABLE)
                .hasMessageStartingWith("Trino at %s does not answer".formatted(url))
                .hasMessageContaining("Connection refused")
                .hasMessageEndingWith("Start it, or correct larder.trino in feature_store.yaml.");
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertFails(ThrowingCallable work, ErrorCode code) {
        return assertThatThrownBy(work)
                .isInstanceOfSatisfying(LarderException.class, failure -> assertThat(failure.code())
                        .isEqualTo(code));
    }
}
