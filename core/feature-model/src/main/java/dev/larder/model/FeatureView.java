package dev.larder.model;

import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A group of features of the same entities, computed from one source.
 *
 * @param entities names of the entities, in the order of {@code entityColumns}; empty for an entity-less view
 * @param entityColumns join keys with their types
 * @param ttl how long a value stays valid; zero means for ever
 * @param computation how Larder computes the rows; null where someone else does (a view applied from Python)
 * @param source name of the data source; empty where the registry does not name one
 */
public record FeatureView(
        String name,
        List<String> entities,
        List<Field> entityColumns,
        List<Field> features,
        Duration ttl,
        boolean online,
        String source,
        @Nullable Computation computation,
        String description,
        Map<String, String> tags,
        String owner) {

    /** How rows come about. Every engine must handle every case. */
    public sealed interface Computation {
        /**
         * When a row of stamp T is really there for serving, counted from T; the point-in-time join adds it.
         */
        Duration availableAfter();
    }

    /**
     * One row per entity and stamp with at least one event in the longest window, then one expiry row.
     *
     * @param every distance of the stamps: whole days (at midnight in {@code zone}) or a divisor of a day
     * @param zone in which midnight is meant, and in which the table's {@code day} is counted
     */
    public record Aggregated(List<Aggregation> aggregations, Duration every, ZoneId zone, Duration availableAfter)
            implements Computation {
        public Aggregated {
            if (aggregations.isEmpty()) {
                throw new IllegalArgumentException("aggregations: [] (expected: at least one)");
            }
            aggregations = List.copyOf(aggregations);
        }
    }

    /**
     * One row per version of the source's row ({@code mode: state}).
     *
     * @param columns source column of each feature, in the order of the view's features
     */
    public record Versions(List<String> columns, ZoneId zone, Duration availableAfter) implements Computation {
        public Versions {
            columns = List.copyOf(columns);
        }
    }

    public FeatureView {
        entities = List.copyOf(entities);
        entityColumns = List.copyOf(entityColumns);
        features = List.copyOf(features);
        tags = Map.copyOf(tags);
    }

    public Optional<Field> feature(String featureName) {
        return features.stream().filter(f -> f.name().equals(featureName)).findFirst();
    }

    public List<String> joinKeys() {
        return entityColumns.stream().map(Field::name).toList();
    }
}
