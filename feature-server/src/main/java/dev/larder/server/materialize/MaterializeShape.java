package dev.larder.server.materialize;

import dev.larder.server.online.InvalidRequest;
import dev.larder.server.online.InvalidRequest.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes a body apart and collects what is wrong with its shape, in the words of Feast's Python server (FastAPI). */
final class MaterializeShape {
    private static final Set<String> TRUE = Set.of("1", "true", "t", "yes", "y", "on");
    private static final Set<String> FALSE = Set.of("0", "false", "f", "no", "n", "off");

    private final Map<?, ?> fields;
    private final List<Problem> problems = new ArrayList<>();

    /** @throws InvalidRequest if the body is no object */
    MaterializeShape(@Nullable Object body) {
        if (body == null) {
            throw new InvalidRequest(List.of(new Problem("missing", List.of("body"), "Field required", null)));
        }
        if (!(body instanceof Map<?, ?> map)) {
            throw new InvalidRequest(List.of(new Problem(
                    "model_attributes_type",
                    List.of("body"),
                    "Input should be a valid dictionary or object to extract fields from",
                    body)));
        }
        fields = map;
    }

    /** @throws InvalidRequest with all that was found */
    void requireRight() {
        if (!problems.isEmpty()) {
            throw new InvalidRequest(problems);
        }
    }

    @Nullable
    String text(String name) {
        Object value = fields.get(name);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        problems.add(new Problem("string_type", List.of("body", name), "Input should be a valid string", value));
        return null;
    }

    @Nullable
    String requiredText(String name) {
        if (!fields.containsKey(name)) {
            problems.add(new Problem("missing", List.of("body", name), "Field required", fields));
        } else if (fields.get(name) == null) {
            problems.add(new Problem("string_type", List.of("body", name), "Input should be a valid string", null));
        }
        return text(name);
    }

    @Nullable
    List<String> texts(String name) {
        Object value = fields.get(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof List<?> list)) {
            problems.add(new Problem("list_type", List.of("body", name), "Input should be a valid list", value));
            return null;
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) instanceof String text) {
                texts.add(text);
            } else {
                problems.add(new Problem(
                        "string_type", List.of("body", name, i), "Input should be a valid string", list.get(i)));
            }
        }
        return texts;
    }

    boolean flag(String name) {
        Object value = fields.get(name);
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (!fields.containsKey(name)) {
            return false;
        }
        boolean isScalar = value instanceof String || value instanceof Number;
        Boolean read = isScalar ? flagOf(String.valueOf(value)) : null;
        if (read == null) {
            problems.add(new Problem(
                    isScalar ? "bool_parsing" : "bool_type",
                    List.of("body", name),
                    isScalar
                            ? "Input should be a valid boolean, unable to interpret input"
                            : "Input should be a valid boolean",
                    value));
        }
        return Boolean.TRUE.equals(read);
    }

    /** As {@link MaterializeRequest#queryFlag}. */
    static boolean queryFlag(String name, @Nullable String text) {
        if (text == null) {
            return false;
        }
        Boolean read = flagOf(text);
        if (read == null) {
            throw new InvalidRequest(List.of(new Problem(
                    "bool_parsing",
                    List.of("query", name),
                    "Input should be a valid boolean, unable to interpret input",
                    text)));
        }
        return read;
    }

    private static @Nullable Boolean flagOf(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (TRUE.contains(lower)) {
            return true;
        }
        return FALSE.contains(lower) ? false : null;
    }
}
