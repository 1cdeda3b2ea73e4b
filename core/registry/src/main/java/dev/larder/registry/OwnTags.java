package dev.larder.registry;

import dev.larder.registry.yaml.YamlMap;
import java.util.Map;

/** Tags of sources and views, among which the registry keeps what Feast has no field for. */
final class OwnTags {
    private static final String RESERVED = "larder.";

    private OwnTags() {}

    static Map<String, String> read(YamlMap definition) {
        YamlMap tags = definition.map("tags");
        if (tags != null) {
            for (String name : tags.keys()) {
                if (name.startsWith(RESERVED)) {
                    tags.reportKey(
                            name, "tag '%s' (expected: a name that does not start with %s)".formatted(name, RESERVED));
                }
            }
        }
        return definition.textMap("tags");
    }
}
