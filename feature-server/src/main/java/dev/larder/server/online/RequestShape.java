package dev.larder.server.online;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns parsed JSON into an {@link OnlineRequest}. */
final class RequestShape {
    private final BodyFields body;

    private RequestShape(BodyFields body) {
        this.body = body;
    }

    /**
     * @param body parsed JSON: null, Boolean, Number, String, List or Map
     * @throws InvalidRequest with all mistakes
     */
    static OnlineRequest read(@Nullable Object body) {
        RequestShape shape = new RequestShape(BodyFields.of(body));
        OnlineRequest request = new OnlineRequest(
                shape.entities(),
                shape.featureService(),
                shape.features(),
                shape.body.flag("full_feature_names", false),
                shape.body.flag("include_feature_view_version_metadata", false));
        shape.body.requireShape();
        return request;
    }

    private Map<String, List<@Nullable Object>> entities() {
        Map<String, List<@Nullable Object>> columns = new LinkedHashMap<>();
        body.requiredObject("entities").forEach((name, values) -> {
            List<@Nullable Object> list = body.list(values, List.of("body", "entities", String.valueOf(name)));
            if (list != null) {
                columns.put(String.valueOf(name), list);
            }
        });
        return columns;
    }

    private @Nullable String featureService() {
        String name = body.get("feature_service") == null ? "" : body.text("feature_service", "");
        return name.isEmpty() ? null : name;
    }

    private List<String> features() {
        List<String> references = new ArrayList<>();
        if (!body.has("features")) {
            return references;
        }
        List<@Nullable Object> list = body.list(body.get("features"), List.of("body", "features"));
        for (int i = 0; list != null && i < list.size(); i++) {
            Object reference = list.get(i);
            if (reference instanceof String text) {
                references.add(text);
            } else {
                body.problem(
                        "string_type", List.of("body", "features", i), "Input should be a valid string", reference);
            }
        }
        return references;
    }
}
