package dev.larder.server.online;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code POST /get-online-features} and its like over gRPC ask for, checked for its shape and nothing else.
 *
 * @param entities values by column, in the request's order; a value is what JSON gives (null, Boolean, Number, String, List,
 *     Map), or bytes
 * @param featureService wins over {@code features}; null when there is none
 * @param features references {@code view:feature}
 * @param viewMetadata whether the answer names the views it was read from
 */
public record OnlineRequest(
        Map<String, List<@Nullable Object>> entities,
        @Nullable String featureService,
        List<String> features,
        boolean fullFeatureNames,
        boolean viewMetadata) {

    /**
     * @param body parsed JSON: null for an empty body, Boolean, Number, String, List or Map
     * @throws InvalidRequest with all mistakes of its shape
     */
    public static OnlineRequest of(@Nullable Object body) {
        return RequestShape.read(body);
    }

    /** What the answer's features depend on, the entities' values left out: the key of a compiled plan. */
    Selection selection(FeatureNames names) {
        return new Selection(featureService, featureService == null ? features : List.of(), names);
    }

    /** The features asked for, and how they are named. */
    record Selection(@Nullable String featureService, List<String> features, FeatureNames names) {}
}
