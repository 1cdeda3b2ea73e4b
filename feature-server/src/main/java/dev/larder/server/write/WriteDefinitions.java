package dev.larder.server.write;

import dev.larder.model.FeatureView;
import dev.larder.model.Repository;
import dev.larder.registry.ViewSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** One version of the registry as far as writing to the online store needs it. */
public final class WriteDefinitions {
    private static final ViewSource UNKNOWN = new ViewSource(null, "", "", Map.of());

    private final Map<String, FeatureView> views = new TreeMap<>();
    private final Map<String, List<FeatureView>> viewsByPushSource = new TreeMap<>();
    private final Map<String, ViewSource> sources;
    private final Set<String> onDemandViews;
    private final Set<String> pushSources;

    /**
     * @param onDemandViews names of views whose values are computed by Python code at request time
     * @param sources where the rows of each view come from, by the view's name
     * @param pushSources names of all push sources, whether or not they feed a view
     */
    public WriteDefinitions(
            Repository repository,
            Set<String> onDemandViews,
            Map<String, ViewSource> sources,
            Set<String> pushSources) {
        this.sources = new HashMap<>(sources);
        this.onDemandViews = Set.copyOf(onDemandViews);
        this.pushSources = Set.copyOf(pushSources);
        for (FeatureView view : repository.featureViews()) {
            views.put(view.name(), view);
            String pushSource = source(view).pushSource();
            if (pushSource != null) {
                viewsByPushSource
                        .computeIfAbsent(pushSource, name -> new ArrayList<>())
                        .add(view);
            }
        }
    }

    /**
     * The views that a push source feeds, in the registry's order.
     *
     * @throws FeastFailure if it feeds none, or does not exist
     */
    List<FeatureView> fedBy(String pushSource) {
        List<FeatureView> fed = viewsByPushSource.get(pushSource);
        if (fed != null) {
            return fed;
        } else if (pushSources.contains(pushSource)) {
            throw FeastFailure.pushSource(
                    "Push source '%s' feeds no feature view. Make it the source of one, and apply."
                            .formatted(pushSource));
        }
        throw FeastFailure.pushSource("Unable to find push source '%s'. Push sources that feed feature views: %s."
                .formatted(pushSource, names(viewsByPushSource)));
    }

    /** @throws FeastFailure if there is no such view, or its values cannot be written */
    FeatureView view(String name) {
        FeatureView view = views.get(name);
        if (view != null) {
            return view;
        } else if (onDemandViews.contains(name)) {
            throw FeastFailure.notImplemented(
                    "On-demand feature view %s is Python code, which this server does not run. Write the features that it is computed from."
                            .formatted(name));
        }
        throw FeastFailure.unknownView(
                "Can't recognize feast object with a name %s (known: %s)".formatted(name, names(views)));
    }

    ViewSource source(FeatureView view) {
        return sources.getOrDefault(view.name(), UNKNOWN);
    }

    private static String names(Map<String, ?> known) {
        return known.isEmpty() ? "none" : String.join(", ", known.keySet());
    }
}
