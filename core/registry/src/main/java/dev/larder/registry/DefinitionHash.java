package dev.larder.registry;

import dev.larder.model.Aggregation;
import dev.larder.model.DataSource;
import dev.larder.model.DataSource.Column;
import dev.larder.model.FeatureView;
import dev.larder.model.FeatureView.Aggregated;
import dev.larder.model.FeatureView.Versions;
import dev.larder.model.Field;
import dev.larder.model.Window;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Tells whether rows of a feature table were computed by the present definition. What changes no row (ttl, tags,
 * description, topic, {@code available_after}) is left out.
 */
public final class DefinitionHash {
    private DefinitionHash() {}

    /**
     * @param view with a computation
     * @param source the view's source
     * @return SHA-256 of the computation's text, 64 lower-case hexadecimal digits
     */
    public static String of(FeatureView view, DataSource source) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(text(view, source).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256, which every Java must have", e);
        }
    }

    /** One fact a line. Stored hashes depend on every character: a change here makes every table recompute. */
    static String text(FeatureView view, DataSource source) {
        StringBuilder text = new StringBuilder("larder definition 1\n");
        text.append("table ").append(source.table()).append('\n');
        text.append("mode ").append(source.mode()).append('\n');
        text.append("primary_key ")
                .append(String.join(",", source.primaryKey()))
                .append('\n');
        text.append("event_time ").append(source.eventTime()).append('\n');
        for (Field key : view.entityColumns()) {
            text.append("join_key ")
                    .append(key.name())
                    .append(' ')
                    .append(key.type())
                    .append('\n');
        }
        Set<String> used = new LinkedHashSet<>(view.joinKeys());
        used.addAll(source.primaryKey());
        if (source.eventTime() != null) {
            used.add(source.eventTime());
        }
        if (view.computation() instanceof Aggregated aggregated) {
            append(text, used, aggregated);
        } else if (view.computation() instanceof Versions versions) {
            append(text, used, versions, view);
        } else {
            throw new IllegalArgumentException(
                    "view: '" + view.name() + "' has no computation (expected: a view defined in YAML)");
        }
        for (Column column : source.columns()) {
            if (used.contains(column.name())) {
                text.append("column ").append(column.name()).append(' ').append(column.type());
                text.append(' ').append(column.scale()).append('\n');
            }
        }
        return text.toString();
    }

    private static void append(StringBuilder text, Set<String> used, Aggregated aggregated) {
        text.append("every ")
                .append(aggregated.every())
                .append(' ')
                .append(aggregated.zone())
                .append('\n');
        for (Aggregation aggregation : aggregated.aggregations()) {
            text.append("aggregation ").append(aggregation.name());
            text.append(' ').append(aggregation.function());
            text.append(' ').append(aggregation.column());
            text.append(' ').append(window(aggregation.window()));
            text.append(' ').append(aggregation.type()).append('\n');
            if (aggregation.column() != null) {
                used.add(aggregation.column());
            }
        }
    }

    private static void append(StringBuilder text, Set<String> used, Versions versions, FeatureView view) {
        text.append("versions ").append(versions.zone()).append('\n');
        for (int i = 0; i < view.features().size(); i++) {
            Field feature = view.features().get(i);
            String column = versions.columns().get(i);
            text.append("feature ").append(feature.name()).append(' ').append(column);
            text.append(' ').append(feature.type()).append('\n');
            used.add(column);
        }
    }

    private static String window(Window window) {
        if (window instanceof Window.Rolling rolling) {
            return "rolling " + rolling.length();
        }
        throw new IllegalArgumentException("window: " + window + " (expected: a rolling one)");
    }
}
