package dev.larder.model;

import java.util.Map;

/** What features describe (a user, a card), known by exactly one join key, as in Feast. */
public record Entity(
        String name, String joinKey, ValueType valueType, String description, Map<String, String> tags, String owner) {
    public Entity {
        tags = Map.copyOf(tags);
    }
}
