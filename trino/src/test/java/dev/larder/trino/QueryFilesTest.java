package dev.larder.trino;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.groups.Tuple.tuple;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each file of trino/queries as it ships, against rows worked out by hand from {@link BankingLake}. */
@ExtendWith(RunningTrino.Resolver.class)
class QueryFilesTest {
    private static final Path FOLDER = Path.of(System.getProperty("larder.root"), "trino", "queries");

    private static final Map<String, Check> CHECKS = Map.of(
            "features_per_user_and_week.sql", QueryFilesTest::weeksApartFromTheNewestStamp,
            "top_movers.sql", QueryFilesTest::whoMovedMostFirst,
            "user_history.sql", QueryFilesTest::theMostActiveUser,
            "spending_by_customer_group.sql", QueryFilesTest::customersOfTheSourceAsTheyAreNow,
            "freshness.sql", QueryFilesTest::bothViews,
            "time_travel.sql", QueryFilesTest::everyVersionAndWhatItHadThatIsGone,
            "files_per_partition.sql", QueryFilesTest::filesOfThePresentVersion);

    /** Compares what a query gives with what it should. */
    private interface Check {
        void of(String sql, RunningTrino running);
    }

    static List<String> files() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyFileHasACheck() {
        assertThat(files()).containsExactlyInAnyOrderElementsOf(CHECKS.keySet());
    }

    @ParameterizedTest
    @MethodSource("files")
    void answersAsItStands(String file, RunningTrino running) {
        Objects.requireNonNull(CHECKS.get(file), "no check of " + file).of(read(file), running);
    }

    @ParameterizedTest
    @MethodSource("files")
    void beginsWithWhatItAnswersAndHowToChangeIt(String file) {
        List<String> header =
                read(file).lines().takeWhile(line -> line.startsWith("--")).toList();
        assertThat(header).first().asString().contains(": ");
        assertThat(header).anyMatch(line -> line.matches("-- Parameters?: .+"));
        assertThat(header).anyMatch(line -> line.startsWith("-- Run: ./larder sql --file trino/queries/" + file));
    }

    private static void weeksApartFromTheNewestStamp(String sql, RunningTrino running) {
        assertThat(csv(sql, running))
                .containsExactly(
                        "user_id,first_day,last_day,num_transactions_l1w,total_amount_l1w,avg_amount_l1w,max_amount_l1w,num_vendors_l1w",
                        "1,2026-10-25,2026-10-31,1,20.5,20.5,20.5,1",
                        "1,2026-11-01,2026-11-07,2,55.5,27.75,35.5,2",
                        "1,2026-11-08,2026-11-14,5,100.1,20.02,50.0,3",
                        "2,2026-11-01,2026-11-07,1,10.0,10.0,10.0,1",
                        "3,2026-11-08,2026-11-14,1,0.1,0.1,0.1,1",
                        "4,2026-11-01,2026-11-07,1,99.99,99.99,99.99,1",
                        "5,2026-11-01,2026-11-07,1,7.0,7.0,7.0,1",
                        "5,2026-11-08,2026-11-14,1,7.0,7.0,7.0,1");
        assertThat(csv(sql.replace("SELECT 4 AS weeks", "SELECT 1 AS weeks").replace("LIMIT 20", "LIMIT 2"), running))
                .containsExactly(
                        "user_id,first_day,last_day,num_transactions_l1w,total_amount_l1w,avg_amount_l1w,max_amount_l1w,num_vendors_l1w",
                        "1,2026-11-08,2026-11-14,5,100.1,20.02,50.0,3",
                        "3,2026-11-08,2026-11-14,1,0.1,0.1,0.1,1");
    }

