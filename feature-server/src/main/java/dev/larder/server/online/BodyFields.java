package dev.larder.server.online;

import dev.larder.server.online.InvalidRequest.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a parsed JSON body. Mistakes of their shape are collected, in the order of reading and the words of Feast's
 * Python server (FastAPI); fields that nobody reads are ignored.
 */
public final class BodyFields {
    private static final Set<String> TRUE = Set.of("1", "true", "t", "yes", "y", "on");
    private static final Set<String> FALSE = Set.of("0", "false", "f", "no", "n", "off");

    private final Map<?, ?> fields;
    private final List<Problem> problems = new ArrayList<>();

    private BodyFields(Map<?, ?> fields) {
        this.fields = fields;
    }

    /**
     * @param body parsed JSON: null for an empty body, Boolean, Number, String, List or Map
     * @throws InvalidRequest if it is no object
     */
    public static BodyFields of(@Nullable Object body) {
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
        return new BodyFields(fields);
    }

    public boolean has(String name) {
        return fields.containsKey(name);
    }

    public @Nullable Object get(String name) {
        return fields.get(name);
    }

    /** Empty after a mistake. */
    public Map<?, ?> requiredObject(String name) {
        Object value = fields.get(name);
        if (value instanceof Map<?, ?> object) {
            return object;
        }
        if (has(name)) {
            problem("dict_type", List.of("body", name), "Input should be a valid dictionary", value);
        } else {
            missing(name);
        }
        return Map.of();
    }

    /** Empty after a mistake. */
    public String requiredText(String name) {
        if (has(name)) {
            return text(name, "");
        }
        missing(name);
        return "";
    }

    public String text(String name, String otherwise) {
        if (!has(name)) {
            return otherwise;
        }
        Object value = fields.get(name);
        if (value instanceof String text) {
            return text;
        }
        problem("string_type", List.of("body", name), "Input should be a valid string", value);
        return otherwise;
    }

    /** Null after a mistake. */
    public @Nullable List<@Nullable Object> list(@Nullable Object value, List<Object> location) {
        if (value instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        problem("list_type", location, "Input should be a valid list", value);
        return null;
    }

    public boolean flag(String name, boolean otherwise) {
        if (!has(name)) {
            return otherwise;
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
        return otherwise;
    }

    public void problem(String type, List<Object> location, String message, @Nullable Object input) {
        problems.add(new Problem(type, location, message, input));
    }

    private void missing(String name) {
        problems.add(Problem.missing(List.of("body", name), fields));
    }

    /** @throws InvalidRequest with all mistakes so far */
    public void requireShape() {
        if (!problems.isEmpty()) {
            throw new InvalidRequest(problems);
        }
    }
}
