package dev.larder.registry;

import dev.larder.registry.yaml.YamlMap;
import dev.larder.registry.yaml.YamlNode;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names that Feast, SQLite and Iceberg all take without quotes. */
final class Identifier {
    private static final Pattern FORM = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private Identifier() {}

    static boolean isValid(String name) {
        return FORM.matcher(name).matches();
    }

    /** The required name of a definition; null, and reported, if it is missing or not usable. */
    static @Nullable String read(YamlMap map, String key, String example) {
        YamlNode node = map.require(key, "a name such as " + example);
        String name = node == null ? null : node.asText();
        if (node == null || name == null) {
            return null;
        }
        if (!isValid(name)) {
            node.report("%s: '%s' is no usable name (expected: letters, digits and '_', no digit first)"
                    .formatted(key, name));
            return null;
        }
        return name;
    }
}
