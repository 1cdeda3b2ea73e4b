package dev.larder.offlinestore.training;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.offlinestore.FeatureTable;
import dev.larder.offlinestore.Lake;
import dev.larder.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/**
 * Exports training sets from a lake so that each can be exported again, cell for cell: the snapshots that were read are
 * tagged and kept for a year, and a sidecar file beside the output names them.
 */
public final class TrainingSets {
    /** How long the tables keep what a training set was made of. */
    public static final Duration KEPT = Duration.ofDays(365);

    private final Lake lake;
    private final PointInTimeJoin join;
    private final String larderVersion;
    private final Clock clock;

    public TrainingSets(Lake lake, PointInTimeJoin join, String larderVersion, Clock clock) {
        this.lake = lake;
        this.join = join;
        this.larderVersion = larderVersion;
        this.clock = clock;
    }

    /**
     * Joins the newest snapshots of the requested views to the entity rows and writes {@code output} (see {@link
     * PointInTimeJoin#join}) and {@code output.larder.json}, replacing what is there.
     *
     * @throws LarderException {@code STEP_MISSING} if a view has not been computed, or not from its present definition;
     *     else as {@link PointInTimeJoin#join}
     */
    public TrainingSet export(TrainingSetRequest request, Path output, Progress progress) {
        Map<String, FeatureTable> tables = tables(request, lake::computedFeatures);
        request.views().forEach(view -> refuseOtherDefinition(view, tables));
        return write(request, tables, output, progress);
    }

    /**
     * Exports a training set once more from the snapshots that its sidecar names, whatever was computed since.
     *
     * @param sidecar the {@code .larder.json} file
     * @throws LarderException {@code ARGUMENT_INVALID} if the entity file has changed, {@code LAKE_UNAVAILABLE} if a
     *     snapshot no longer exists
     */
    public TrainingSet repeat(Path sidecar, Path output, Progress progress) {
        TrainingSet original = SidecarFile.read(sidecar);
        Path entities = original.request().entities();
        if (!Checksum.of(entities).equals(original.entitiesSha256())) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Entity file %s is not the one that %s was made of (SHA-256 %s). Restore it, or export anew."
                            .formatted(entities, sidecar, original.entitiesSha256()));
        }
        Map<String, FeatureTable> tables = tables(
                original.request(),
                view -> lake.featuresAt(view, snapshot(sidecar, original, view).id()));
        return write(original.request(), tables, output, progress);
    }

    /** What a sidecar file says. */
    public static TrainingSet describe(Path sidecar) {
        return SidecarFile.read(sidecar);
    }

    private TrainingSet write(
            TrainingSetRequest request, Map<String, FeatureTable> tables, Path output, Progress progress) {
        String extension = FileFormat.of(output, "Output file").extension();
        String entitiesSha256 = Checksum.of(request.entities());
        Path temporary = output.resolveSibling("." + output.getFileName() + "." + UUID.randomUUID() + extension);
        try {
            PointInTimeJoin.Joined joined = join.join(request, tables, temporary, progress);
            // Last, so that a request that fails leaves no tags; nothing is visible before the tags hold.
            Map<String, TrainingSet.Snapshot> snapshots = tag(request, tables, entitiesSha256);
            TrainingSet set = new TrainingSet(
                    lake.project(),
                    request,
                    entitiesSha256,
                    output,
                    Checksum.of(temporary),
                    joined.rows(),
                    joined.columns(),
                    snapshots,
                    clock.instant().truncatedTo(ChronoUnit.MILLIS),
                    join.engine(),
                    larderVersion);
            publish(set, temporary);
            return set;
        } finally {
            temporary.toFile().delete();
        }
    }

    private static void publish(TrainingSet set, Path rows) {
        Path sidecar = rows.resolveSibling(rows.getFileName() + ".json");
        try {
            Files.writeString(sidecar, SidecarFile.toJson(set));
            // A sidecar must never describe another file's rows, even if this ends in between.
            Files.deleteIfExists(set.sidecar());
            Files.move(rows, set.output(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Files.move(sidecar, set.sidecar(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "Training set %s cannot be written: %s. Name a file in a folder that exists and is writable."
                            .formatted(set.output(), e),
                    e);
        } finally {
            sidecar.toFile().delete();
        }
    }

    private Map<String, TrainingSet.Snapshot> tag(
            TrainingSetRequest request, Map<String, FeatureTable> tables, String entitiesSha256) {
        StringBuilder content = new StringBuilder(entitiesSha256)
                .append(SidecarFile.canonical(request.views(), request.fullFeatureNames()));
        tables.forEach((view, table) -> content.append(view).append(table.snapshotId()));
        String tag = "training-" + Checksum.of(content.toString()).substring(0, 16);
        Map<String, TrainingSet.Snapshot> snapshots = new LinkedHashMap<>();
        tables.forEach((view, table) -> {
            lake.tag(view, tag, table.snapshotId(), KEPT);
            snapshots.put(view, new TrainingSet.Snapshot(table.snapshotId(), tag, table.definition()));
        });
        return snapshots;
    }

    private static Map<String, FeatureTable> tables(TrainingSetRequest request, Function<String, FeatureTable> reader) {
        Map<String, FeatureTable> tables = new LinkedHashMap<>();
        request.views().forEach(view -> tables.computeIfAbsent(view.view(), reader));
        return tables;
    }

    private static TrainingSet.Snapshot snapshot(Path sidecar, TrainingSet set, String view) {
        TrainingSet.Snapshot snapshot = set.snapshots().get(view);
        if (snapshot == null) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "File %s names no snapshot of view %s (known: %s). Export the training set anew."
                            .formatted(sidecar, view, set.snapshots().keySet()));
        }
        return snapshot;
    }

    private static void refuseOtherDefinition(RequestedView view, Map<String, FeatureTable> tables) {
        FeatureTable table = tables.get(view.view());
        if (view.definition() != null && table != null && !view.definition().equals(table.definition())) {
            throw new LarderException(
                    ErrorCode.STEP_MISSING,
                    "The rows of feature view %s were computed from another definition than the present one (%s, not %s). Run `larder compute` first."
                            .formatted(view.view(), table.definition(), view.definition()));
        }
    }
}
