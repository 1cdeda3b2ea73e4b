package dev.larder.server.materialize;

import java.util.List;

/** Views that were to be materialized are being materialized already; answered with status 409. */
public final class AlreadyMaterializing extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> featureViews;

    AlreadyMaterializing(List<String> featureViews) {
        super(
                "Feature view%s %s: a materialization is going on already. Wait for its end, or send force=true to run after it."
                        .formatted(featureViews.size() == 1 ? "" : "s", String.join(", ", featureViews)));
        this.featureViews = List.copyOf(featureViews);
    }

    public List<String> featureViews() {
        return featureViews;
    }
}
