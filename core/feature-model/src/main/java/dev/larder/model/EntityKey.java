package dev.larder.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Join keys and their values, sorted by join-key name: the identity of one online row. */
public record EntityKey(List<JoinKey> joinKeys) {
    /** Feast sorts by code point, which is the unsigned order of the UTF-8 bytes and not {@code String.compareTo}. */
    private static final Comparator<JoinKey> BY_NAME = (a, b) -> Arrays.compareUnsigned(utf8(a.name()), utf8(b.name()));

    /** One join key with its value. */
    public record JoinKey(String name, FeatureValue value) {}

    public EntityKey {
        joinKeys = joinKeys.stream().sorted(BY_NAME).toList();
        for (int i = 1; i < joinKeys.size(); i++) {
            if (joinKeys.get(i).name().equals(joinKeys.get(i - 1).name())) {
                throw new IllegalArgumentException(
                        "joinKeys: '" + joinKeys.get(i).name() + "' twice (expected: once)");
            }
        }
    }

    public static EntityKey of(String name, FeatureValue value) {
        return new EntityKey(List.of(new JoinKey(name, value)));
    }

    @Override
    public String toString() {
        return joinKeys.stream().map(k -> k.name() + "=" + k.value()).collect(Collectors.joining(", ", "[", "]"));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
