package dev.larder.server.materialize;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be materialized.
 *
 * @param featureViews all of them computed by Larder; none: there is nothing to do, as in Feast
 * @param start null: from where the last one ended
 */
public record Materialization(List<String> featureViews, @Nullable Instant start, Instant end) {
    public Materialization {
        featureViews = List.copyOf(featureViews);
    }

    /** As {@code larder} takes it, after its options. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        if (start == null) {
            arguments.add("materialize-incremental");
        } else {
            arguments.add("materialize");
            arguments.add(start.toString());
        }
        arguments.add(end.toString());
        featureViews.forEach(view -> arguments.add("--view=" + view));
        return arguments;
    }
}
