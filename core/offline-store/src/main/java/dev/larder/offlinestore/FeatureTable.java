package dev.larder.offlinestore;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one view as one snapshot of its table holds them; later commits do not change it.
 *
 * @param columns the columns of that snapshot's schema
 * @param files all files of rows; together they are the whole content, no row of them is deleted
 * @param summary properties of the snapshot's commit
 * @param definition hash of the definition that the rows were computed from; null where Larder did not compute them
 */
public record FeatureTable(
        String view,
        long snapshotId,
        Instant committedAt,
        List<Column> columns,
        List<DataFile> files,
        Map<String, String> summary,
        @Nullable String definition) {

    /**
     * A top-level column.
     *
     * @param id Iceberg's field id, which stays the same when the column is renamed
     * @param type Iceberg's name of the type, for example {@code long}, {@code timestamptz}, {@code decimal(12, 2)}
     */
    public record Column(int id, String name, String type) {}

    /**
     * A Parquet file of rows.
     *
     * @param location as the table names it: a path, {@code file:} or {@code s3://}
     * @param firstStamp no row has an earlier event timestamp; null where unknown
     * @param lastStamp no row has a later event timestamp; null where unknown
     */
    public record DataFile(
            String location, long rows, long bytes, @Nullable Instant firstStamp, @Nullable Instant lastStamp) {}

    public FeatureTable {
        columns = List.copyOf(columns);
        files = List.copyOf(files);
        summary = Map.copyOf(summary);
    }

    public long rows() {
        return files.stream().mapToLong(DataFile::rows).sum();
    }

    public Optional<Column> column(String name) {
        return columns.stream().filter(c -> c.name().equals(name)).findFirst();
    }
}
