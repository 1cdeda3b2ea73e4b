package dev.larder.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.server.online.Definitions;
import dev.larder.server.online.OnlineFeatures;
import dev.larder.server.online.OnlineRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpException;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/v1/features/{view}/{key...}?feature=a&feature=b}: the values of one entity, for people and simple clients. It
 * reads as {@code POST /get-online-features} does and shows the same values and statuses, feature by feature.
 */
final class GetEntityFeatures implements Endpoint {
    static final String PREFIX = GetFeatureCatalog.PATH + "/";

    private static final String FEATURE = "feature";
    /** A column that no view has: it says that there is one row. */
    private static final String ROW = "";

    private static final String NEVER = "1970-01-01T00:00:00Z";

    private final Definitions registry;
    private final OnlineFeatures features;

    GetEntityFeatures(Definitions registry, OnlineFeatures features) {
        this.registry = registry;
        this.features = features;
    }

    @Override
    public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        List<String> path = segments(request.getRequestURI().substring(PREFIX.length()));
        FeatureView view = registry.attempt(() -> registry.get().view(path.get(0)));
        Map<String, List<@Nullable Object>> entity = entity(view, path.subList(1, path.size()));
        List<String> asked = asked(request, view);
        OnlineRequest read = new OnlineRequest(
                entity,
                null,
                asked.stream().map(name -> view.name() + ":" + name).toList(),
                false,
                false);
        Map<String, Object> values =
                values(asked, JsonBodies.tree(features.json(read).toByteArray()));
        if (values.isEmpty()) {
            Bodies.send(response, neverWritten(view, entity));
        } else {
            Bodies.send(response, 200, JsonBodies.readable(values));
        }
    }

    /** By feature; empty if the entity was never written, which both modes answer with nothing but the time 1970. */
    private static Map<String, Object> values(List<String> asked, JsonNode answer) {
        JsonNode results = answer.path("results");
        int joinKeys = results.size() - asked.size();
        Map<String, Object> values = new LinkedHashMap<>();
        boolean written = false;
        for (int i = 0; i < asked.size(); i++) {
            JsonNode result = results.path(joinKeys + i);
            Map<String, Object> shown = new LinkedHashMap<>();
            shown.put("value", result.path("values").path(0));
            shown.put("status", result.path("statuses").path(0));
            shown.put("event_timestamp", result.path("event_timestamps").path(0));
            values.put(asked.get(i), shown);
            written |= !(result.path("values").path(0).isNull()
                    && result.path("event_timestamps").path(0).asText().equals(NEVER));
        }
        return written ? values : Map.of();
    }

    private static Map<String, List<@Nullable Object>> entity(FeatureView view, List<String> given) {
        List<String> joinKeys = view.joinKeys();
        if (given.size() != joinKeys.size()) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Feature view %s is looked up by %s: GET %s (given: %d values)"
                            .formatted(
                                    view.name(),
                                    joinKeys.isEmpty() ? "no key" : String.join(", ", joinKeys),
                                    GetFeatureCatalog.lookUp(view),
                                    given.size()));
        }
        Map<String, List<@Nullable Object>> entity = new LinkedHashMap<>();
        for (int i = 0; i < joinKeys.size(); i++) {
            entity.put(joinKeys.get(i), Arrays.asList(given.get(i)));
        }
        if (entity.isEmpty()) {
            entity.put(ROW, Arrays.asList(ROW));
        }
        return entity;
    }

    private static List<String> asked(HttpServletRequest request, FeatureView view) {
        Map<String, String[]> parameters = parameters(request);
        Set<String> unknown = new TreeSet<>(parameters.keySet());
        unknown.remove(FEATURE);
        if (!unknown.isEmpty()) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Query parameter %s is not known (known: feature, as often as there are features to choose: ?feature=a&feature=b)"
                            .formatted(String.join(", ", unknown)));
        }
        String[] chosen = parameters.get(FEATURE);
        return chosen == null ? view.features().stream().map(Field::name).toList() : List.of(chosen);
    }

    private static Map<String, String[]> parameters(HttpServletRequest request) {
        try {
            return request.getParameterMap();
        } catch (HttpException.RuntimeException e) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID, "The query after ? cannot be read: " + e.getReason(), e);
        }
    }

    private static List<String> segments(String path) {
        return Arrays.stream(path.split("/", -1))
                .map(GetEntityFeatures::decoded)
                .toList();
    }

    private static String decoded(String segment) {
        try {
            // Only a query writes blanks as plus signs.
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "'%s' in the path is not percent-encoded UTF-8 (expected: %%2F for a slash, %%25 for a percent sign)"
                            .formatted(segment),
                    e);
        }
    }

    private static ErrorAnswer neverWritten(FeatureView view, Map<String, List<@Nullable Object>> entity) {
        String key = entity.containsKey(ROW)
                ? "a row"
                : entity.entrySet().stream()
                        .map(part -> part.getKey() + " = " + part.getValue().get(0))
                        .collect(Collectors.joining(", "));
        return new ErrorAnswer(
                404,
                "FeastObjectNotFoundException",
                "Feature view %s holds nothing for %s: it was never written. Run materialize if it should be there."
                        .formatted(view.name(), key));
    }
}
