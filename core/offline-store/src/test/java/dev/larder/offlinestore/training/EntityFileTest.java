package dev.larder.offlinestore.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import dev.larder.offlinestore.FeatureTable;
import dev.larder.offlinestore.Lake;
import dev.larder.offlinestore.LakeFiles;
import dev.larder.offlinestore.TestLake;
import dev.larder.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may stand in an entity file, and how it comes out again. */
class EntityFileTest {
    private static final Instant NOON = Instant.parse("2026-11-02T12:00:00Z");

    private final Path folder;
    private final TestLake written;
    private final Lake lake;
    private final PointInTimeJoin join = new DuckDbPointInTimeJoin(new DuckDbSettings("256MB", 2), LakeFiles.local());

    EntityFileTest(@TempDir Path folder) {
        this.folder = folder;
        this.written = new TestLake(folder);
        Map<String, Type> features = Map.of(
                "visits", Types.LongType.get(),
                "price", Types.FloatType.get(),
                "note", Types.StringType.get(),
                "seen", Types.TimestampType.withZone(),
                "raw", Types.BinaryType.get());
        written.create("visits", false, Map.of("user_id", Types.LongType.get()), features);
        written.append(
                "visits",
                List.of(Map.of(
                        "user_id",
                        7L,
                        "event_timestamp",
                        NOON,
                        "created",
                        NOON,
                        "visits",
                        5L,
                        "price",
                        0.1f,
                        "note",
                        "say \"a, b\"\nor c",
                        "seen",
                        NOON.plusMillis(5),
                        "raw",
                        "ab")));
        this.lake = written.open();
    }

