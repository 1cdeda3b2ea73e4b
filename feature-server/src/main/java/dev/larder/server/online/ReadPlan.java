package dev.larder.server.online;

import dev.larder.feast.JsonBuffer;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureRef;
import dev.larder.model.FeatureService.Projection;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.model.ValueType;
import dev.larder.server.metrics.PlanMetrics;
import dev.larder.server.metrics.ReadMetrics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How one selection of features is read and answered: compiled once per registry version, then only walked. A view
 * under two aliases is read twice, because its keys may differ.
 *
 * @param views in the order in which the request first names them
 * @param names the answer's names of all features, view by view
 * @param namesJson the same as JSON strings with commas between them
 * @param columns every column of a request that is answered as a join key, with its type: the registry's join keys and the
 *     aliases of this selection
 * @param entityNames old-style columns: an entity's name for its join key
 * @param metrics what is counted of each request for this selection
 */
record ReadPlan(
        List<View> views,
        List<String> names,
        byte[] namesJson,
        Map<String, ValueType> columns,
        Map<String, String> entityNames,
        PlanMetrics metrics) {
    private static final Pattern VERSIONED = Pattern.compile("(.+)@(latest|v\\d+)");

    /**
     * One view's part.
     *
     * @param name of the view, under which it is stored
     * @param features in the order of the request
     * @param keys none for a view without entities
     * @param ttlSeconds 0: no limit
     */
    record View(String name, List<String> features, KeyColumns keys, long ttlSeconds) {}

    /** One join key as it is stored, and the request's column that holds its values. */
    record Key(String joinKey, String column) {}

    /**
     * @param keyVersion {@code entity_key_serialization_version}
     * @throws LarderException {@code FEATURE_SERVICE_NOT_FOUND}, {@code FEATURE_VIEW_NOT_FOUND} or {@code FEATURE_NOT_FOUND},
     *     naming what exists; {@code FEATURE_NAME_COLLISION}; {@code ARGUMENT_INVALID} for no features or a reference that
     *     cannot be read
     */
    static ReadPlan compile(
            ServedDefinitions served, OnlineRequest.Selection selection, int keyVersion, ReadMetrics metrics) {
        Repository repository = served.repository();
        String service = selection.featureService();
        List<Projection> projections = service == null
                ? projections(selection.features())
                : repository.featureService(service).projections();
        Map<String, ValueType> columns = joinKeyTypes(repository);
        List<View> views = new ArrayList<>();
        List<Slot> slots = new ArrayList<>();
        for (Projection projection : projections) {
            FeatureView view = served.view(projection.featureView());
            View part = view(view, projection, columns, keyVersion);
            views.add(part);
            part.features().forEach(feature -> slots.add(new Slot(projection.nameToUse(), feature)));
        }
        List<String> names = names(slots, selection.names());
        return new ReadPlan(
                List.copyOf(views),
                names,
                json(names),
                Map.copyOf(columns),
                entityNames(repository),
                metrics.plan(names.size(), views.stream().map(View::name).toList()));
    }

    /** Groups references by view, views and features in the order of the request. */
    private static List<Projection> projections(List<String> references) {
        if (references.isEmpty()) {
            throw invalid(
                    "No features specified for retrieval (expected: \"features\": [\"<feature_view>:<feature>\", ...] or \"feature_service\": \"<name>\")");
        }
        Map<String, List<String>> byView = new LinkedHashMap<>();
        for (String reference : references) {
            FeatureRef feature = FeatureRef.parse(reference);
            byView.computeIfAbsent(viewName(feature, reference), name -> new ArrayList<>())
                    .add(feature.feature());
        }
        return byView.entrySet().stream()
                .map(entry -> new Projection(entry.getKey(), null, entry.getValue(), Map.of()))
                .toList();
    }

    private static String viewName(FeatureRef feature, String reference) {
        Matcher versioned = VERSIONED.matcher(feature.featureView());
        if (!versioned.matches()) {
            return feature.featureView();
        }
        if (!versioned.group(2).equals("latest")) {
            throw invalid(
                    "Version-qualified ref '%s' is not supported: only the latest version of a view is served (use '%s:%s')"
                            .formatted(reference, versioned.group(1), feature.feature()));
        }
        return versioned.group(1);
    }

    private static View view(FeatureView view, Projection projection, Map<String, ValueType> columns, int keyVersion) {
        List<String> features = projection.features();
        if (features.isEmpty()) {
            features = view.features().stream().map(Field::name).toList();
        }
        for (String feature : features) {
            if (view.feature(feature).isEmpty()) {
                throw featureNotFound(view, feature);
            }
        }
        List<Key> keys = new ArrayList<>();
        for (Field joinKey : view.entityColumns()) {
            String column = projection.joinKeyMap().getOrDefault(joinKey.name(), joinKey.name());
            keys.add(new Key(joinKey.name(), column));
            columns.put(column, joinKey.type());
        }
        return new View(
                view.name(),
                List.copyOf(features),
                new KeyColumns(keys, keyVersion),
                view.ttl().toSeconds());
    }

    private static byte[] json(List<String> names) {
        JsonBuffer json = new JsonBuffer(32 * names.size());
        for (int i = 0; i < names.size(); i++) {
            if (i > 0) {
                json.raw(',');
            }
            json.text(names.get(i));
        }
        return json.toByteArray();
    }

    private static List<String> names(List<Slot> slots, FeatureNames form) {
        Map<String, Slot> taken = new HashMap<>();
        List<String> names = new ArrayList<>();
        for (Slot slot : slots) {
            String name = form.name(slot.view(), slot.feature());
            Slot other = taken.put(name, slot);
            if (other != null) {
                throw collision(name, other, slot);
            }
            names.add(name);
        }
        return List.copyOf(names);
    }

    private static Map<String, ValueType> joinKeyTypes(Repository repository) {
        Map<String, ValueType> types = new HashMap<>();
        repository.entities().forEach(entity -> types.put(entity.joinKey(), entity.valueType()));
        for (FeatureView view : repository.featureViews()) {
            view.entityColumns().forEach(column -> types.put(column.name(), column.type()));
        }
        return types;
    }

    private static Map<String, String> entityNames(Repository repository) {
        return repository.entities().stream()
                .filter(entity -> !entity.name().equals(entity.joinKey()))
                .collect(Collectors.toUnmodifiableMap(entity -> entity.name(), entity -> entity.joinKey()));
    }

    private static LarderException featureNotFound(FeatureView view, String feature) {
        Set<String> known = new TreeSet<>();
        view.features().forEach(field -> known.add(field.name()));
        return new LarderException(
                ErrorCode.FEATURE_NOT_FOUND,
                "Feature %s not found in feature view %s (known: %s)"
                        .formatted(feature, view.name(), String.join(", ", known)));
    }

    private static LarderException collision(String name, Slot one, Slot other) {
        String wayOut = one.view().equals(other.view())
                ? "Name it once."
                : "Set \"full_feature_names\": true, or give one of the views an alias in a feature service.";
        return new LarderException(
                ErrorCode.FEATURE_NAME_COLLISION,
                "Duplicate features named %s found: %s, %s. %s".formatted(name, one, other, wayOut));
    }

    private static LarderException invalid(String message) {
        return new LarderException(ErrorCode.ARGUMENT_INVALID, message);
    }

    /** A feature's place in the answer. */
    private record Slot(String view, String feature) {
        @Override
        public String toString() {
            return view + ":" + feature;
        }
    }
}
