package dev.larder.offlinestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakeTest {
    private static final Instant MONDAY = Instant.parse("2026-11-02T00:00:00Z");

    private final Path folder;

    LakeTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void aLakeThatWasNeverWrittenNamesTheCommandAndStaysAbsent() {
        Path catalog = folder.resolve("none.db");
        assertFails(
                () -> Lake.open(LakeAddress.local("jdbc:sqlite:" + catalog, folder.resolve("lake")), "banking"),
                ErrorCode.STEP_MISSING,
                "none.db",
                "larder ingest");
        assertThat(catalog).doesNotExist();
    }

    @Test
    void aCatalogWithoutTablesNamesTheCommand() throws Exception {
        Files.createFile(folder.resolve("catalog.db"));
        assertFails(
                () -> Lake.open(LakeAddress.local("jdbc:sqlite:" + folder.resolve("catalog.db"), folder), "banking"),
                ErrorCode.STEP_MISSING,
                "catalog.db",
                "larder ingest");
        assertThat(folder.resolve("catalog.db")).isEmptyFile();
    }

    @Test
    void aCatalogThatIsNoDatabaseIsUnavailable() throws Exception {
        Path file = folder.resolve("catalog.db");
        Files.writeString(file, "this is no database, but it is long enough to look like a header of one".repeat(20));
        assertFails(
                () -> {
                    try (Lake lake = Lake.open(LakeAddress.local("jdbc:sqlite:" + file, folder), "banking")) {
                        lake.features("trips");
                    }
                },
                ErrorCode.LAKE_UNAVAILABLE,
                "catalog.db",
                "not a database");
    }

    @Test
    void aViewWithoutRowsIsEmptyAndAskingForThemNamesTheCommand() {
        try (TestLake written = new TestLake(folder)) {
            written.create("trips", false, Map.of(), Map.of("n", Types.LongType.get()));
            try (Lake lake = written.open()) {
                assertThat(lake.features("trips")).isEmpty();
                assertThat(lake.features("other")).isEmpty();
                assertFails(() -> lake.computedFeatures("other"), ErrorCode.STEP_MISSING, "other", "larder compute");
            }
        }
    }

    @Test
    void aSnapshotTellsItsColumnsFilesRowsAndStamps() {
        try (TestLake written = new TestLake(folder)) {
            written.create("trips", false, Map.of("user_id", Types.LongType.get()), Map.of("n", Types.LongType.get()));
            long snapshot = written.replace("trips", List.of(row(1, MONDAY), row(2, MONDAY.plusSeconds(1))), "abc");
            try (Lake lake = written.open()) {
                FeatureTable table = lake.computedFeatures("trips");
                assertThat(table.snapshotId()).isEqualTo(snapshot);
                assertThat(table.rows()).isEqualTo(2);
                assertThat(table.definition()).isEqualTo("abc");
                assertThat(table.summary()).containsEntry(LakeLayout.SUMMARY_DEFINITION, "abc");
                assertThat(table.column("n")).contains(new FeatureTable.Column(3, "n", "long"));
                assertThat(table.column("created").orElseThrow().type()).isEqualTo("timestamptz");
                assertThat(table.files())
                        .as("the stamp of midnight belongs to the day before")
                        .extracting(FeatureTable.DataFile::firstStamp)
                        .containsExactlyInAnyOrder(MONDAY, MONDAY.plusSeconds(1));
                assertThat(table.files()).allSatisfy(file -> assertThat(LocalFileIO.path(file.location()))
                        .isAbsolute()
                        .exists()
                        .hasSize(file.bytes()));
            }
        }
    }

    @Test
    void anOlderSnapshotStaysReadableAndAnUnknownOneIsRefused() {
        try (TestLake written = new TestLake(folder)) {
            written.create("trips", false, Map.of("user_id", Types.LongType.get()), Map.of("n", Types.LongType.get()));
            long first = written.append("trips", List.of(row(1, MONDAY)));
            written.replace("trips", List.of(row(1, MONDAY), row(2, MONDAY)), "abc");
            written.table("trips").updateSchema().renameColumn("n", "count").commit();
            try (Lake lake = written.open()) {
                assertThat(lake.featuresAt("trips", first).rows()).isEqualTo(1);
                assertThat(lake.featuresAt("trips", first).column("n")).isPresent();
                assertThat(lake.computedFeatures("trips").rows()).isEqualTo(2);
                assertFails(() -> lake.featuresAt("trips", 77), ErrorCode.LAKE_UNAVAILABLE, "77", "Export");
            }
        }
    }

    @Test
    void aCommitThatSaysNothingOfTheDefinitionKeepsTheLastOne() {
        try (TestLake written = new TestLake(folder)) {
            written.create("trips", false, Map.of("user_id", Types.LongType.get()), Map.of("n", Types.LongType.get()));
            written.replace("trips", List.of(row(1, MONDAY)), "abc");
            written.append("trips", List.of(row(2, MONDAY)));
            try (Lake lake = written.open()) {
                assertThat(lake.computedFeatures("trips").definition()).isEqualTo("abc");
            }
        }
    }

    @Test
    void deleteFilesAreRefusedWithTheWayOut() {
        try (TestLake written = new TestLake(folder)) {
            Table table = written.create(
                    "trips", false, Map.of("user_id", Types.LongType.get()), Map.of("n", Types.LongType.get()));
            written.append("trips", List.of(row(1, MONDAY)));
            table.refresh();
            table.newRowDelta()
                    .addDeletes(FileMetadata.deleteFileBuilder(table.spec())
                            .ofPositionDeletes()
                            .withPath(table.location() + "/data/deletes.parquet")
                            .withPartitionPath("day=2026-11-01")
                            .withFileSizeInBytes(10)
                            .withRecordCount(1)
                            .build())
                    .commit();
            try (Lake lake = written.open()) {
                assertFails(
                        () -> lake.features("trips"),
                        ErrorCode.LAKE_UNAVAILABLE,
                        "features_trips",
                        "delete files",
                        "rewrite_data_files");
            }
        }
    }

    @Test
    void aTagKeepsItsSnapshotForThatLongFromNow() {
        try (TestLake written = new TestLake(folder)) {
            written.create("trips", false, Map.of("user_id", Types.LongType.get()), Map.of("n", Types.LongType.get()));
            long first = written.append("trips", List.of(row(1, MONDAY)));
            long second = written.append("trips", List.of(row(2, MONDAY)));
            Instant committed =
                    Instant.ofEpochMilli(written.table("trips").snapshot(first).timestampMillis());
            Clock later = Clock.fixed(committed.plus(Duration.ofDays(10)), ZoneOffset.UTC);
            try (Lake lake = Lake.open(written.address(), TestLake.PROJECT, later)) {
                lake.tag("trips", "training-1", first, Duration.ofDays(365));
                lake.tag("trips", "training-1", first, Duration.ofDays(365));
                assertThat(lake.tags("trips")).containsExactly(Map.entry("training-1", first));
                assertFails(
                        () -> lake.tag("trips", "training-1", second, Duration.ofDays(1)),
                        ErrorCode.ARGUMENT_INVALID,
                        "training-1");
            }
            assertThat(written.table("trips").refs().get("training-1"))
                    .extracting(SnapshotRef::maxRefAgeMs)
                    .isEqualTo(Duration.ofDays(375).toMillis());
        }
    }

    @Test
    void aWriterThatHoldsTheCatalogIsWaitedFor() throws Exception {
        try (TestLake written = new TestLake(folder)) {
            written.create("trips", false, Map.of("user_id", Types.LongType.get()), Map.of("n", Types.LongType.get()));
            long snapshot = written.append("trips", List.of(row(1, MONDAY)));
            try (Lake lake = written.open();
                    Connection writer =
                            DriverManager.getConnection(written.address().catalogUrl())) {
                writer.createStatement().execute("BEGIN EXCLUSIVE");
                Thread tagging = new Thread(() -> lake.tag("trips", "kept", snapshot, Duration.ofDays(1)));
                tagging.start();
                tagging.join(Duration.ofMillis(300).toMillis());
                assertThat(tagging.isAlive()).isTrue();
                writer.createStatement().execute("COMMIT");
                tagging.join();
                assertThat(lake.tags("trips")).containsKey("kept");
            }
        }
    }

    @Test
    void hadoopIsNotOnTheClassPath() {
        assertThat(LakeTest.class.getClassLoader().getResource("org/apache/hadoop/conf/Configuration.class"))
                .isNull();
    }

    private static Map<String, Object> row(long user, Instant stamp) {
        return Map.of("user_id", user, "event_timestamp", stamp, "created", MONDAY, "n", user);
    }

    private static void assertFails(ThrowingCallable call, ErrorCode code, String... words) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(code))
                .message()
                .contains(words);
    }
}