    private static void whoMovedMostFirst(String sql, RunningTrino running) {
        String header = "user_id,amount_before,amount_now,change,transactions_before,transactions_now";
        assertThat(csv(sql, running))
                .containsExactly(
                        header,
                        "4,99.99,0.00,-99.99,1,0",
                        "1,55.50,100.10,44.60,2,5",
                        "2,10.00,0.00,-10.00,1,0",
                        "3,0.00,0.10,0.10,0,1");
        String earlier = sql.replace(
                "CAST(NULL AS timestamp(6) with time zone) AS newest_stamp",
                "TIMESTAMP '2026-11-08 00:00 UTC' AS newest_stamp");
        assertThat(csv(earlier, running))
                .containsExactly(
                        header,
                        "4,0.00,99.99,99.99,0,1",
                        "1,20.50,55.50,35.00,1,2",
                        "2,0.00,10.00,10.00,0,1",
                        "5,0.00,7.00,7.00,0,1");
    }

    private static void theMostActiveUser(String sql, RunningTrino running) {
        String header =
                "user_id,event_timestamp,num_transactions_l1w,more_than_before,total_amount_l1w,num_vendors_l1w,location,occupation";
        assertThat(csv(sql, running))
                .containsExactly(
                        header,
                        "1,2026-10-18T00:00:00Z,9,9,90.0,1,,",
                        "1,2026-11-01T00:00:00Z,1,-8,20.5,1,Berlin,teacher",
                        "1,2026-11-08T00:00:00Z,2,1,55.5,2,Berlin,teacher",
                        "1,2026-11-14T00:00:00Z,4,2,80.1,3,Rome,teacher",
                        "1,2026-11-15T00:00:00Z,5,1,100.1,3,Rome,teacher");
        assertThat(csv(sql.replace("CAST(NULL AS bigint) AS user_id", "BIGINT '2' AS user_id"), running))
                .containsExactly(
                        header, "2,2026-11-08T00:00:00Z,1,1,10.0,1,Rome,cook", "2,2026-11-15T00:00:00Z,0,-1,,0,,");
    }

    private static void customersOfTheSourceAsTheyAreNow(String sql, RunningTrino running) {
        assertThat(csv(sql, running))
                .containsExactly(
                        "location,age_from,customers,with_payments,payments,amount,amount_of_each",
                        "Rome,30,2,1,5,100.10,100.10",
                        "Oslo,60,2,2,2,7.10,3.55",
                        ",,1,0,0,0.00,");
    }

    private static void bothViews(String sql, RunningTrino running) {
        BankingLake lake = running.banking();
        List<String> lines = csv(sql, running);
        assertThat(lines.get(0))
                .isEqualTo(
                        "feature_view,feature_rows,deletions,users,oldest_stamp,newest_stamp,last_change,last_commit,hours_behind");
        assertThat(lines.stream().skip(1).map(line -> line.substring(0, line.lastIndexOf(','))))
                .containsExactly(
                        "customer_demographics,3,1,2,2026-10-20T00:00:00Z,2026-11-10T00:00:00Z,2026-11-14T00:10:00Z,"
                                + Instant.ofEpochMilli(lake.customers().timestampMillis()),
                        "transactions_last_week,11,0,5,2026-10-18T00:00:00Z,2026-11-15T00:00:00Z,2026-11-15T09:30:00.500Z,"
                                + Instant.ofEpochMilli(lake.third().timestampMillis()));
        assertThat(lines.get(1)).as("the last change is no freshness").endsWith(",");
        assertThat(hoursBehind(lines.get(2))).isCloseTo(hoursSince("2026-11-15T00:00:00Z"), offset(0.2));
    }

    private static double hoursBehind(String line) {
        return Double.parseDouble(line.substring(line.lastIndexOf(',') + 1));
    }

    private static double hoursSince(String stamp) {
        return Duration.between(Instant.parse(stamp), Instant.now()).toSeconds() / 3600.0;
    }

