package dev.larder.server.write;

import dev.larder.server.online.BodyFields;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /push} or {@code POST /write-to-online-store}.
 *
 * @param target the push source or the feature view
 * @param to where a push goes; {@code online} for the other path
 * @param fresh whether the registry is to be looked at first ({@code allow_registry_cache: false})
 */
public record RowsRequest(String target, Frame frame, String to, boolean fresh) {

    /**
     * @param body parsed JSON: null for an empty body, Boolean, Number, String, List or Map
     * @throws dev.larder.server.online.InvalidRequest with all mistakes of its shape
     * @throws dev.larder.model.LarderException {@code ARGUMENT_INVALID} if {@code df} makes no table
     */
    public static RowsRequest push(@Nullable Object body) {
        return read(body, "push_source_name", true);
    }

    /** As {@link #push}. */
    public static RowsRequest write(@Nullable Object body) {
        return read(body, "feature_view_name", false);
    }

    /** On-demand views are not computed here, so {@code transform_on_write} only has to be a flag. */
    private static RowsRequest read(@Nullable Object body, String targetField, boolean hasTo) {
        BodyFields fields = BodyFields.of(body);
        String target = fields.requiredText(targetField);
        var df = fields.requiredObject("df");
        boolean cached = fields.flag("allow_registry_cache", true);
        String to = hasTo ? fields.text("to", "online") : "online";
        boolean unused = fields.flag("transform_on_write", true);
        fields.requireShape();
        return new RowsRequest(target, Frame.of(df), to, !cached);
    }
}
