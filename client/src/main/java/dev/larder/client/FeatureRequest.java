package dev.larder.client;

import dev.larder.client.FeatureClientException.Reason;
import dev.larder.model.FeatureRef;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which features to read, of which entities. Immutable; one request may be asked any number of times. */
public final class FeatureRequest {
    private final @Nullable String featureService;
    private final List<FeatureRef> features;
    private final List<Map<String, Object>> rows;
    private final Map<String, List<FeatureValue>> columns;
    private final boolean fullFeatureNames;
    private final @Nullable Duration deadline;

    private FeatureRequest(Builder builder, Map<String, List<FeatureValue>> columns) {
        this.featureService = builder.featureService;
        this.features = builder.features;
        this.rows = List.copyOf(builder.rows);
        this.columns = columns;
        this.fullFeatureNames = builder.fullFeatureNames;
        this.deadline = builder.deadline;
    }

    /**
     * Asks for features by name.
     *
     * @param references each {@code view:feature}
     * @throws FeatureClientException {@code INVALID_REQUEST} if one is not of that form
     */
    public static Builder features(String... references) {
        return features(Arrays.asList(references));
    }

    /** As {@link #features(String...)}. */
    public static Builder features(List<String> references) {
        List<FeatureRef> features = new ArrayList<>();
        for (String reference : references) {
            try {
                features.add(FeatureRef.parse(reference));
            } catch (LarderException e) {
                throw new FeatureClientException(Reason.INVALID_REQUEST, String.valueOf(e.getMessage()), e);
            }
        }
        return new Builder(null, features);
    }

    /** Asks for all features of a feature service. */
    public static Builder featureService(String name) {
        return new Builder(name, List.of());
    }

    @Nullable
    String featureService() {
        return featureService;
    }

    List<FeatureRef> features() {
        return features;
    }

    /** As the caller gave them. */
    List<Map<String, Object>> rows() {
        return rows;
    }

    /** The same, by column. */
    Map<String, List<FeatureValue>> columns() {
        return columns;
    }

    boolean fullFeatureNames() {
        return fullFeatureNames;
    }

    @Nullable
    Duration deadline() {
        return deadline;
    }

    /** Collects the entities of a request. */
    public static final class Builder {
        private final @Nullable String featureService;
        private final List<FeatureRef> features;
        private final List<Map<String, Object>> rows = new ArrayList<>();
        private boolean fullFeatureNames = true;
        private @Nullable Duration deadline;

        private Builder(@Nullable String featureService, List<FeatureRef> features) {
            this.featureService = featureService;
            this.features = List.copyOf(features);
        }

        /**
         * One more entity, whose key is a single column. An entity that features do not depend on is named by any column: views
         * without entities take it.
         *
         * @param value {@code int} and {@code long} are sent as Int64, {@code String}, {@code boolean}, {@code double}, {@code
         *     float}, {@code byte[]}, {@code Instant}, {@code UUID} and {@code BigDecimal} as what they are; a {@link
         *     FeatureValue} exactly as it is. Larder's server casts to the join key's type
         */
        public Builder entity(String joinKey, Object value) {
            return entity(Map.of(joinKey, value));
        }

        /** One more entity, by join key; request data of on-demand views stands beside it. */
        public Builder entity(Map<String, ?> key) {
            rows.add(Collections.unmodifiableMap(new LinkedHashMap<>(key)));
            return this;
        }

        /** One more entity for each value of a single join key. */
        public Builder entities(String joinKey, Iterable<?> values) {
            for (Object value : values) {
                entity(joinKey, value);
            }
            return this;
        }

        /**
         * How features are named in the answer: {@code view__feature} (the default) or {@code feature}. Whichever it is, features
         * that were asked for by name are looked up as {@code view:feature}. Servers refuse short names of which two are equal.
         */
        public Builder fullFeatureNames(boolean full) {
            fullFeatureNames = full;
            return this;
        }

        /** For this request, in place of the client's. */
        public Builder deadline(Duration time) {
            deadline = FeatureClient.positive("deadline", time);
            return this;
        }

        /** @throws FeatureClientException {@code INVALID_REQUEST} if entities have different join keys, or values that cannot be sent */
        public FeatureRequest build() {
            Map<String, List<FeatureValue>> columns = new LinkedHashMap<>();
            for (int row = 0; row < rows.size(); row++) {
                Map<String, Object> key = rows.get(row);
                if (row > 0 && !key.keySet().equals(columns.keySet())) {
                    throw new FeatureClientException(
                            Reason.INVALID_REQUEST,
                            "Entity %d has the columns %s, entity 0 has %s (expected: the same in all)"
                                    .formatted(row, key.keySet(), columns.keySet()));
                }
                for (Map.Entry<String, Object> column : key.entrySet()) {
                    columns.computeIfAbsent(column.getKey(), name -> new ArrayList<>())
                            .add(value(row, column.getKey(), column.getValue()));
                }
            }
            return new FeatureRequest(this, columns);
        }

        private static FeatureValue value(int row, String column, @Nullable Object value) {
            try {
                return FromJava.value(value);
            } catch (FeatureClientException e) {
                throw new FeatureClientException(
                        e.reason(), "Entity %d, column %s: %s".formatted(row, column, e.getMessage()), e);
            }
        }
    }

    @Override
    public String toString() {
        return "%s of %d entities by %s"
                .formatted(Objects.requireNonNullElse(featureService, features), rows.size(), columns.keySet());
    }
}
