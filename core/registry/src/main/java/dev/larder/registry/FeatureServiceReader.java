package dev.larder.registry;

import dev.larder.model.FeatureService;
import dev.larder.model.FeatureService.Projection;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.registry.yaml.NearNames;
import dev.larder.registry.yaml.Problem;
import dev.larder.registry.yaml.Problems;
import dev.larder.registry.yaml.YamlMap;
import dev.larder.registry.yaml.YamlNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code kind: FeatureService}. */
final class FeatureServiceReader {
    private static final List<String> KEYS = List.of("kind", "name", "features", "description", "tags", "owner");
    private static final List<String> PROJECTION_KEYS = List.of("view", "features", "alias", "join_key_map");

    private final Definitions<FeatureView> views;
    private final Problems warnings;

    FeatureServiceReader(Definitions<FeatureView> views, Problems warnings) {
        this.views = views;
        this.warnings = warnings;
    }

    @Nullable
    FeatureService read(YamlMap map, String name) {
        map.allowOnly(KEYS);
        YamlNode list = map.require("features", "a list of {view: .., features: [..]}");
        List<YamlNode> items = list == null ? null : list.asList();
        if (list == null || items == null) {
            return null;
        }
        if (items.isEmpty()) {
            list.report("features: is empty (expected: at least one view)");
        }
        List<Projection> projections = new ArrayList<>();
        Set<String> viewNames = new HashSet<>();
        Map<String, String> viewOfFeature = new HashMap<>();
        for (YamlNode item : items) {
            Projection projection = projection(item);
            if (projection == null) {
                continue;
            }
            projections.add(projection);
            if (!viewNames.add(projection.nameToUse())) {
                item.report("view '%s' is already in the service (expected: once, or under another 'alias')"
                        .formatted(projection.nameToUse()));
            }
            for (String feature : projection.features()) {
                String other = viewOfFeature.putIfAbsent(feature, projection.nameToUse());
                if (other != null && !other.equals(projection.nameToUse())) {
                    warnings.add(new Problem(
                            item.file(),
                            item.line(),
                            "feature '%s' comes from '%s' and '%s', so a request must ask for full feature names"
                                    .formatted(feature, other, projection.nameToUse())));
                }
            }
        }
        return new FeatureService(
                name, projections, map.text("description", ""), map.textMap("tags"), map.text("owner", ""));
    }

    private @Nullable Projection projection(YamlNode item) {
        YamlMap map = item.named("feature of the service").asMap();
        if (map == null) {
            return null;
        }
        map.allowOnly(PROJECTION_KEYS);
        YamlNode viewNode = map.require("view", "the name of a FeatureView");
        FeatureView view = viewNode == null ? null : views.find(viewNode);
        if (view == null) {
            return null;
        }
        String alias = map.has("alias") ? Identifier.read(map, "alias", "sender_stats") : null;
        return new Projection(view.name(), alias, features(map, view), joinKeyMap(map, view));
    }

    private static List<String> features(YamlMap map, FeatureView view) {
        List<String> known = view.features().stream().map(Field::name).toList();
        YamlNode list = map.get("features");
        if (list == null) {
            return known;
        }
        List<String> features = new ArrayList<>();
        for (YamlNode item : map.list("features")) {
            String feature = item.asText();
            if (feature == null) {
                continue;
            }
            if (!known.contains(feature)) {
                item.report("view '%s' has no feature '%s' (%s)"
                        .formatted(view.name(), feature, NearNames.instead(feature, known)));
            } else if (features.contains(feature)) {
                item.report("feature '%s' twice (expected: once)".formatted(feature));
            } else {
                features.add(feature);
            }
        }
        if (list.isList() && map.list("features").isEmpty()) {
            list.report("features: is empty (expected: at least one, or no key for all of the view)");
        }
        return features;
    }

    private static Map<String, String> joinKeyMap(YamlMap map, FeatureView view) {
        YamlMap renamed = map.map("join_key_map");
        if (renamed == null) {
            return Map.of();
        }
        for (String key : renamed.keys()) {
            if (!view.joinKeys().contains(key)) {
                renamed.reportKey(
                        key,
                        "view '%s' has no join key '%s' (%s)"
                                .formatted(view.name(), key, NearNames.instead(key, view.joinKeys())));
            }
        }
        return map.textMap("join_key_map");
    }
}
