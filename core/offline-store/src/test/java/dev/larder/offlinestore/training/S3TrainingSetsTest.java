package dev.larder.offlinestore.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import dev.larder.objectstorage.Bucket;
import dev.larder.objectstorage.Location;
import dev.larder.objectstorage.ObjectCache;
import dev.larder.objectstorage.TestStack;
import dev.larder.offlinestore.FeatureTable;
import dev.larder.offlinestore.Lake;
import dev.larder.offlinestore.LakeAddress;
import dev.larder.offlinestore.LakeFiles;
import dev.larder.offlinestore.LakeLayout;
import dev.larder.offlinestore.TestLake;
import dev.larder.progress.Progress;
import dev.larder.servers.Part;
import dev.larder.servers.PostgresEndpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training sets from a lake whose files are in MinIO and whose catalog is in PostgreSQL. */
final class S3TrainingSetsTest {
    private static final Field USER = new Field("user_id", ValueType.INT64);
    private static final Instant FIRST_DAY = Instant.parse("2026-11-01T00:00:00Z");
    private static final int DAYS = 5;

    @SuppressWarnings("NullAway.Init")
    private static TestStack stack;

    private final Path folder;
    private final Path cache;
    private final LakeAddress address;
    private final TestLake written;

    S3TrainingSetsTest(@TempDir Path folder) throws SQLException {
        this.folder = folder;
        this.cache = folder.resolve("cache");
        PostgresEndpoint catalog = stack.endpoints().catalog();
        // Two lakes in one catalog would see each other's tables.
        execute(catalog, "drop table if exists iceberg_tables, iceberg_namespace_properties");
        String bucket = TestStack.newBucket();
        try (Bucket made = Bucket.open(stack.s3(), bucket, ErrorCode.LAKE_UNAVAILABLE)) {
            made.prepare("warehouse");
        }
        this.address = new LakeAddress(
                catalog.jdbcUrl(),
                Optional.of(catalog.user()),
                Optional.of("secret"),
                new Location.S3(bucket, "warehouse"),
                stack.s3());
        this.written = new TestLake(address);
    }

    @BeforeAll
    static void startServers(@TempDir Path folder) {
        stack = TestStack.start(folder, Part.MINIO, Part.POSTGRES);
    }

    @AfterAll
    static void stopServers() {
        stack.close();
    }

    @BeforeEach
    void writeTable() {
        written.create("visits", false, Map.of("user_id", Types.LongType.get()), Map.of("n", Types.LongType.get()));
        written.replace("visits", rows(1), "hash-1");
    }

    @AfterEach
    void close() {
        written.close();
    }

    @Test
    void aSetIsExportedAndRepeatedCellForCell() throws IOException {
        try (Lake lake = Lake.open(address, TestLake.PROJECT)) {
            TrainingSets sets = sets(lake, 1_000_000);
            TrainingSet original = sets.export(request("2026-11-05"), folder.resolve("first.csv"), Progress.none());
            written.replace("visits", rows(100), "hash-1");

            sets.repeat(original.sidecar(), folder.resolve("second.csv"), Progress.none());
            sets.export(request("2026-11-05"), folder.resolve("fresh.csv"), Progress.none());

            assertThat(folder.resolve("first.csv"))
                    .hasContent(
                            """
                            user_id,event_timestamp,visits__n
                            1,2026-11-05T00:00:00Z,4
                            7,2026-11-05T00:00:00Z,
                            """);
            assertThat(folder.resolve("second.csv")).hasSameTextualContentAs(folder.resolve("first.csv"));
            assertThat(Files.readString(folder.resolve("fresh.csv"))).contains("1,2026-11-05T00:00:00Z,103");
            assertThat(lake.tags("visits")).hasSize(2);
        }
    }

    @Test
    void onlyFilesThatCanMatterAreFetchedAndOnlyOnce() throws IOException {
        try (Lake lake = Lake.open(address, TestLake.PROJECT)) {
            sets(lake, 1_000_000).export(request("2026-11-03"), folder.resolve("a.csv"), Progress.none());
            assertThat(copies()).hasSize(2);

            List<Path> before = copies();
            sets(lake, 1_000_000).export(request("2026-11-05"), folder.resolve("b.csv"), Progress.none());
            assertThat(copies()).hasSize(4).containsAll(before);
        }
    }

