package dev.larder.offlinestore.training;

import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureRef;
import dev.larder.model.FeatureService;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Some features of one view, as a training set asks for them.
 *
 * @param alias name used in the output instead of the view's; null when there is none
 * @param joinKeys the view's join keys with their types
 * @param features names of features, in the order of the output
 * @param joinKeyMap join key to the entity file's column, for the keys that are renamed
 * @param ttl how far back a value may lie; zero means without limit
 * @param availableAfter how long after its stamp a row is really there
 * @param definition hash that the table must have been computed from; null accepts any
 */
public record RequestedView(
        String view,
        @Nullable String alias,
        List<Field> joinKeys,
        List<String> features,
        Map<String, String> joinKeyMap,
        Duration ttl,
        Duration availableAfter,
        @Nullable String definition) {
    public RequestedView {
        joinKeys = List.copyOf(joinKeys);
        features = List.copyOf(features);
        joinKeyMap = Map.copyOf(joinKeyMap);
        if (features.isEmpty()) {
            throw new IllegalArgumentException("features: [] (expected: at least one feature of view " + view + ")");
        }
        if (ttl.isNegative() || availableAfter.isNegative()) {
            throw new IllegalArgumentException(
                    "ttl: %s, availableAfter: %s (expected: >= 0)".formatted(ttl, availableAfter));
        }
    }

    /**
     * The views of a feature list; the output has the features in the list's order.
     *
     * @param definition gives the hash of a view's present definition, or nothing where Larder does not compute it
     * @throws LarderException {@code FEATURE_VIEW_NOT_FOUND} or {@code FEATURE_NOT_FOUND}, naming what exists
     */
    public static List<RequestedView> ofFeatures(
            Repository repository, List<FeatureRef> features, Function<FeatureView, Optional<String>> definition) {
        List<RequestedView> views = new ArrayList<>();
        for (FeatureRef ref : features) {
            views.add(of(
                    repository,
                    new FeatureService.Projection(ref.featureView(), null, List.of(ref.feature()), Map.of()),
                    definition));
        }
        return List.copyOf(views);
    }

    /**
     * The views of a feature service, in its order.
     *
     * @param definition gives the hash of a view's present definition, or nothing where Larder does not compute it
     * @throws LarderException {@code FEATURE_VIEW_NOT_FOUND} or {@code FEATURE_NOT_FOUND}, naming what exists
     */
    public static List<RequestedView> ofService(
            Repository repository, FeatureService service, Function<FeatureView, Optional<String>> definition) {
        return service.projections().stream()
                .map(projection -> of(repository, projection, definition))
                .toList();
    }

    /** Column of the entity file that holds a join key of the view. */
    String columnOf(Field joinKey) {
        return joinKeyMap.getOrDefault(joinKey.name(), joinKey.name());
    }

    String outputName(String feature, boolean fullFeatureNames) {
        return fullFeatureNames ? (alias == null ? view : alias) + "__" + feature : feature;
    }

    private static RequestedView of(
            Repository repository,
            FeatureService.Projection projection,
            Function<FeatureView, Optional<String>> definition) {
        FeatureView view = repository.featureView(projection.featureView());
        List<String> features = projection.features().isEmpty()
                ? view.features().stream().map(Field::name).toList()
                : projection.features();
        for (String feature : features) {
            if (view.feature(feature).isEmpty()) {
                throw new LarderException(
                        ErrorCode.FEATURE_NOT_FOUND,
                        "Feature view %s has no feature %s (known: %s)"
                                .formatted(
                                        view.name(),
                                        feature,
                                        String.join(
                                                ", ",
                                                view.features().stream()
                                                        .map(Field::name)
                                                        .toList())));
            }
        }
        FeatureView.Computation computation = view.computation();
        return new RequestedView(
                view.name(),
                projection.alias(),
                view.entityColumns(),
                features,
                projection.joinKeyMap(),
                view.ttl(),
                computation == null ? Duration.ZERO : computation.availableAfter(),
                definition.apply(view).orElse(null));
    }
}