    private static void everyVersionAndWhatItHadThatIsGone(String sql, RunningTrino running) {
        BankingLake lake = running.banking();
        List<Map<String, @Nullable Object>> versions = rows(sql, running);
        assertThat(versions)
                .extracting(
                        row -> row.get("committed_at"),
                        row -> row.get("snapshot_id"),
                        row -> row.get("operation"),
                        row -> row.get("rows_added"),
                        row -> row.get("rows_removed"),
                        row -> row.get("stamps"))
                .containsExactly(
                        tuple(
                                Instant.ofEpochMilli(lake.third().timestampMillis())
                                        .toString(),
                                lake.third().snapshotId(),
                                "overwrite",
                                4L,
                                4L,
                                "2026-10-17T00:00:00Z/2026-11-15T00:00:00Z"),
                        tuple(
                                Instant.ofEpochMilli(lake.second().timestampMillis())
                                        .toString(),
                                lake.second().snapshotId(),
                                "append",
                                4L,
                                0L,
                                "2026-11-14T00:00:00Z/2026-11-15T00:00:00Z"),
                        tuple(
                                Instant.ofEpochMilli(lake.first().timestampMillis())
                                        .toString(),
                                lake.first().snapshotId(),
                                "append",
                                7L,
                                0L,
                                "2026-10-17T00:00:00Z/2026-11-14T00:00:00Z"));
        String header =
                "user_id,event_timestamp,num_transactions_l1w,total_amount_l1w,avg_amount_l1w,min_amount_l1w,max_amount_l1w,num_vendors_l1w,num_sources_l1w";
        String corrected = "1,2026-11-08T00:00:00Z,3,60.5,20.17,5.0,35.5,3,1";
        String vendorOnly = "4,2026-11-08T00:00:00Z,1,99.99,99.99,99.99,99.99,0,1";
        assertThat(csv(statement(versions.get(0)), running)).containsExactly(header);
        assertThat(csv("DESCRIBE features_transactions_last_week", running).stream()
                        .skip(1)
                        .map(column -> column.substring(0, column.indexOf(','))))
                .as("all that a row holds is compared, but when it was written and where it lies")
                .containsExactlyElementsOf(Stream.concat(Stream.of(header.split(",")), Stream.of("created", "day"))
                        .toList());
        assertThat(csv(statement(versions.get(1)), running)).containsExactly(header, corrected, vendorOnly);
        assertThat(csv(statement(versions.get(2)), running)).containsExactly(header, corrected, vendorOnly);
        assertThat(csv(
                        "SELECT count(*) AS n FROM features_transactions_last_week FOR VERSION AS OF "
                                + lake.first().snapshotId(),
                        running))
                .containsExactly("n", "7");
    }

    private static String statement(Map<String, @Nullable Object> version) {
        return String.valueOf(version.get("statement"));
    }

    private static void filesOfThePresentVersion(String sql, RunningTrino running) {
        assertThat(csv(sql, running))
                .containsExactly(
                        "day,files,feature_rows,bytes,bytes_of_each_file",
                        ofDay(running, "2026-11-14", 2, 4),
                        ofDay(running, "2026-11-13", 1, 1),
                        ofDay(running, "2026-11-07", 1, 4),
                        ofDay(running, "2026-10-31", 1, 1),
                        ofDay(running, "2026-10-17", 1, 1));
    }

    private static String ofDay(RunningTrino running, String day, int files, int rows) {
        long bytes = running.lake().bytes(BankingLake.TRANSACTIONS, LocalDate.parse(day));
        return "%s,%d,%d,%d,%d".formatted(day, files, rows, bytes, bytes / files);
    }

    private static String read(String file) {
        try {
            return Files.readString(FOLDER.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> csv(String sql, RunningTrino running) {
        return running.run(sql, OutputFormat.CSV).lines().toList();
    }

    private static List<Map<String, @Nullable Object>> rows(String sql, RunningTrino running) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        running.trino().run(SqlStatement.of(sql, "statement"), Trino.Limits.NONE, new RowWriter() {
            private List<Column> columns = List.of();

            @Override
            public void begin(List<Column> result) {
                columns = result;
            }

            @Override
            public void row(List<@Nullable Object> values) {
                Map<String, @Nullable Object> row = new HashMap<>();
                for (int i = 0; i < values.size(); i++) {
                    row.put(columns.get(i).name(), values.get(i));
                }
                rows.add(row);
            }

            @Override
            public void end(boolean cut) {
                assertThat(cut).isFalse();
            }

            @Override
            public void changed(long count) {
                throw new AssertionError("no rows but a change of " + count);
            }
        });
        return rows;
    }
}
