package dev.larder.server.online;

import dev.larder.server.online.InvalidRequest.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns parsed JSON into an {@link OnlineRequest}. All mistakes are collected, in the order and the words of Feast's
 * Python server (FastAPI); unknown fields are ignored.
 */
final class RequestShape {
    private static final Set<String> TRUE = Set.of("1", "true", "t", "yes", "y", "on");
    private static final Set<String> FALSE = Set.of("0", "false", "f", "no", "n", "off");

    private final List<Problem> problems = new ArrayList<>();

    private RequestShape() {}

    /**
     * @param body parsed JSON: null, Boolean, Number, String, List or Map
     * @throws InvalidRequest with all mistakes
     */
    static OnlineRequest read(@Nullable Object body) {
        if (body == null) {
            throw new InvalidRequest(List.of(Problem.missing(List.of("body"), null)));
        }
        if (!(body instanceof Map<?, ?> fields)) {
            throw new InvalidRequest(List.of(new Problem(
                    "model_attributes_type",
                    List.of("body"),
                    "Input should be a valid dictionary or object to extract fields from",
                    body)));
        }
        RequestShape shape = new RequestShape();
        OnlineRequest request = new OnlineRequest(
                shape.entities(fields),
                shape.featureService(fields.get("feature_service")),
                shape.features(fields),
                shape.flag(fields, "full_feature_names"),
                shape.flag(fields, "include_feature_view_version_metadata"));
        if (!shape.problems.isEmpty()) {
            throw new InvalidRequest(shape.problems);
        }
        return request;
    }

    private Map<String, List<@Nullable Object>> entities(Map<?, ?> fields) {
        Map<String, List<@Nullable Object>> columns = new LinkedHashMap<>();
        Object entities = fields.get("entities");
        if (entities instanceof Map<?, ?> map) {
            map.forEach((name, values) -> column(columns, String.valueOf(name), values));
        } else if (fields.containsKey("entities")) {
            problem("dict_type", List.of("body", "entities"), "Input should be a valid dictionary", entities);
        } else {
            problems.add(Problem.missing(List.of("body", "entities"), fields));
        }
        return columns;
    }

    private void column(Map<String, List<@Nullable Object>> columns, String name, @Nullable Object values) {
        List<@Nullable Object> list = list(values, List.of("body", "entities", name));
        if (list != null) {
            columns.put(name, list);
        }
    }

    private @Nullable String featureService(@Nullable Object value) {
        if (value == null || value instanceof String) {
            String name = (String) value;
            return name == null || name.isEmpty() ? null : name;
        }
        problem("string_type", List.of("body", "feature_service"), "Input should be a valid string", value);
        return null;
    }

    private List<String> features(Map<?, ?> fields) {
        List<String> references = new ArrayList<>();
        if (!fields.containsKey("features")) {
            return references;
        }
        List<@Nullable Object> list = list(fields.get("features"), List.of("body", "features"));
        for (int i = 0; list != null && i < list.size(); i++) {
            Object reference = list.get(i);
            if (reference instanceof String text) {
                references.add(text);
            } else {
                problem("string_type", List.of("body", "features", i), "Input should be a valid string", reference);
            }
        }
        return references;
    }

    private @Nullable List<@Nullable Object> list(@Nullable Object value, List<Object> location) {
        if (value instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        problem("list_type", location, "Input should be a valid list", value);
        return null;
    }

    private boolean flag(Map<?, ?> fields, String name) {
        if (!fields.containsKey(name)) {
            return false;
        }
        Object value = fields.get(name);
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value instanceof String || value instanceof Number) {
            String text = value instanceof Double number && number == Math.rint(number)
                    ? Long.toString(number.longValue())
                    : value.toString().toLowerCase(Locale.ROOT);
            if (TRUE.contains(text) || FALSE.contains(text)) {
                return TRUE.contains(text);
            }
            problem(
                    "bool_parsing",
                    List.of("body", name),
                    "Input should be a valid boolean, unable to interpret input",
                    value);
        } else {
            problem("bool_type", List.of("body", name), "Input should be a valid boolean", value);
        }
        return false;
    }

    private void problem(String type, List<Object> location, String message, @Nullable Object input) {
        problems.add(new Problem(type, location, message, input));
    }
}
