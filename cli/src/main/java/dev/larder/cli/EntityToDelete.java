package dev.larder.cli;

import dev.larder.feast.EntityKeyCodec;
import dev.larder.feast.JsonValues;
import dev.larder.model.Entity;
import dev.larder.model.EntityKey;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.model.ValueType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One entity, and the views that may hold it.
 *
 * @param views by encoded key: views that declare a join key with different types hold one entity under different keys
 */
record EntityToDelete(Map<ByteBuffer, List<FeatureView>> views) {
    private static final Pattern WHOLE_NUMBER = Pattern.compile("-?\\d{1,18}");

    /**
     * @param given {@code key=value}; a key is a join key, or the name of an entity that has one
     * @param onlyView null: every view with these join keys
     * @param keyVersion {@code entity_key_serialization_version}
     * @throws LarderException {@code ARGUMENT_INVALID} for keys that are unknown, missing or too many; {@code
     *     VALUE_TYPE_MISMATCH} for a value that is none of the declared type; {@code FEATURE_VIEW_NOT_FOUND}
     */
    static EntityToDelete of(Repository repository, List<String> given, @Nullable String onlyView, int keyVersion) {
        Map<String, String> values = values(repository, given);
        List<FeatureView> candidates =
                onlyView == null ? repository.featureViews() : List.of(repository.featureView(onlyView));
        Map<ByteBuffer, List<FeatureView>> views = new LinkedHashMap<>();
        for (FeatureView view : candidates) {
            if (Set.copyOf(view.joinKeys()).equals(values.keySet())) {
                views.computeIfAbsent(ByteBuffer.wrap(key(view, values, keyVersion)), key -> new ArrayList<>())
                        .add(view);
            }
        }
        if (views.isEmpty()) {
            throw noSuchKeys(candidates, values.keySet());
        }
        return new EntityToDelete(views);
    }

    private static Map<String, String> values(Repository repository, List<String> given) {
        Set<String> joinKeys = repository.featureViews().stream()
                .flatMap(view -> view.joinKeys().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        Map<String, String> byEntity =
                repository.entities().stream().collect(Collectors.toMap(Entity::name, Entity::joinKey));
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : given) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw invalid("'%s' (expected: key=value, for example user_id=42)".formatted(pair));
            }
            String name = pair.substring(0, equals).strip();
            String joinKey = joinKeys.contains(name) ? name : byEntity.getOrDefault(name, name);
            if (!joinKeys.contains(joinKey)) {
                throw invalid("%s is no join key of a feature view (known: %s)"
                        .formatted(name, joinKeys.isEmpty() ? "none" : String.join(", ", joinKeys)));
            }
            if (values.put(joinKey, pair.substring(equals + 1)) != null) {
                throw invalid("join key %s is given twice".formatted(joinKey));
            }
        }
        return values;
    }

    private static byte[] key(FeatureView view, Map<String, String> values, int keyVersion) {
        List<EntityKey.JoinKey> keys = new ArrayList<>();
        for (Field column : view.entityColumns()) {
            String value = String.valueOf(values.get(column.name()));
            try {
                keys.add(new EntityKey.JoinKey(column.name(), JsonValues.parse(value, type(column, value))));
            } catch (LarderException e) {
                throw new LarderException(e.code(), "--entity: %s: %s".formatted(column.name(), e.getMessage()), e);
            }
        }
        return EntityKeyCodec.encode(new EntityKey(keys), keyVersion);
    }

    /** Of an entity without a declared type, as the server takes it: what looks like a whole number is one. */
    private static ValueType type(Field column, String value) {
        if (column.type() != ValueType.INVALID) {
            return column.type();
        }
        return WHOLE_NUMBER.matcher(value).matches() ? ValueType.INT64 : ValueType.STRING;
    }

    private static LarderException noSuchKeys(List<FeatureView> candidates, Set<String> given) {
        for (FeatureView view : candidates) {
            Set<String> missing = new TreeSet<>(view.joinKeys());
            missing.removeAll(given);
            if (view.joinKeys().containsAll(given)) {
                return invalid("join key %s of feature view %s is missing (expected: a value for each of %s)"
                        .formatted(String.join(", ", missing), view.name(), String.join(", ", view.joinKeys())));
            }
        }
        return invalid("no feature view has the join keys %s (known: %s)"
                .formatted(
                        String.join(", ", given),
                        candidates.stream()
                                .filter(view -> !view.joinKeys().isEmpty())
                                .map(view -> view.name() + " has " + String.join(", ", view.joinKeys()))
                                .collect(Collectors.joining("; "))));
    }

    private static LarderException invalid(String what) {
        return new LarderException(ErrorCode.ARGUMENT_INVALID, "--entity: " + what);
    }
}
