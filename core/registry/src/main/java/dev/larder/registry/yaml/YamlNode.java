package dev.larder.registry.yaml;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A value of a YAML file. Each {@code as...} method reports a value of another kind with its line and then returns null,
 * so that reading can go on.
 */
public final class YamlNode {
    private final YamlFile file;
    private final Node node;
    private final String what;

    YamlNode(YamlFile file, Node node, String what) {
        this.file = file;
        this.node = node;
        this.what = what;
    }

    public String file() {
        return file.name();
    }

    public int line() {
        return node.getStartMark().getLine() + 1;
    }

    /** What messages call this value, for example {@code windows of feature 'a'}. */
    public String what() {
        return what;
    }

    public YamlNode named(String newName) {
        return new YamlNode(file, node, newName);
    }

    /** Reports a mistake at this value's line. */
    public void report(String text) {
        file.report(line(), text);
    }

    void reportAt(int line, String text) {
        file.report(line, text);
    }

    public boolean isNull() {
        return node.getTag().equals(Tag.NULL);
    }

    public boolean isText() {
        return node.getTag().equals(Tag.STR) && node instanceof ScalarNode;
    }

    public boolean isMap() {
        return node instanceof MappingNode;
    }

    public boolean isList() {
        return node instanceof SequenceNode;
    }

    /** The value for a message; not for what may be secret. */
    public String shown() {
        return node instanceof ScalarNode scalar ? "'" + scalar.getValue() + "'" : kind();
    }

    public @Nullable String asText() {
        if (isText()) {
            return ((ScalarNode) node).getValue();
        }
        reportKind("text" + (node instanceof ScalarNode && !isNull() ? "; put it in quotes" : ""));
        return null;
    }

    public @Nullable Boolean asBool() {
        if (node instanceof ScalarNode scalar && node.getTag().equals(Tag.BOOL)) {
            return switch (scalar.getValue().toLowerCase(Locale.ROOT)) {
                case "true", "yes", "on" -> true;
                default -> false;
            };
        }
        reportKind("true or false");
        return null;
    }

    public @Nullable Integer asInt() {
        if (node instanceof ScalarNode scalar && node.getTag().equals(Tag.INT)) {
            try {
                return Integer.valueOf(scalar.getValue());
            } catch (NumberFormatException e) {
                // Octal, hexadecimal or too large: none of them is meant by a person who writes a port or a scale.
                report("%s: %s is out of range (expected: a decimal whole number)".formatted(what, scalar.getValue()));
                return null;
            }
        }
        reportKind("a whole number without quotes");
        return null;
    }

    public @Nullable YamlMap asMap() {
        if (node instanceof MappingNode mapping) {
            return YamlMap.read(this, file, mapping);
        }
        reportKind("a mapping of keys to values");
        return null;
    }

    public @Nullable List<YamlNode> asList() {
        if (node instanceof SequenceNode sequence) {
            List<YamlNode> items = new ArrayList<>();
            for (Node item : sequence.getValue()) {
                items.add(new YamlNode(file, item, what));
            }
            return items;
        }
        reportKind("a list in [ ]");
        return null;
    }

    /** This value and those below it, as far as they are no lists or mappings; keys are left out. */
    public List<YamlNode> scalars() {
        List<YamlNode> found = new ArrayList<>();
        scalars(node, found, Collections.newSetFromMap(new IdentityHashMap<>()));
        return found;
    }

    private void scalars(Node at, List<YamlNode> found, Set<Node> seen) {
        if (!seen.add(at)) {
            return;
        }
        if (at instanceof MappingNode mapping) {
            mapping.getValue().forEach(tuple -> scalars(tuple.getValueNode(), found, seen));
        } else if (at instanceof SequenceNode sequence) {
            sequence.getValue().forEach(item -> scalars(item, found, seen));
        } else {
            found.add(new YamlNode(file, at, what));
        }
    }

    // The value itself is not quoted: it may be a password.
    private void reportKind(String expected) {
        file.report(line(), "%s: is %s (expected: %s)".formatted(what, kind(), expected));
    }

    private String kind() {
        if (node instanceof MappingNode) {
            return "a mapping";
        }
        if (node instanceof SequenceNode) {
            return "a list";
        }
        Tag tag = node.getTag();
        if (tag.equals(Tag.NULL)) {
            return "empty";
        }
        if (tag.equals(Tag.STR)) {
            return "text";
        }
        if (tag.equals(Tag.BOOL)) {
            return "true or false";
        }
        if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
            return "a number";
        }
        return tag.equals(Tag.TIMESTAMP) ? "a date" : "a value with the tag " + tag;
    }
}
