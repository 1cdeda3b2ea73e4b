package dev.larder.server.write;

import dev.larder.model.FeatureView;
import dev.larder.model.Repository;
import dev.larder.registry.ViewSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * One version of the registry as far as writing to the online store needs it.
 *
 * @param onDemandViews names of views whose values are computed by Python code at request time
 * @param sources where the rows of each view come from, by the view's name
 * @param pushSources names of all push sources, whether or not they feed a view
 */
public record WriteDefinitions(
        Repository repository, Set<String> onDemandViews, Map<String, ViewSource> sources, Set<String> pushSources) {
    private static final ViewSource UNKNOWN = new ViewSource(null, "", "", Map.of());

    public WriteDefinitions {
        onDemandViews = Set.copyOf(onDemandViews);
        sources = Map.copyOf(sources);
        pushSources = Set.copyOf(pushSources);
    }

    /**
     * The views that a push source feeds, in the registry's order.
     *
     * @throws FeastFailure if it feeds none, or does not exist
     */
    List<FeatureView> fedBy(String pushSource) {
        List<FeatureView> views = repository.featureViews().stream()
                .filter(view -> pushSource.equals(source(view).pushSource()))
                .toList();
        if (views.isEmpty() && pushSources.contains(pushSource)) {
            throw FeastFailure.pushSource(
                    "Push source '%s' feeds no feature view. Make it the source of one, and apply."
                            .formatted(pushSource));
        } else if (views.isEmpty()) {
            Set<String> known = new TreeSet<>();
            sources.values().stream()
                    .map(ViewSource::pushSource)
                    .filter(Objects::nonNull)
                    .forEach(known::add);
            throw FeastFailure.pushSource("Unable to find push source '%s'. Push sources that feed feature views: %s."
                    .formatted(pushSource, known.isEmpty() ? "none" : String.join(", ", known)));
        }
        return views;
    }

    /** @throws FeastFailure if there is no such view, or its values cannot be written */
    FeatureView view(String name) {
        if (onDemandViews.contains(name)) {
            throw FeastFailure.notImplemented(
                    "On-demand feature view %s is Python code, which this server does not run. Write the features that it is computed from."
                            .formatted(name));
        }
        return repository.featureViews().stream()
                .filter(view -> view.name().equals(name))
                .findFirst()
                .orElseThrow(() -> {
                    Set<String> known = new TreeSet<>();
                    repository.featureViews().forEach(view -> known.add(view.name()));
                    return FeastFailure.unknownView("Can't recognize feast object with a name %s (known: %s)"
                            .formatted(name, known.isEmpty() ? "none" : String.join(", ", known)));
                });
    }

    ViewSource source(FeatureView view) {
        return sources.getOrDefault(view.name(), UNKNOWN);
    }
}
