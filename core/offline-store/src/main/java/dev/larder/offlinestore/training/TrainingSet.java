package dev.larder.offlinestore.training;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A training set that was written, and all that is needed to write it again; the sidecar file holds the same.
 *
 * @param request what was asked for
 * @param entitiesSha256 SHA-256 of the entity file, hex
 * @param output the file of rows
 * @param outputSha256 SHA-256 of the file of rows, hex
 * @param columns names of its columns
 * @param snapshots what was read of each view, by the view's name
 * @param engine name and version of the engine
 * @param larderVersion version of Larder
 */
public record TrainingSet(
        String project,
        TrainingSetRequest request,
        String entitiesSha256,
        Path output,
        String outputSha256,
        long rows,
        List<String> columns,
        Map<String, Snapshot> snapshots,
        Instant createdAt,
        String engine,
        String larderVersion) {

    /**
     * A snapshot of a view's table.
     *
     * @param tag name under which the table keeps it
     * @param definition hash of the definition that its rows were computed from; null where Larder did not compute them
     */
    public record Snapshot(long id, String tag, @Nullable String definition) {}

    public TrainingSet {
        columns = List.copyOf(columns);
        snapshots = Map.copyOf(snapshots);
    }

    /** The file beside the output that tells how it came about. */
    public Path sidecar() {
        return sidecarOf(output);
    }

    static Path sidecarOf(Path output) {
        return output.resolveSibling(output.getFileName() + ".larder.json");
    }
}
