package dev.larder.registry;

import dev.larder.registry.yaml.YamlMap;
import java.util.List;
import java.util.Locale;

/** Names in a feature table that Larder needs for itself. */
final class FeatureColumns {
    static final List<String> RESERVED = List.of("event_timestamp", "created", "is_deleted", "day");

    private FeatureColumns() {}

    static void checkNotReserved(YamlMap map, String key, String name) {
        if (RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
            map.reportKey(
                    key,
                    "%s: '%s' is a column that every feature table already has (expected: another name than %s)"
                            .formatted(key, name, String.join(", ", RESERVED)));
        }
    }
}
