package dev.larder.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A named list of features, as a model asks for them. */
public record FeatureService(
        String name, List<Projection> projections, String description, Map<String, String> tags, String owner) {

    /**
     * Some features of one view.
     *
     * @param alias name used in the answer instead of the view's; null when there is none
     * @param joinKeyMap the view's join key to the caller's column, for the keys that are renamed
     */
    public record Projection(
            String featureView, @Nullable String alias, List<String> features, Map<String, String> joinKeyMap) {
        public Projection {
            features = List.copyOf(features);
            joinKeyMap = Map.copyOf(joinKeyMap);
        }

        public String nameToUse() {
            return alias == null ? featureView : alias;
        }
    }

    public FeatureService {
        projections = List.copyOf(projections);
        tags = Map.copyOf(tags);
    }
}