    @Test
    void theCacheStaysWithinItsSizeOrSaysThatItIsTooSmall() throws IOException {
        try (Lake lake = Lake.open(address, TestLake.PROJECT)) {
            long bytes = lake.computedFeatures("visits").files().get(0).bytes();

            assertThatThrownBy(() -> sets(lake, 2 * bytes)
                            .export(request("2026-11-05"), folder.resolve("a.csv"), Progress.none()))
                    .isInstanceOfSatisfying(
                            LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARGUMENT_INVALID))
                    .hasMessageContaining("larder.lake.cache_size");

            sets(lake, 6 * bytes).export(request("2026-11-05"), folder.resolve("a.csv"), Progress.none());
            written.replace("visits", rows(100), "hash-1");
            sets(lake, 6 * bytes).export(request("2026-11-05"), folder.resolve("b.csv"), Progress.none());
            assertThat(copies()).hasSizeLessThanOrEqualTo(6);
        }
    }

    @Test
    void aFileThatVanishedIsNamed() {
        try (Lake lake = Lake.open(address, TestLake.PROJECT)) {
            FeatureTable.DataFile file = lake.computedFeatures("visits").files().get(0);
            written.delete(file.location());

            assertThatThrownBy(() -> sets(lake, 1_000_000)
                            .export(request("2026-11-05"), folder.resolve("a.csv"), Progress.none()))
                    .isInstanceOfSatisfying(
                            LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LAKE_UNAVAILABLE))
                    .hasMessage(
                            "%s is not in S3 at %s any more. Restore it, or run the step again that writes it.",
                            file.location(), stack.s3().endpoint());
        }
    }

    @Test
    void whileMinioIsAwayTheMessageSaysSoAndAfterwardsAllIsWell() {
        try (Lake lake = Lake.open(address, TestLake.PROJECT)) {
            stack.kill(Part.MINIO);
            assertThatThrownBy(() -> lake.computedFeatures("visits"))
                    .isInstanceOfSatisfying(
                            LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LAKE_UNAVAILABLE))
                    .hasMessageStartingWith(
                            "S3 at %s does not answer: ", stack.s3().endpoint())
                    .hasMessageContaining("(asked for s3://");

            stack.restart(Part.MINIO, Part.POSTGRES);
            assertThat(lake.computedFeatures("visits").rows()).isEqualTo(DAYS);
        }
    }

    @Test
    void aCatalogThatDoesNotAnswerIsNamedWithoutItsPassword() {
        LakeAddress wrong = new LakeAddress(
                "jdbc:postgresql://127.0.0.1:1/iceberg?password=hunter2",
                Optional.of("u"),
                Optional.of("hunter2"),
                address.warehouse(),
                address.s3());

        assertThatThrownBy(() -> Lake.open(wrong, TestLake.PROJECT).computedFeatures("visits"))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LAKE_UNAVAILABLE))
                .hasMessageContaining(
                        "The lake's catalog jdbc:postgresql://127.0.0.1:1/iceberg?password=*** cannot be read")
                .message()
                .doesNotContain("hunter2");
        assertThat(wrong.toString()).doesNotContain("hunter2");
    }

    @Test
    void aCatalogWithoutTablesIsAMissingStep() throws SQLException {
        execute(stack.endpoints().catalog(), "drop table iceberg_tables, iceberg_namespace_properties");

        assertThatThrownBy(() -> Lake.open(address, TestLake.PROJECT))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STEP_MISSING))
                .hasMessageContaining("holds no tables yet. Run `larder ingest` first.");
    }

    @Test
    void tagsAndCommitsOfManyProcessesAtOnceAllArrive() throws Exception {
        int writers = 6;
        try (Lake lake = Lake.open(address, TestLake.PROJECT)) {
            long snapshot = lake.computedFeatures("visits").snapshotId();
            ExecutorService threads = Executors.newFixedThreadPool(writers + 1);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                String name = "tag-" + i % 5;
                all.add(threads.submit(() -> {
                    try (Lake other = Lake.open(address, TestLake.PROJECT)) {
                        other.tag("visits", name, snapshot, Duration.ofDays(1));
                    }
                }));
            }
            all.add(threads.submit(() -> written.append("visits", rows(7))));
            threads.shutdown();
            for (Future<?> one : all) {
                one.get();
            }

            assertThat(lake.tags("visits")).hasSize(5).allSatisfy((name, tagged) -> assertThat(tagged)
                    .isEqualTo(snapshot));
            assertThat(lake.computedFeatures("visits").rows()).isEqualTo(2 * DAYS);
        }
    }

    private TrainingSets sets(Lake lake, long cacheBytes) {
        LakeFiles files = LakeFiles.of(address, new ObjectCache(cache, cacheBytes));
        return new TrainingSets(
                lake, new DuckDbPointInTimeJoin(new DuckDbSettings("256MB", 2), files), "1.2.3", Clock.systemUTC());
    }

    private TrainingSetRequest request(String day) {
        try {
            Path entities = Files.writeString(
                    folder.resolve("entities-" + day + ".csv"),
                    "user_id,event_timestamp\n1,%1$s\n7,%1$s\n".formatted(day));
            RequestedView view = new RequestedView(
                    "visits", null, List.of(USER), List.of("n"), Map.of(), Duration.ZERO, Duration.ZERO, "hash-1");
            return new TrainingSetRequest(entities, List.of(view), true);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** One row a day of user 1, stamped at its end. */
    private static List<Map<String, Object>> rows(long first) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int day = 0; day < DAYS; day++) {
            Instant stamp = FIRST_DAY.plus(Duration.ofDays(day + 1));
            rows.add(Map.of(
                    "user_id", 1L, LakeLayout.EVENT_TIMESTAMP, stamp, "n", first + day, LakeLayout.CREATED, stamp));
        }
        return rows;
    }

    private List<Path> copies() throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            return files.filter(file -> file.toString().endsWith(".parquet")).toList();
        }
    }

    private static void execute(PostgresEndpoint database, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl(), database.user(), null);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
