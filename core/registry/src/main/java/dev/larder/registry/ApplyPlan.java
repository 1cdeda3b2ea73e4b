package dev.larder.registry;

import dev.larder.model.Repository;
import dev.larder.registry.config.FeatureStoreConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@link FileRegistry#apply} would do, or has done.
 *
 * @param unchanged number of objects that are as they should be
 * @param baseVersion version of the registry that it was made for
 */
public record ApplyPlan(
        FeatureStoreConfig config, Repository repository, List<Change> changes, int unchanged, String baseVersion) {
    public ApplyPlan {
        changes = List.copyOf(changes);
    }

    /** Whether the registry is already as the definitions say. */
    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /** The plan for people, a line per change and one for the rest. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        changes.forEach(change -> lines.add(change.toString()));
        lines.add("  " + unchanged + " unchanged");
        return lines;
    }
}
