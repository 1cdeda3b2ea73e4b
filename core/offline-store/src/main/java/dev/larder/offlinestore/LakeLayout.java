package dev.larder.offlinestore;

/**
 * Names that every engine must agree on: tables, columns and the properties of commits.
 *
 * <p>Tables of a project live in one Iceberg namespace named like the project:
 *
 * <ul>
 *   <li>{@code changes_<source>}: every change event, append-only;
 *   <li>{@code image_<source>}: the newest version of each row by primary key, deleted ones kept as markers;
 *   <li>{@code features_<view>}: finished feature rows, one per entity and stamp.
 * </ul>
 */
public final class LakeLayout {
    /** The Iceberg catalog's name; Spark, Trino and this module must use the same one. */
    public static final String CATALOG = "lakehouse";

    /** Stamp of a feature row, timestamp with zone. */
    public static final String EVENT_TIMESTAMP = "event_timestamp";

    /** When the row got its present values, timestamp with zone, microseconds; increases per view and is the row's version. */
    public static final String CREATED = "created";

    /** True in a row that ends the entity's state (views over {@code mode: state} only); its features are null. */
    public static final String IS_DELETED = "is_deleted";

    /** Partition of a feature table: the date of (stamp - 1 µs) in the view's zone. */
    public static final String DAY = "day";

    /** Snapshot summary: id of the image (or changes) snapshot that the rows were computed from. */
    public static final String SUMMARY_INPUT_SNAPSHOT = "larder.input-snapshot";

    /** Snapshot summary: hash of the view's definition. */
    public static final String SUMMARY_DEFINITION = "larder.definition";

    /** Snapshot summary: computed stamps (from, to] as two ISO instants joined by '/'. */
    public static final String SUMMARY_INTERVAL = "larder.interval";

    /** Snapshot summary of changes: Kafka end offsets, {@code {"topic":{"partition":offset}}}. */
    public static final String SUMMARY_OFFSETS = "larder.kafka-offsets";

    private LakeLayout() {}

    public static String changesTable(String source) {
        return "changes_" + source;
    }

    public static String imageTable(String source) {
        return "image_" + source;
    }

    public static String featuresTable(String view) {
        return "features_" + view;
    }
}
