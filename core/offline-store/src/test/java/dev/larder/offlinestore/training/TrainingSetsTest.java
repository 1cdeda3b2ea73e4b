package dev.larder.offlinestore.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureRef;
import dev.larder.model.FeatureService;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.model.ValueType;
import dev.larder.offlinestore.Lake;
import dev.larder.offlinestore.LakeFiles;
import dev.larder.offlinestore.TestLake;
import dev.larder.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.iceberg.types.Types;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingSetsTest {
    private static final Instant NOON = Instant.parse("2026-11-02T12:00:00Z");
    private static final Field USER = new Field("user_id", ValueType.INT64);

    private final Path folder;
    private final TestLake written;
    private final Lake lake;
    private final TrainingSets sets;
    private final Path entities;

    TrainingSetsTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.written = new TestLake(folder);
        for (String view : List.of("visits", "profile")) {
            written.create(
                    view,
                    false,
                    Map.of("user_id", Types.LongType.get()),
                    Map.of("n", Types.LongType.get(), "m", Types.DoubleType.get()));
            written.replace(view, rows(1), "hash-1");
        }
        this.lake = written.open();
        this.sets = new TrainingSets(
                lake,
                new DuckDbPointInTimeJoin(new DuckDbSettings("256MB", 2), LakeFiles.local()),
                "1.2.3",
                Clock.fixed(NOON, ZoneOffset.UTC));
        Files.createDirectory(folder.resolve("in"));
        Files.createDirectory(folder.resolve("out"));
        this.entities = Files.writeString(
                folder.resolve("in/entities.csv"),
                "user_id,event_timestamp,label\n1,2026-11-03,x\n9,2026-11-03,y\n2,2026-11-03,z\n");
    }

    @AfterEach
    void closeLake() {
        lake.close();
        written.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "parquet"})
    void aLaterOverwriteDoesNotChangeARepeatedExport(String extension) throws IOException {
        Path first = folder.resolve("out/first." + extension);
        Path second = folder.resolve("out/second." + extension);
        Path fresh = folder.resolve("out/fresh." + extension);
        TrainingSet original = sets.export(request("hash-1"), first, Progress.none());

        written.replace("visits", rows(100), "hash-2");
        written.append("profile", rows(7));
        TrainingSet repeated = sets.repeat(original.sidecar(), second, Progress.none());
        sets.export(request(null), fresh, Progress.none());

        assertThat(ResultRows.first(second, 9)).isEqualTo(ResultRows.first(first, 9));
        assertThat(ResultRows.first(fresh, 9)).isNotEqualTo(ResultRows.first(first, 9));
        assertThat(repeated.snapshots()).isEqualTo(original.snapshots());
        assertThat(repeated.rows()).isEqualTo(3);
        if (extension.equals("csv")) {
            assertThat(Files.readString(second))
                    .isEqualTo(
                            """
                            user_id,event_timestamp,label,profile__m,visits__n,profile__n
                            1,2026-11-03T00:00:00Z,x,0.5,1,1
                            9,2026-11-03T00:00:00Z,y,,,
                            2,2026-11-03T00:00:00Z,z,1.0,2,2
                            """);
        }
    }

    @Test
    void theSidecarTellsHowTheSetCameAbout() throws IOException {
        Path out = folder.resolve("out/set.csv");
        TrainingSet set = sets.export(request("hash-1"), out, Progress.none());

        JsonNode json = new ObjectMapper()
                .readTree(folder.resolve("out/set.csv.larder.json").toFile());
        assertThat(json.at("/project").textValue()).isEqualTo("banking");
        assertThat(json.at("/larder").textValue()).isEqualTo("1.2.3");
        assertThat(json.at("/engine").textValue()).startsWith("DuckDB v");
        assertThat(json.at("/created_at").textValue()).isEqualTo("2026-11-02T12:00:00Z");
        assertThat(json.at("/entities/file").textValue()).isEqualTo("../in/entities.csv");
        assertThat(json.at("/entities/rows").longValue()).isEqualTo(3);
        assertThat(json.at("/entities/sha256").textValue()).isEqualTo(Checksum.of(entities));
        assertThat(json.at("/output/sha256").textValue()).isEqualTo(Checksum.of(out));
        assertThat(json.at("/output/columns")).hasSize(6);
        assertThat(json.at("/snapshots/visits/definition").textValue()).isEqualTo("hash-1");
        assertThat(json.at("/snapshots/visits/snapshot_id").longValue())
                .isEqualTo(lake.computedFeatures("visits").snapshotId());
        assertThat(json.at("/features/0/features/0").textValue()).isEqualTo("m");
        assertThat(TrainingSets.describe(set.sidecar()).snapshots()).isEqualTo(set.snapshots());
        try (Stream<Path> files = Files.list(folder.resolve("out"))) {
            assertThat(files).containsExactlyInAnyOrder(out, set.sidecar());
        }
    }

    @Test
    void eachTableThatWasReadKeepsItsSnapshotUnderOneTag() {
        TrainingSet set = sets.export(request("hash-1"), folder.resolve("out/a.csv"), Progress.none());
        sets.export(request("hash-1"), folder.resolve("out/b.csv"), Progress.none());
        String tag = Objects.requireNonNull(set.snapshots().get("visits")).tag();
        assertThat(tag).startsWith("training-");
        assertThat(lake.tags("visits"))
                .containsExactly(Map.entry(tag, lake.computedFeatures("visits").snapshotId()));
        assertThat(lake.tags("profile")).containsOnlyKeys(tag);
    }

    @Test
    void aRequestThatFailsLeavesNoTagAndNoFile() throws IOException {
        Files.writeString(entities, "user_id,event_timestamp\nx,2026-11-03\n");
        assertFails(
                () -> sets.export(request("hash-1"), folder.resolve("out/a.csv"), Progress.none()),
                ErrorCode.VALUE_TYPE_MISMATCH,
                "row 1");
        assertThat(lake.tags("visits")).isEmpty();
        assertThat(folder.resolve("out")).isEmptyDirectory();
    }

    @Test
    void rowsOfAnotherDefinitionAreRefused() {
        assertFails(
                () -> sets.export(request("hash-2"), folder.resolve("out/a.csv"), Progress.none()),
                ErrorCode.STEP_MISSING,
                "feature view profile",
                "hash-1",
                "hash-2",
                "larder compute");
    }

    @Test
    void aViewThatWasNeverComputedIsRefused() {
        TrainingSetRequest request = new TrainingSetRequest(
                entities,
                List.of(new RequestedView(
                        "other", null, List.of(USER), List.of("n"), Map.of(), Duration.ZERO, Duration.ZERO, null)),
                false);
        assertFails(
                () -> sets.export(request, folder.resolve("out/a.csv"), Progress.none()),
                ErrorCode.STEP_MISSING,
                "other",
                "larder compute");
    }

    @Test
    void aChangedEntityFileCannotBeRepeated() throws IOException {
        TrainingSet set = sets.export(request("hash-1"), folder.resolve("out/a.csv"), Progress.none());
        Files.writeString(entities, "user_id,event_timestamp,label\n1,2026-11-03,x\n");
        assertFails(
                () -> sets.repeat(set.sidecar(), folder.resolve("out/b.csv"), Progress.none()),
                ErrorCode.ARGUMENT_INVALID,
                "entities.csv",
                "a.csv.larder.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"output\": {}}", "not json", "{"})
    void aFileThatIsNoSidecarIsRefused(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("x.larder.json"), content);
        assertFails(
                () -> sets.repeat(file, folder.resolve("out/b.csv"), Progress.none()),
                ErrorCode.ARGUMENT_INVALID,
                "x.larder.json");
        assertFails(
                () -> TrainingSets.describe(folder.resolve("none.larder.json")),
                ErrorCode.PATH_UNUSABLE,
                "none.larder.json");
    }

    @Test
    void featureListsAndServicesNameViewsAndFeaturesThatExist() {
        FeatureView visits = new FeatureView(
                "visits",
                List.of("user"),
                List.of(USER),
                List.of(new Field("n", ValueType.INT64), new Field("m", ValueType.DOUBLE)),
                Duration.ofDays(2),
                true,
                "source",
                new FeatureView.Versions(List.of("n", "m"), ZoneId.of("UTC"), Duration.ofMinutes(5)),
                "",
                Map.of(),
                "");
        Repository repository = new Repository("banking", List.of(), List.of(), List.of(visits), List.of());
        FeatureService service = new FeatureService(
                "all",
                List.of(new FeatureService.Projection("visits", "v", List.of(), Map.of("user_id", "sender"))),
                "",
                Map.of(),
                "");
        assertThat(RequestedView.ofFeatures(
                        repository,
                        List.of(FeatureRef.parse("visits:m")),
                        view -> Optional.of("hash of " + view.name())))
                .containsExactly(new RequestedView(
                        "visits",
                        null,
                        List.of(USER),
                        List.of("m"),
                        Map.of(),
                        Duration.ofDays(2),
                        Duration.ofMinutes(5),
                        "hash of visits"));
        assertThat(RequestedView.ofService(repository, service, view -> Optional.empty()))
                .containsExactly(new RequestedView(
                        "visits",
                        "v",
                        List.of(USER),
                        List.of("n", "m"),
                        Map.of("user_id", "sender"),
                        Duration.ofDays(2),
                        Duration.ofMinutes(5),
                        null));
        assertFails(
                () -> RequestedView.ofFeatures(
                        repository, List.of(FeatureRef.parse("visits:x")), view -> Optional.empty()),
                ErrorCode.FEATURE_NOT_FOUND,
                "visits",
                "x",
                "n, m");
        assertFails(
                () -> RequestedView.ofFeatures(
                        repository, List.of(FeatureRef.parse("visit:n")), view -> Optional.empty()),
                ErrorCode.FEATURE_VIEW_NOT_FOUND,
                "visits");
    }

    /** Features of two views, mixed. */
    private TrainingSetRequest request(@Nullable String definition) {
        return new TrainingSetRequest(
                entities,
                List.of(
                        view("profile", "m", definition),
                        view("visits", "n", definition),
                        view("profile", "n", definition)),
                true);
    }

    private static RequestedView view(String name, String feature, @Nullable String definition) {
        return new RequestedView(
                name, null, List.of(USER), List.of(feature), Map.of(), Duration.ZERO, Duration.ZERO, definition);
    }

    private static List<Map<String, Object>> rows(long factor) {
        return LongStream.of(1, 2, 3)
                .mapToObj(user -> Map.<String, Object>of(
                        "user_id",
                        user,
                        "event_timestamp",
                        NOON,
                        "created",
                        NOON.plusSeconds(factor),
                        "n",
                        user * factor,
                        "m",
                        user * factor / 2.0))
                .toList();
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
