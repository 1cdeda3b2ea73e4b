package dev.larder.registry;

import dev.larder.registry.yaml.NearNames;
import dev.larder.registry.yaml.YamlNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is defined of one kind so far. A definition with a mistake keeps its name here, so that references to it are not
 * reported as well.
 */
final class Definitions<T> {
    private final String kind;
    private final Set<String> unreadable;
    private final Map<String, Definition<T>> byName = new TreeMap<>();
    private final List<Definition<T>> inOrder = new ArrayList<>();

    private record Definition<T>(String name, YamlNode where, @Nullable T value) {}

    /**
     * @param kind for messages, for example {@code entity}
     * @param unreadable names in documents whose kind is unclear; they may be meant by a reference
     */
    Definitions(String kind, Set<String> unreadable) {
        this.kind = kind;
        this.unreadable = unreadable;
    }

    /** Names that differ in upper and lower case alone are one name to SQLite, to Spark and to Feast. */
    void add(String name, YamlNode where, @Nullable T value) {
        Definition<T> definition = new Definition<>(name, where, value);
        Definition<T> earlier = byName.putIfAbsent(name.toLowerCase(Locale.ROOT), definition);
        if (earlier == null) {
            inOrder.add(definition);
        } else {
            where.report("%s '%s' is already defined in %s:%d%s (expected: one definition per name)"
                    .formatted(
                            kind,
                            name,
                            earlier.where().file(),
                            earlier.where().line(),
                            earlier.name().equals(name) ? "" : " as '" + earlier.name() + "'"));
        }
    }

    /** What a reference names; null, and reported, if there is no such name; null if its definition has a mistake. */
    @Nullable
    T find(YamlNode reference) {
        String name = reference.asText();
        if (name == null) {
            return null;
        }
        Definition<T> found = byName.get(name.toLowerCase(Locale.ROOT));
        if (found == null && unreadable.contains(name)) {
            return null;
        }
        if (found == null || !found.name().equals(name)) {
            reference.report("unknown %s '%s' (%s)".formatted(kind, name, NearNames.instead(name, names())));
            return null;
        }
        return found.value();
    }

    YamlNode where(String name) {
        return Objects.requireNonNull(byName.get(name.toLowerCase(Locale.ROOT)), name)
                .where();
    }

    List<String> names() {
        return inOrder.stream().map(Definition::name).sorted().toList();
    }

    boolean isEmpty() {
        return inOrder.isEmpty();
    }

    List<T> values() {
        List<T> values = new ArrayList<>();
        for (Definition<T> definition : inOrder) {
            if (definition.value() != null) {
                values.add(definition.value());
            }
        }
        return values;
    }
}
