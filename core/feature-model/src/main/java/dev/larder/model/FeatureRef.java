package dev.larder.model;

/** A feature as requests name it: {@code view:feature}. */
public record FeatureRef(String featureView, String feature) {

    /** @throws LarderException {@code ARGUMENT_INVALID} if there is no single colon between two names */
    public static FeatureRef parse(String text) {
        int colon = text.indexOf(':');
        if (colon <= 0 || colon == text.length() - 1 || text.indexOf(':', colon + 1) >= 0) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Invalid feature reference '%s' (expected: <feature_view>:<feature>)".formatted(text));
        }
        return new FeatureRef(text.substring(0, colon), text.substring(colon + 1));
    }

    @Override
    public String toString() {
        return featureView + ":" + feature;
    }
}
