package dev.larder.feast;

import dev.larder.model.Aggregation;
import dev.larder.model.DataSource;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Window;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What Feast's messages have no field for, as tags: they are the one place that survives when Feast rewrites an object.
 *
 * <pre>
 * feature view   larder.source          transactions
 *                larder.computation     aggregated | versions
 *                larder.agg.FEATURE     {"function":"sum","column":"amount","shape":"rolling","window":"7d"}
 *                larder.column.FEATURE  age
 *                larder.every           1d
 *                larder.zone            UTC
 *                larder.available_after 0s
 * data source    larder.cdc             {"table":..,"topic":..,"mode":"facts","primary_key":[..],"event_time":..,"columns":[..]}
 * </pre>
 */
final class LarderTags {
    static final String PREFIX = "larder.";
    static final String SOURCE = "larder.source";
    static final String CDC = "larder.cdc";
    static final String VIEW = "larder.view";
    private static final String COMPUTATION = "larder.computation";
    private static final String AGGREGATION = "larder.agg.";
    private static final String COLUMN = "larder.column.";
    private static final String EVERY = "larder.every";
    private static final String ZONE = "larder.zone";
    private static final String AVAILABLE_AFTER = "larder.available_after";
    private static final String AGGREGATED = "aggregated";
    private static final String VERSIONS = "versions";
    private static final String ROLLING = "rolling";

    private LarderTags() {}

    /** The tags that the user gave. */
    static Map<String, String> withoutOurs(Map<String, String> tags) {
        Map<String, String> theirs = new TreeMap<>(tags);
        theirs.keySet().removeIf(name -> name.startsWith(PREFIX));
        return theirs;
    }

    // ------------------------------------------------------------------ feature views

    static Map<String, String> encode(FeatureView view) {
        Map<String, String> tags = userTags("Feature view", view.name(), view.tags());
        FeatureView.Computation computation = view.computation();
        if (computation == null) {
            return tags;
        }
        tags.put(SOURCE, view.source());
        tags.put(AVAILABLE_AFTER, text(computation.availableAfter()));
        if (computation instanceof FeatureView.Aggregated aggregated) {
            tags.put(COMPUTATION, AGGREGATED);
            tags.put(EVERY, text(aggregated.every()));
            tags.put(ZONE, aggregated.zone().getId());
            requireFeaturesOf(view, aggregated);
            for (Aggregation aggregation : aggregated.aggregations()) {
                tags.put(AGGREGATION + aggregation.name(), encode(aggregation));
            }
        } else if (computation instanceof FeatureView.Versions versions) {
            tags.put(COMPUTATION, VERSIONS);
            tags.put(ZONE, versions.zone().getId());
            if (versions.columns().size() != view.features().size()) {
                throw invalid(
                        "Feature view " + view.name(),
                        versions.columns().size() + " columns for "
                                + view.features().size() + " features (expected: one each)",
                        null);
            }
            for (int i = 0; i < versions.columns().size(); i++) {
                tags.put(
                        COLUMN + view.features().get(i).name(),
                        versions.columns().get(i));
            }
        }
        return tags;
    }

    /** Null for a view that someone else computes. */
    static FeatureView.@Nullable Computation computation(String view, List<Field> features, Map<String, String> tags) {
        String kind = tags.get(COMPUTATION);
        if (kind == null) {
            return null;
        }
        Duration availableAfter = duration(view, tags, AVAILABLE_AFTER);
        ZoneId zone = zone(view, tags);
        return switch (kind) {
            case AGGREGATED -> {
                List<Aggregation> aggregations = new ArrayList<>();
                for (Field feature : features) {
                    aggregations.add(aggregation(view, feature, tags));
                }
                yield new FeatureView.Aggregated(aggregations, duration(view, tags, EVERY), zone, availableAfter);
            }
            case VERSIONS -> {
                List<String> columns = features.stream()
                        .map(feature -> required(view, tags, COLUMN + feature.name()))
                        .toList();
                yield new FeatureView.Versions(columns, zone, availableAfter);
            }
            default -> throw unreadable(view, COMPUTATION, kind, "aggregated or versions", null);
        };
    }

    /** A view has one feature per aggregation, so that the tag of a feature needs neither its type nor its place. */
    private static void requireFeaturesOf(FeatureView view, FeatureView.Aggregated aggregated) {
        List<Map.Entry<String, Object>> features = view.features().stream()
                .map(f -> Map.<String, Object>entry(f.name(), f.type()))
                .toList();
        List<Map.Entry<String, Object>> aggregations = aggregated.aggregations().stream()
                .map(a -> Map.<String, Object>entry(a.name(), a.type()))
                .toList();
        if (!features.equals(aggregations)) {
            throw invalid(
                    "Feature view " + view.name(),
                    "features %s and aggregations %s differ (expected: the same names and types in the same order)"
                            .formatted(features, aggregations),
                    null);
        }
    }

