package dev.larder.registry.yaml;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A mapping of a YAML file with text keys. The typed readers report what is missing or of the wrong kind and then return
 * null; an empty value counts as absent.
 */
public final class YamlMap {
    private final YamlNode self;
    private final Map<String, YamlNode> values;
    private final Map<String, Integer> lines;

    private YamlMap(YamlNode self, Map<String, YamlNode> values, Map<String, Integer> lines) {
        this.self = self;
        this.values = values;
        this.lines = lines;
    }

    static YamlMap read(YamlNode self, YamlFile file, MappingNode mapping) {
        Map<String, YamlNode> values = new LinkedHashMap<>();
        Map<String, Integer> lines = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            int line = tuple.getKeyNode().getStartMark().getLine() + 1;
            if (tuple.getKeyNode().getTag().equals(Tag.MERGE)) {
                file.report(line, "merge key '<<' (expected: the keys written out)");
            } else if (tuple.getKeyNode() instanceof ScalarNode key) {
                String name = key.getValue();
                Integer earlier = lines.putIfAbsent(name, line);
                if (earlier != null) {
                    file.report(line, "key '%s' is already on line %d (expected: once)".formatted(name, earlier));
                } else {
                    values.put(name, new YamlNode(file, tuple.getValueNode(), name));
                }
            } else {
                file.report(line, "a key that is itself a list or mapping (expected: text)");
            }
        }
        return new YamlMap(self, values, lines);
    }

    public YamlNode self() {
        return self;
    }

    /** The same mapping under the name that messages call it from now on. */
    public YamlMap named(String what) {
        return new YamlMap(self.named(what), values, lines);
    }

    /** Reports every key that is not among the allowed ones. */
    public void allowOnly(Collection<String> allowed) {
        for (String key : values.keySet()) {
            if (!allowed.contains(key)) {
                reportKey(
                        key,
                        "unknown key '%s' in %s (%s)".formatted(key, self.what(), NearNames.instead(key, allowed)));
            }
        }
    }

    public void reportKey(String key, String text) {
        self.reportAt(lines.getOrDefault(key, self.line()), text);
    }

    public List<String> keys() {
        return List.copyOf(values.keySet());
    }

    public boolean has(String key) {
        return get(key) != null;
    }

    /** The key's value; null if the key is absent or its value empty. */
    public @Nullable YamlNode get(String key) {
        YamlNode value = values.get(key);
        return value == null || value.isNull() ? null : value;
    }

    /** As {@link #get}, and reports an absent key with what belongs there. */
    public @Nullable YamlNode require(String key, String expected) {
        YamlNode value = get(key);
        if (value == null) {
            reportKey(key, "%s: '%s' is missing (expected: %s)".formatted(self.what(), key, expected));
        }
        return value;
    }

    public @Nullable String text(String key) {
        YamlNode value = get(key);
        return value == null ? null : value.asText();
    }

    public String text(String key, String otherwise) {
        String value = text(key);
        return value == null ? otherwise : value;
    }

    public @Nullable String requireText(String key, String expected) {
        YamlNode value = require(key, expected);
        return value == null ? null : value.asText();
    }

    public boolean bool(String key, boolean otherwise) {
        YamlNode value = get(key);
        Boolean bool = value == null ? null : value.asBool();
        return bool == null ? otherwise : bool;
    }

    public int integer(String key, int otherwise) {
        YamlNode value = get(key);
        Integer integer = value == null ? null : value.asInt();
        return integer == null ? otherwise : integer;
    }

    public @Nullable YamlMap map(String key) {
        YamlNode value = get(key);
        return value == null ? null : value.asMap();
    }

    /** The items of a list; none if the key is absent. */
    public List<YamlNode> list(String key) {
        YamlNode value = get(key);
        List<YamlNode> items = value == null ? null : value.asList();
        return items == null ? List.of() : items;
    }

    /** A list of texts; items of another kind are reported and left out. */
    public List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (YamlNode item : list(key)) {
            String text = item.asText();
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }

    /** A mapping of text to text, such as tags. */
    public Map<String, String> textMap(String key) {
        Map<String, String> texts = new LinkedHashMap<>();
        YamlMap map = map(key);
        if (map != null) {
            map.values.forEach((name, value) -> {
                String text = value.asText();
                if (text != null) {
                    texts.put(name, text);
                }
            });
        }
        return texts;
    }
}