    @AfterEach
    void closeLake() {
        lake.close();
        written.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-02 12:00:00",
                "2026-11-02T12:00:00Z",
                "2026-11-02T12:00:00.000000999Z",
                "2026-11-02 17:45:00+05:45",
                "2026-11-02T06:00:00-06:00",
                "2026-11-02 12:00:00+00"
            })
    void timesWithoutAnOffsetAreUtcAndOffsetsCount(String time) throws IOException {
        Path in = file("in.csv", "user_id,event_timestamp", "7," + time);
        assertThat(Files.readString(csv(in, "visits")))
                .isEqualTo("user_id,event_timestamp,visits\n7,2026-11-02T12:00:00Z,5\n");
    }

    @Test
    void aMicrosecondTooEarlyInAnotherZoneFindsNothing() throws IOException {
        Path in = file("in.csv", "user_id,event_timestamp", "7,2026-11-02T17:44:59.999999+05:45");
        assertThat(Files.readString(csv(in, "visits")))
                .isEqualTo("user_id,event_timestamp,visits\n7,2026-11-02T11:59:59.999999Z,\n");
    }

    @Test
    void otherColumnsOfCsvComeBackAsTheyWereWritten() throws IOException {
        Path in = file(
                "in.csv",
                "zip,user_id,\"a \"\"name\"\", quoted\",event_timestamp,Empty,row",
                "00123,7,\"x,\"\"y\"\"\",2026-11-02,\"\",1.50",
                ",,\"two\nlines\",2026-11-03,,1e5");
        assertThat(Files.readString(csv(in, "visits")))
                .isEqualTo(
                        """
                        zip,user_id,"a ""name"", quoted",event_timestamp,Empty,row,visits
                        00123,7,"x,""y""\",2026-11-02T00:00:00Z,"",1.50,
                        ,,"two
                        lines",2026-11-03T00:00:00Z,,1e5,
                        """);
    }

    @Test
    void aByteOrderMarkAndWindowsLineEndsAreNoPartOfTheData() throws IOException {
        Path in = folder.resolve("in.csv");
        Files.writeString(in, "\uFEFFuser_id,event_timestamp\r\n7,2026-11-02T12:00:00Z\r\n");
        assertThat(Files.readString(csv(in, "visits")))
                .isEqualTo("user_id,event_timestamp,visits\n7,2026-11-02T12:00:00Z,5\n");
    }

    @Test
    void csvCellsOfFeaturesAreQuotedShortAndInUtc() throws IOException {
        Path in = file("in.csv", "user_id,event_timestamp", "7,2026-11-03");
        assertThat(Files.readString(csv(in, "price", "note", "seen", "raw")))
                .isEqualTo(
                        """
                        user_id,event_timestamp,price,note,seen,raw
                        7,2026-11-03T00:00:00Z,0.1,"say ""a, b""
                        or c",2026-11-02T12:00:00.005Z,YWI=
                        """);
    }

    @Test
    void columnsOfCsvGetInParquetTheTypeThatFitsAllTheirValues() {
        Path in = file(
                "in.csv",
                "user_id,event_timestamp,label,zip,score,flag,day,at,moment,mixed,none",
                "7,2026-11-03,1,00123,1.5,true,2026-11-02,2026-11-02 10:00:00,2026-11-02T10:00:00+02:00,1,",
                ",2026-11-03,,45678,2,false,,,,x,");
        assertThat(types(join(in, "out.parquet", "visits", "price", "seen")))
                .containsExactly(
                        "user_id BIGINT",
                        "event_timestamp TIMESTAMP WITH TIME ZONE",
                        "label BIGINT",
                        "zip VARCHAR",
                        "score DOUBLE",
                        "flag BOOLEAN",
                        "day DATE",
                        "at TIMESTAMP",
                        "moment TIMESTAMP WITH TIME ZONE",
                        "mixed VARCHAR",
                        "none VARCHAR",
                        "visits BIGINT",
                        "price FLOAT",
                        "seen TIMESTAMP WITH TIME ZONE");
        assertThat(ResultRows.first(folder.resolve("out.parquet"), 9).rows())
                .containsExactly(
                        row(
                                "7",
                                "2026-11-03T00:00:00Z",
                                "1",
                                "00123",
                                "1.5",
                                "true",
                                "2026-11-02",
                                "2026-11-02T10:00:00",
                                "2026-11-02T08:00:00Z",
                                "1",
                                "",
                                "5",
                                "0.1",
                                "2026-11-02T12:00:00.005Z"),
                        row("", "2026-11-03T00:00:00Z", "", "45678", "2.0", "false", "", "", "", "x", "", "", "", ""));
    }

    @Test
    void columnsOfParquetKeepTheirTypes() {
        Path in = parquet("7::SMALLINT AS user_id, DATE '2026-11-03' AS event_timestamp, 1::UTINYINT AS label,"
                + " TIMESTAMP_NS '2026-11-02 00:00:00.123456789' AS at, [1, 2] AS list, 2.50::DECIMAL(9, 2) AS amount");
        assertThat(types(join(in, "out.parquet", "visits")))
                .containsExactly(
                        "user_id SMALLINT",
                        "event_timestamp TIMESTAMP WITH TIME ZONE",
                        "label UTINYINT",
                        "at TIMESTAMP_NS",
                        "list INTEGER[]",
                        "amount DECIMAL(9,2)",
                        "visits BIGINT");
        assertThat(ResultRows.first(join(in, "out.csv", "visits"), 9).rows())
                .containsExactly(
                        row("7", "2026-11-03T00:00:00Z", "1", "2026-11-02T00:00:00.123456789", "[1, 2]", "2.50", "5"));
    }

    @ParameterizedTest(name = "{0} finds {1}")
    @CsvSource({
        "TIMESTAMP_NS '2026-11-02 12:00:00.000000999', 5",
        "TIMESTAMP_NS '2026-11-02 11:59:59.999999999', ''",
        "TIMESTAMP_MS '2026-11-02 12:00:00', 5",
        "TIMESTAMP_S '2026-11-02 11:59:59', ''",
        "TIMESTAMPTZ '2026-11-02 13:00:00+01', 5",
        "VARCHAR '2026-11-02T12:00:00', 5",
        "DATE '2026-11-02', ''",
    })
    void timesOfParquetAreNeverRoundedUp(String time, String visits) {
        Path in = parquet("7 AS user_id, %s AS event_timestamp".formatted(time));
        assertThat(ResultRows.first(join(in, "out.csv", "visits"), 9)
                        .rows()
                        .get(0)
                        .get(2))
                .isEqualTo(visits.isEmpty() ? null : visits);
    }

    @ParameterizedTest(name = "{0} finds {1}")
    @CsvSource({
        "7::DOUBLE, 5",
        "'nan'::DOUBLE, ''",
        "7.00::DECIMAL, 5",
        "VARCHAR '7', 5",
        "NULL::BIGINT, ''",
        "7::UBIGINT, 5",
    })
    void numbersAreTheSameKeyInEveryType(String key, String visits) {
        Path in = parquet("%s AS user_id, DATE '2026-11-03' AS event_timestamp".formatted(key));
        assertThat(ResultRows.first(join(in, "out.csv", "visits"), 9)
                        .rows()
                        .get(0)
                        .get(2))
                .isEqualTo(visits.isEmpty() ? null : visits);
    }

    @ParameterizedTest(name = "user_id {0}")
    @ValueSource(strings = {"x", "7.5", "99999999999999999999", "\"\"", "0x7", "7e0"})
    void aKeyOfAnotherTypeIsNamedWithItsRow(String key) {
        Path in = file("in.csv", "user_id,event_timestamp", "7,2026-11-02", ",2026-11-02", key + ",2026-11-02");
        assertFails(
                () -> csv(in, "visits"),
                ErrorCode.VALUE_TYPE_MISMATCH,
                "in.csv",
                "row 3",
                "column user_id",
                key.replace("\"", ""),
                "Int64");
    }

    @ParameterizedTest(name = "event_timestamp {0}")
    @ValueSource(strings = {"yesterday", "2026-13-01", "infinity", "", "1793491200", "2026-11-02 25:00:00"})
    void aTimeThatIsNoneIsNamedWithItsRow(String time) {
        Path in = file("in.csv", "user_id,event_timestamp", "7,2026-11-02", "7," + time);
        assertFails(
                () -> csv(in, "visits"),
                ErrorCode.VALUE_TYPE_MISMATCH,
                "row 2",
                "column event_timestamp",
                time,
                "2026-11-01T00:00:00Z");
    }

    @Test
    void columnsOfTypesThatHoldNoKeyOrTimeAreRefused() {
        assertFails(
                () -> csv(parquet("[7] AS user_id, DATE '2026-11-02' AS event_timestamp"), "visits"),
                ErrorCode.VALUE_TYPE_MISMATCH,
                "user_id",
                "INTEGER[]",
                "Int64");
        assertFails(
                () -> csv(parquet("7 AS user_id, 1793491200 AS event_timestamp"), "visits"),
                ErrorCode.VALUE_TYPE_MISMATCH,
                "event_timestamp",
                "INTEGER");
    }

    @Test
    void aMissingColumnIsNamedWithThoseFound() {
        assertFails(
                () -> csv(file("in.csv", "user,event_timestamp", "7,2026-11-02"), "visits"),
                ErrorCode.ARGUMENT_INVALID,
                "in.csv",
                "no column user_id",
                "feature view visits",
                "user, event_timestamp");
        assertFails(
                () -> csv(file("in.csv", "user_id;event_timestamp", "7;2026-11-02"), "visits"),
                ErrorCode.ARGUMENT_INVALID,
                "user_id;event_timestamp");
    }

    @Test
    void columnsThatDifferOnlyInCaseAreRefused() throws IOException {
        assertFails(
                () -> csv(file("in.csv", "user_id,event_timestamp,a,A", "7,2026-11-02,1,2"), "visits"),
                ErrorCode.ARGUMENT_INVALID,
                "two columns named A");
    }

    @Test
    void aLineWithTooFewOrTooManyCellsIsNamed() {
        assertFails(
                () -> csv(file("in.csv", "user_id,event_timestamp", "7,2026-11-02", "7"), "visits"),
                ErrorCode.ARGUMENT_INVALID,
                "in.csv",
                "Line: 3");
        assertFails(
                () -> csv(file("in.csv", "user_id,event_timestamp", "7,2026-11-02,1"), "visits"),
                ErrorCode.ARGUMENT_INVALID,
                "Line: 2");
    }

    @Test
    void filesThatAreNotWhatTheirNameSaysAreRefused() throws IOException {
        assertFails(() -> csv(file("in.txt", "user_id"), "visits"), ErrorCode.ARGUMENT_INVALID, "in.txt", ".parquet");
        assertFails(
                () -> csv(file("in.parquet", "user_id,event_timestamp"), "visits"),
                ErrorCode.ARGUMENT_INVALID,
                "in.parquet",
                "PARQUET");
        assertFails(() -> csv(folder.resolve("no.csv"), "visits"), ErrorCode.PATH_UNUSABLE, "no.csv");
        Path latin = folder.resolve("latin.csv");
        Files.write(latin, new byte[] {'a', (byte) 0xE9, '\n'});
        assertFails(() -> csv(latin, "visits"), ErrorCode.ARGUMENT_INVALID, "latin.csv", "UTF-8");
    }

    @Test
    void outputNamesAreChecked() {
        Path in = file("in.csv", "user_id,event_timestamp,VISITS", "7,2026-11-03,1");
        assertFails(
                () -> csv(in, "visits"),
                ErrorCode.FEATURE_NAME_COLLISION,
                "visits:visits",
                "column of the entity file",
                "--full-feature-names");
        Path other = file("in2.csv", "user_id,event_timestamp", "7,2026-11-03");
        assertFails(
                () -> csv(other, "visits", "visits"),
                ErrorCode.FEATURE_NAME_COLLISION,
                "visits:visits",
                "--full-feature-names");
        assertFails(() -> join(other, "out.json", "visits"), ErrorCode.ARGUMENT_INVALID, "out.json", ".csv");
        assertFails(() -> join(other, "no/out.csv", "visits"), ErrorCode.PATH_UNUSABLE, "out.csv", "folder");
        assertFails(() -> join(other, "out.csv", "visit"), ErrorCode.FEATURE_NOT_FOUND, "visit", "note, price, raw");
    }

    @Test
    void aFailureLeavesTheOldOutputAndNoLeftovers() throws IOException {
        Files.writeString(folder.resolve("out.csv"), "old");
        Path in = file("in.csv", "user_id,event_timestamp", "7,2026-11-03");
        for (FeatureTable.DataFile file : lake.computedFeatures("visits").files()) {
            Files.delete(Path.of(file.location().replaceFirst("^file:/*", "/")));
        }
        assertFails(() -> csv(in, "visits"), ErrorCode.LAKE_UNAVAILABLE, "features_visits");
        assertThat(folder.resolve("out.csv")).hasContent("old");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(f -> String.valueOf(f.getFileName())).collect(Collectors.toSet()))
                    .containsExactlyInAnyOrder("in.csv", "out.csv", "catalog.db", "lake");
        }
    }

    @Test
    void aFileThatIcebergDidNotWriteIsRefusedInsteadOfReadAsNulls() {
        Path foreign = folder.resolve("foreign.parquet");
        TestLake.duckDb("COPY (SELECT 7 AS user_id) TO '%s' (FORMAT parquet)".formatted(foreign));
        FeatureTable table = lake.computedFeatures("visits");
        FeatureTable broken = new FeatureTable(
                table.view(),
                table.snapshotId(),
                table.committedAt(),
                table.columns(),
                List.of(new FeatureTable.DataFile(foreign.toString(), 1, 1, null, null)),
                table.summary(),
                null);
        Path in = file("in.csv", "user_id,event_timestamp", "7,2026-11-03");
        assertFails(
                () -> join.join(
                        request(in, "visits"), Map.of("visits", broken), folder.resolve("o.csv"), Progress.none()),
                ErrorCode.LAKE_UNAVAILABLE,
                "foreign.parquet",
                "field ids");
    }

    private Path csv(Path entities, String... features) {
        return join(entities, "out.csv", features);
    }

    private Path join(Path entities, String output, String... features) {
        Path out = folder.resolve(output);
        join.join(request(entities, features), Map.of("visits", lake.computedFeatures("visits")), out, Progress.none());
        return out;
    }

    private static TrainingSetRequest request(Path entities, String... features) {
        RequestedView view = new RequestedView(
                "visits",
                null,
                List.of(new Field("user_id", ValueType.INT64)),
                List.of(features),
                Map.of(),
                Duration.ZERO,
                Duration.ZERO,
                null);
        return new TrainingSetRequest(entities, List.of(view), false);
    }

    private Path file(String name, String... lines) {
        try {
            return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path parquet(String columns) {
        Path file = folder.resolve("in.parquet");
        TestLake.duckDb("COPY (SELECT %s) TO '%s' (FORMAT parquet)".formatted(columns, file));
        return file;
    }

    private static List<String> types(Path file) {
        try (DuckDb db = DuckDb.open(new DuckDbSettings("100MB", 1))) {
            return db.describe("SELECT * FROM '%s'".formatted(file)).stream()
                    .map(column -> column.name() + " " + column.type())
                    .toList();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** A row of texts; the empty text stands for null. */
    private static List<String> row(String... values) {
        return Stream.of(values).map(value -> value.isEmpty() ? null : value).collect(Collectors.toList());
    }

    private static void assertFails(ThrowingCallable call, ErrorCode code, String... words) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LarderException.class,
                        e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code))
                .message()
                .contains(words);
    }
}