    private static String encode(Aggregation aggregation) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("function", aggregation.function().yamlName());
        String column = aggregation.column();
        if (column != null) {
            json.put("column", column);
        }
        if (aggregation.window() instanceof Window.Rolling rolling) {
            json.put("shape", ROLLING);
            json.put("window", text(rolling.length()));
        }
        return CompactJson.write(json);
    }

    private static Aggregation aggregation(String view, Field feature, Map<String, String> tags) {
        String tag = AGGREGATION + feature.name();
        String text = required(view, tags, tag);
        try {
            Map<?, ?> json = (Map<?, ?>) CompactJson.read(text);
            if (!ROLLING.equals(json.get("shape"))) {
                throw unreadable(view, tag, text, "shape rolling", null);
            }
            return new Aggregation(
                    feature.name(),
                    Aggregation.Function.valueOf(string(json, "function").toUpperCase(Locale.ROOT)),
                    (String) json.get("column"),
                    new Window.Rolling(duration(string(json, "window"))),
                    feature.type());
        } catch (IOException | ClassCastException | IllegalArgumentException | DateTimeException e) {
            throw unreadable(view, tag, text, "function, column, shape and window as Larder writes them", e);
        }
    }

    // ------------------------------------------------------------------ data sources

    static Map<String, String> encode(DataSource source) {
        Map<String, String> tags = userTags("Data source", source.name(), source.tags());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("table", source.table());
        json.put("topic", source.topic());
        json.put("mode", source.mode().name().toLowerCase(Locale.ROOT));
        json.put("primary_key", source.primaryKey());
        String eventTime = source.eventTime();
        if (eventTime != null) {
            json.put("event_time", eventTime);
        }
        json.put("columns", source.columns().stream().map(LarderTags::encode).toList());
        tags.put(CDC, CompactJson.write(json));
        return tags;
    }

    static DataSource dataSource(String name, String description, String owner, Map<String, String> tags) {
        String text = required(name, tags, CDC);
        try {
            Map<?, ?> json = (Map<?, ?>) CompactJson.read(text);
            return new DataSource(
                    name,
                    string(json, "table"),
                    string(json, "topic"),
                    DataSource.Mode.valueOf(string(json, "mode").toUpperCase(Locale.ROOT)),
                    list(json, "primary_key").stream().map(String.class::cast).toList(),
                    (String) json.get("event_time"),
                    list(json, "columns").stream()
                            .map(column -> column((Map<?, ?>) column))
                            .toList(),
                    description,
                    withoutOurs(tags),
                    owner);
        } catch (IOException | ClassCastException | IllegalArgumentException e) {
            throw unreadable(name, CDC, text, "a source as Larder writes it", e);
        }
    }

    private static Map<String, Object> encode(DataSource.Column column) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", column.name());
        json.put("type", column.type().yamlName());
        if (column.scale() != 0) {
            json.put("scale", column.scale());
        }
        return json;
    }

    private static DataSource.Column column(Map<?, ?> json) {
        String typeName = string(json, "type");
        DataSource.ColumnType type = Arrays.stream(DataSource.ColumnType.values())
                .filter(t -> t.yamlName().equals(typeName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("type: " + typeName));
        Object scale = json.get("scale");
        return new DataSource.Column(string(json, "name"), type, scale == null ? 0 : (Integer) scale);
    }

    // ------------------------------------------------------------------ parts

    private static Map<String, String> userTags(String kind, String name, Map<String, String> tags) {
        for (String tag : new TreeMap<>(tags).keySet()) {
            if (tag.startsWith(PREFIX)) {
                throw invalid(
                        kind + " " + name, "tag " + tag + " (expected: names that do not start with larder.)", null);
            }
        }
        return new TreeMap<>(tags);
    }

    private static String string(Map<?, ?> json, String name) {
        if (json.get(name) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException(name + ": missing (expected: a text)");
    }

    private static List<?> list(Map<?, ?> json, String name) {
        if (json.get(name) instanceof List<?> list) {
            return list;
        }
        throw new IllegalArgumentException(name + ": missing (expected: a list)");
    }

    private static String required(String object, Map<String, String> tags, String tag) {
        String value = tags.get(tag);
        if (value == null) {
            throw invalid(object, "tag " + tag + " is missing from the registry (run apply to write it again)", null);
        }
        return value;
    }

    private static ZoneId zone(String view, Map<String, String> tags) {
        String text = required(view, tags, ZONE);
        try {
            return ZoneId.of(text);
        } catch (DateTimeException e) {
            throw unreadable(view, ZONE, text, "a time zone such as UTC or Europe/Berlin", e);
        }
    }

    private static Duration duration(String view, Map<String, String> tags, String tag) {
        String text = required(view, tags, tag);
        try {
            return duration(text);
        } catch (DateTimeException | NumberFormatException e) {
            throw unreadable(view, tag, text, "a duration such as 7d, 1h or 0s", e);
        }
    }

    /** The greatest unit that fits, as in definitions: 7d, 36h, 90m, 5s; ISO-8601 below a second. */
    private static String text(Duration duration) {
        long seconds = duration.getSeconds();
        if (duration.getNano() != 0) {
            return duration.toString();
        } else if (seconds == 0) {
            return "0s";
        } else if (seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        } else if (seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }

    private static Duration duration(String text) {
        if (text.startsWith("P") || text.startsWith("-P") || text.isEmpty()) {
            return Duration.parse(text);
        }
        long amount = Long.parseLong(text.substring(0, text.length() - 1));
        return switch (text.charAt(text.length() - 1)) {
            case 'd' -> Duration.ofDays(amount);
            case 'h' -> Duration.ofHours(amount);
            case 'm' -> Duration.ofMinutes(amount);
            case 's' -> Duration.ofSeconds(amount);
            default -> throw new NumberFormatException(text);
        };
    }

    private static LarderException unreadable(
            String object, String tag, String value, String expected, @Nullable Throwable cause) {
        return invalid(object, "tag %s: %s (expected: %s)".formatted(tag, value, expected), cause);
    }

    private static LarderException invalid(String object, String why, @Nullable Throwable cause) {
        return new LarderException(ErrorCode.DEFINITION_INVALID, object + ": " + why, cause);
    }
}
