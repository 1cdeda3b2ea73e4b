package dev.larder.client;

import dev.larder.client.FeatureClientException.Reason;
import dev.larder.model.FeatureRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where features stand in an answer. Servers name them {@code view:feature}, {@code view__feature} or {@code feature}, before or
 * behind the join keys and in an order of their own; a caller should not have to know which.
 */
final class FeatureNames {
    private static final int AMBIGUOUS = -1;
    private static final int LISTED = 50;

    private final boolean full;
    private final List<String> names = new ArrayList<>();
    private final List<Integer> columns = new ArrayList<>();
    private final Map<String, Integer> columnByName = new HashMap<>();

    private FeatureNames(boolean full) {
        this.full = full;
    }

    /** @throws FeatureClientException {@code INTERNAL} if a feature that was asked for is not in the answer */
    static FeatureNames of(FeatureRequest request, List<String> answered) {
        FeatureNames names = new FeatureNames(request.fullFeatureNames());
        if (request.featureService() == null) {
            names.addAsked(request.features(), answered);
        } else {
            names.addAnswered(answered, request.columns().keySet());
        }
        return names;
    }

    private void addAsked(List<FeatureRef> features, List<String> answered) {
        Map<String, Integer> position = new HashMap<>();
        for (int i = 0; i < answered.size(); i++) {
            position.put(answered.get(i), i);
        }
        for (FeatureRef feature : features) {
            String asked = feature.toString();
            String fullName = feature.featureView() + "__" + feature.feature();
            Integer column = position.get(asked);
            if (column == null) {
                column = position.get(full ? fullName : feature.feature());
            }
            if (column == null) {
                throw new FeatureClientException(
                        Reason.INTERNAL, "The answer lacks %s (it has %s)".formatted(asked, listed(answered)));
            }
            add(full ? fullName : feature.feature(), column);
            columnByName.put(asked, column);
            columnByName.putIfAbsent(fullName, column);
            if (full) {
                columnByName.merge(feature.feature(), column, (one, other) -> AMBIGUOUS);
            }
        }
    }

    private void addAnswered(List<String> answered, Set<String> joinKeys) {
        for (int i = 0; i < answered.size(); i++) {
            String name = answered.get(i);
            int colon = name.indexOf(':');
            if (colon > 0) {
                add(full ? name.substring(0, colon) + "__" + name.substring(colon + 1) : name.substring(colon + 1), i);
                columnByName.put(name, i);
            } else if (!joinKeys.contains(name)) {
                add(name, i);
            }
        }
    }

    private void add(String name, int column) {
        names.add(name);
        columns.add(column);
        columnByName.merge(name, column, (one, other) -> AMBIGUOUS);
    }

    List<String> names() {
        return names;
    }

    /** Column of the feature that {@link #names} has at a place. */
    int columnAt(int place) {
        return columns.get(place);
    }

    /** @throws FeatureClientException {@code NOT_FOUND}, naming the features that there are */
    int column(String name) {
        Integer column = columnByName.get(name);
        if (column == null && full) {
            column = columnByName.get(name.replaceFirst(":", "__"));
        }
        if (column == null) {
            throw new FeatureClientException(
                    Reason.NOT_FOUND, "No feature %s in the answer (there are: %s)".formatted(name, listed(names)));
        } else if (column == AMBIGUOUS) {
            throw new FeatureClientException(
                    Reason.NOT_FOUND,
                    "More than one feature is named %s in the answer; name it with its view, <feature_view>:%s (there are: %s)"
                            .formatted(name, name, listed(names)));
        }
        return column;
    }

    private static String listed(List<String> names) {
        return names.size() <= LISTED
                ? String.join(", ", names)
                : "%s and %d more".formatted(String.join(", ", names.subList(0, LISTED)), names.size() - LISTED);
    }
}
