package dev.larder.model;

import java.util.Map;

/** A named, typed column of a feature view: a feature or a join key. */
public record Field(String name, ValueType type, String description, Map<String, String> tags) {
    public Field {
        tags = Map.copyOf(tags);
    }

    public Field(String name, ValueType type) {
        this(name, type, "", Map.of());
    }
}
