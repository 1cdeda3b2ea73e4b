package dev.larder.server.online;

/** How an answer names its features. */
public enum FeatureNames {
    /** {@code feature}: Feast's default. */
    BARE,
    /** {@code view__feature}: what Feast calls full feature names. */
    FULL,
    /** {@code view:feature}, as Feast's Java server names them; such an answer holds no join keys. */
    REFERENCE;

    /** @param view the view's name, or its alias in a feature service */
    String name(String view, String feature) {
        return switch (this) {
            case BARE -> feature;
            case FULL -> view + "__" + feature;
            case REFERENCE -> view + ":" + feature;
        };
    }

    public boolean withJoinKeys() {
        return this != REFERENCE;
    }
}
