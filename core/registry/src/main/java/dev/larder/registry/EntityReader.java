package dev.larder.registry;

import dev.larder.model.Entity;
import dev.larder.model.ValueType;
import dev.larder.registry.yaml.NearNames;
import dev.larder.registry.yaml.YamlMap;
import dev.larder.registry.yaml.YamlNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads {@code kind: Entity}. */
final class EntityReader {
    private static final List<String> KEYS =
            List.of("kind", "name", "join_key", "value_type", "description", "tags", "owner");

    @Nullable
    Entity read(YamlMap map, String name) {
        map.allowOnly(KEYS);
        String joinKey = Identifier.read(map, "join_key", "user_id");
        ValueType type = type(map.require("value_type", "one of " + allowed()));
        if (joinKey == null || type == null) {
            return null;
        }
        FeatureColumns.checkNotReserved(map, "join_key", joinKey);
        return new Entity(name, joinKey, type, map.text("description", ""), map.textMap("tags"), map.text("owner", ""));
    }

    private static @Nullable ValueType type(@Nullable YamlNode node) {
        String text = node == null ? null : node.asText();
        if (node == null || text == null) {
            return null;
        }
        ValueType type = ValueType.ofName(text).orElse(null);
        if (type == null || !TypeRules.ENTITY_TYPES.contains(type)) {
            node.report("value_type: '%s' cannot be a join key's type (%s)"
                    .formatted(text, NearNames.instead(text, TypeRules.names(TypeRules.ENTITY_TYPES))));
            return null;
        }
        return type;
    }

    private static String allowed() {
        return String.join(", ", TypeRules.names(TypeRules.ENTITY_TYPES));
    }
}
