package dev.larder.server.online;

import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureView;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import java.util.Set;

/**
 * One version of the registry as far as online reads need it.
 *
 * @param onDemandViews names of views whose values are computed by Python code at request time
 * @param disabledViews names of views that were taken out of service ({@code enabled: false})
 */
public record ServedDefinitions(Repository repository, Set<String> onDemandViews, Set<String> disabledViews) {
    public ServedDefinitions {
        onDemandViews = Set.copyOf(onDemandViews);
        disabledViews = Set.copyOf(disabledViews);
    }

    /**
     * @throws LarderException {@code FEATURE_VIEW_NOT_FOUND}, naming the views that exist; {@code ARGUMENT_INVALID} for a
     *     view that is not served
     */
    public FeatureView view(String name) {
        if (onDemandViews.contains(name)) {
            throw new OnDemandViewException(name);
        }
        if (disabledViews.contains(name)) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Feature view %s is disabled and cannot serve features. Enable it in its definition and apply, or ask for another view."
                            .formatted(name));
        }
        return repository.featureView(name);
    }
}
