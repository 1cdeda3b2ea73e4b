package dev.larder.offlinestore.training;

import java.nio.file.Path;
import java.util.List;

/**
 * Which features to join to which entity rows.
 *
 * @param entities CSV or Parquet file with a column {@code event_timestamp} (without an offset it is UTC), the join keys,
 *     and any other columns, which come back as they are
 * @param views the features, in the order of the output
 * @param fullFeatureNames {@code view__feature} instead of {@code feature}
 */
public record TrainingSetRequest(Path entities, List<RequestedView> views, boolean fullFeatureNames) {
    public TrainingSetRequest {
        views = List.copyOf(views);
        if (views.isEmpty()) {
            throw new IllegalArgumentException("views: [] (expected: at least one)");
        }
    }
}
