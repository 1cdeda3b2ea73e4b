package dev.larder.registry;

import dev.larder.model.Aggregation;
import dev.larder.model.Aggregation.Function;
import dev.larder.model.DataSource;
import dev.larder.model.DataSource.Column;
import dev.larder.model.DataSource.ColumnType;
import dev.larder.model.DataSource.Mode;
import dev.larder.model.Entity;
import dev.larder.model.FeatureView;
import dev.larder.model.FeatureView.Aggregated;
import dev.larder.model.FeatureView.Computation;
import dev.larder.model.FeatureView.Versions;
import dev.larder.model.Field;
import dev.larder.model.ValueType;
import dev.larder.model.Window;
import dev.larder.registry.yaml.NearNames;
import dev.larder.registry.yaml.Problem;
import dev.larder.registry.yaml.Problems;
import dev.larder.registry.yaml.YamlMap;
import dev.larder.registry.yaml.YamlNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads {@code kind: FeatureView}. */
final class FeatureViewReader {
    private static final List<String> KEYS = List.of(
            "kind",
            "name",
            "entities",
            "source",
            "aggregations",
            "features",
            "every",
            "zone",
            "available_after",
            "ttl",
            "online",
            "description",
            "tags",
            "owner");
    private static final List<String> AGGREGATION_KEYS =
            List.of("name", "function", "column", "window", "type", "description", "tags");
    private static final List<String> FEATURE_KEYS = List.of("name", "column", "type", "description", "tags");
    private static final List<String> FUNCTIONS =
            Arrays.stream(Function.values()).map(Function::yamlName).toList();
    private static final List<ValueType> FEATURE_TYPES = List.of(
            ValueType.INT32,
            ValueType.INT64,
            ValueType.FLOAT,
            ValueType.DOUBLE,
            ValueType.DECIMAL,
            ValueType.STRING,
            ValueType.BOOL,
            ValueType.UNIX_TIMESTAMP);
    private static final Duration DAY = Duration.ofDays(1);

    /** Not the offset, whose name "Z" some SQL engines do not know. */
    private static final ZoneId UTC = ZoneId.of("UTC");

    private final Definitions<Entity> entities;
    private final Definitions<DataSource> sources;
    private final Problems problems;
    private final Problems warnings;

    FeatureViewReader(
            Definitions<Entity> entities, Definitions<DataSource> sources, Problems problems, Problems warnings) {
        this.problems = problems;
        this.entities = entities;
        this.sources = sources;
        this.warnings = warnings;
    }

    private record Rows(List<Field> features, Computation computation) {}

    /** Null if a mistake is in the view or in what it refers to: services are not checked against half a view. */
    @Nullable
    FeatureView read(YamlMap map, String name) {
        int mistakes = problems.count();
        map.allowOnly(KEYS);
        YamlNode sourceNode = map.require("source", "the name of a DataSource");
        DataSource source = sourceNode == null ? null : sources.find(sourceNode);
        List<Entity> viewEntities = entities(map, source);
        Duration ttl = DurationText.read(map, "ttl", Duration.ZERO);
        Rows rows = rows(map, source, viewEntities);
        if (source == null || rows == null) {
            return null;
        }
        if (rows.computation() instanceof Aggregated aggregated) {
            warn(map, aggregated, ttl);
        }
        FeatureView view = new FeatureView(
                name,
                viewEntities.stream().map(Entity::name).toList(),
                viewEntities.stream()
                        .map(entity -> new Field(entity.joinKey(), entity.valueType()))
                        .toList(),
                rows.features(),
                ttl,
                map.bool("online", true),
                source.name(),
                rows.computation(),
                map.text("description", ""),
                OwnTags.read(map),
                map.text("owner", ""));
        boolean complete = viewEntities.size() == map.list("entities").size();
        return complete && problems.count() == mistakes ? view : null;
    }

    private List<Entity> entities(YamlMap map, @Nullable DataSource source) {
        YamlNode list = map.require("entities", "a list of entity names, for example [user]");
        List<YamlNode> items = list == null ? null : list.asList();
        if (list == null || items == null) {
            return List.of();
        }
        if (items.isEmpty()) {
            list.report("entities: is empty (expected: at least one entity)");
        }
        List<Entity> found = new ArrayList<>();
        for (YamlNode item : items) {
            Entity entity = entities.find(item);
            if (entity == null) {
                continue;
            }
            Entity sameKey = found.stream()
                    .filter(e -> e.joinKey().equalsIgnoreCase(entity.joinKey()))
                    .findFirst()
                    .orElse(null);
            if (sameKey != null) {
                item.report("entities: '%s' and '%s' have the join key '%s' (expected: distinct join keys)"
                        .formatted(sameKey.name(), entity.name(), entity.joinKey()));
            } else {
                checkJoinKeyColumn(item, entity, source);
                found.add(entity);
            }
        }
        return found;
    }

    private static void checkJoinKeyColumn(YamlNode item, Entity entity, @Nullable DataSource source) {
        if (source == null) {
            return;
        }
        Column column = source.column(entity.joinKey()).orElse(null);
        if (column == null) {
            item.report("entity '%s' has the join key '%s', but source '%s' has no such column (its columns: %s)"
                    .formatted(entity.name(), entity.joinKey(), source.name(), columnNames(source)));
        } else if (!TypeRules.valuesOf(column.type()).contains(entity.valueType())) {
            item.report("entity '%s' is declared %s, but column '%s' of source '%s' is %s (expected: %s)"
                    .formatted(
                            entity.name(),
                            entity.valueType().displayName(),
                            column.name(),
                            source.name(),
                            column.type().yamlName(),
                            String.join(" or ", TypeRules.names(joinKeyTypes(column.type())))));
        }
    }

    private static List<ValueType> joinKeyTypes(ColumnType column) {
        List<ValueType> types = TypeRules.valuesOf(column).stream()
                .filter(TypeRules.ENTITY_TYPES::contains)
                .toList();
        return types.isEmpty() ? TypeRules.ENTITY_TYPES : types;
    }

    private static @Nullable Rows rows(YamlMap map, @Nullable DataSource source, List<Entity> entities) {
        FeatureNames names = new FeatureNames(map, entities);
        ZoneId zone = zone(map);
        Duration availableAfter = DurationText.read(map, "available_after", Duration.ZERO);
        boolean aggregated = map.has("aggregations");
        if (aggregated == map.has("features")) {
            map.reportKey(
                    "features",
                    "%s has %s (expected: 'aggregations' over a source of mode facts, or 'features' over one of mode state)"
                            .formatted(
                                    map.self().what(),
                                    aggregated
                                            ? "both 'aggregations' and 'features'"
                                            : "neither 'aggregations' nor 'features'"));
            return null;
        }
        return aggregated
                ? aggregated(map, source, names, zone, availableAfter)
                : versions(map, source, names, zone, availableAfter);
    }

    private static @Nullable Rows aggregated(
            YamlMap map, @Nullable DataSource source, FeatureNames names, ZoneId zone, Duration availableAfter) {
        if (source != null && source.mode() != Mode.FACTS) {
            map.reportKey(
                    "aggregations",
                    "aggregations: source '%s' is mode state (expected: a source of mode facts, or 'features' instead)"
                            .formatted(source.name()));
        }
        Duration every = every(map);
        List<Field> features = new ArrayList<>();
        List<Aggregation> aggregations = new ArrayList<>();
        for (YamlNode item : nonEmpty(map, "aggregations")) {
            YamlMap entry = item.named("aggregation").asMap();
            String name = entry == null ? null : names.read(entry);
            if (entry == null) {
                continue;
            }
            YamlMap named = name == null ? entry : entry.named("aggregation '" + name + "'");
            Aggregation aggregation = aggregation(named, name == null ? "unnamed" : name, source);
            if (aggregation != null) {
                aggregations.add(aggregation);
                features.add(field(named, aggregation.name(), aggregation.type()));
            }
        }
        return aggregations.isEmpty()
                ? null
                : new Rows(features, new Aggregated(aggregations, every, zone, availableAfter));
    }

    private static @Nullable Aggregation aggregation(YamlMap map, String name, @Nullable DataSource source) {
        map.allowOnly(AGGREGATION_KEYS);
        Function function = function(map);
        Column column = column(map, map.get("column"), source);
        ValueType type = type(map);
        Window window = window(map);
        if (function == null) {
            return null;
        }
        String columnName = map.text("column");
        if (columnName == null && function != Function.COUNT) {
            map.require("column", "the source's column that %s reads".formatted(function.yamlName()));
            return null;
        }
        if (column != null && !TypeRules.columnsOf(function).contains(column.type())) {
            map.reportKey(
                    "column",
                    "%s cannot be taken of column '%s', which is %s (expected: a column of type %s)"
                            .formatted(
                                    function.yamlName(),
                                    column.name(),
                                    column.type().yamlName(),
                                    String.join(", ", TypeRules.columnNames(TypeRules.columnsOf(function)))));
        } else if (type != null && (column != null || function == Function.COUNT)) {
            checkType(
                    map,
                    type,
                    TypeRules.resultsOf(function, column == null ? null : column.type()),
                    function.yamlName()
                            + (column == null ? "" : " of a " + column.type().yamlName()));
        }
        return type == null || window == null ? null : new Aggregation(name, function, columnName, window, type);
    }

    private static @Nullable Function function(YamlMap map) {
        YamlNode node = map.require("function", "one of " + String.join(", ", FUNCTIONS));
        String text = node == null ? null : node.asText();
        if (node == null || text == null) {
            return null;
        }
        if (!FUNCTIONS.contains(text)) {
            node.report("unknown function '%s' (%s)".formatted(text, NearNames.instead(text, FUNCTIONS)));
            return null;
        }
        return Function.valueOf(text.toUpperCase(Locale.ROOT));
    }

    private static @Nullable Window window(YamlMap map) {
        YamlNode node = map.require("window", "how far back to look, for example 7d");
        if (node == null) {
            return null;
        }
        if (!node.isText() || DurationText.parse(String.valueOf(node.asText())).isEmpty()) {
            node.report("window: %s is not a rolling window, the only kind so far (expected: %s)"
                    .formatted(node.shown(), DurationText.EXAMPLES));
            return null;
        }
        Duration length = DurationText.read(map, "window", Duration.ZERO);
        if (length.isZero()) {
            node.report("window: %s is empty (expected: more than zero, for example 7d)".formatted(node.shown()));
            return null;
        }
        return new Window.Rolling(length);
    }

    private static Duration every(YamlMap map) {
        YamlNode node = map.get("every");
        if (node == null) {
            return DAY;
        }
        if (node.isText() && "event".equals(node.asText())) {
            node.report("every: 'event' is not supported so far (expected: 1d, or a part of a day such as 1h)");
            return DAY;
        }
        Duration every = DurationText.read(map, "every", DAY);
        long seconds = every.toSeconds();
        long day = DAY.toSeconds();
        if (seconds == 0 || (seconds % day != 0 && day % seconds != 0)) {
            node.report(
                    "every: %s neither is whole days nor divides a day (expected: for example 1d, 7d, 12h, 1h or 15m)"
                            .formatted(node.shown()));
            return DAY;
        }
        return every;
    }

    private static @Nullable Rows versions(
            YamlMap map, @Nullable DataSource source, FeatureNames names, ZoneId zone, Duration availableAfter) {
        if (source != null && source.mode() != Mode.STATE) {
            map.reportKey(
                    "features",
                    "features: source '%s' is mode facts (expected: a source of mode state, or 'aggregations' instead)"
                            .formatted(source.name()));
        }
        if (map.has("every")) {
            map.reportKey(
                    "every",
                    "every: a view over states has a row per version, no stamps (expected: 'every' with 'aggregations' only)");
        }
        List<Field> features = new ArrayList<>();
        List<String> columns = new ArrayList<>();
        for (YamlNode item : nonEmpty(map, "features")) {
            YamlMap entry = item.named("feature").asMap();
            String name = entry == null ? null : names.read(entry);
            if (entry == null || name == null) {
                continue;
            }
            YamlMap named = entry.named("feature '" + name + "'");
            named.allowOnly(FEATURE_KEYS);
            ValueType type = type(named);
            YamlNode columnNode = named.get("column") == null ? named.get("name") : named.get("column");
            Column column = column(named, columnNode, source);
            if (column != null && type != null) {
                checkType(
                        named,
                        type,
                        TypeRules.valuesOf(column.type()),
                        "a column of type " + column.type().yamlName());
            }
            if (type != null) {
                features.add(field(named, name, type));
                columns.add(named.text("column", name));
            }
        }
        return features.isEmpty() ? null : new Rows(features, new Versions(columns, zone, availableAfter));
    }

    private static List<YamlNode> nonEmpty(YamlMap map, String key) {
        YamlNode list = map.get(key);
        List<YamlNode> items = map.list(key);
        if (list != null && list.isList() && items.isEmpty()) {
            list.report("%s: is empty (expected: at least one)".formatted(key));
        }
        return items;
    }

    private static Field field(YamlMap map, String name, ValueType type) {
        return new Field(name, type, map.text("description", ""), map.textMap("tags"));
    }

    private static @Nullable Column column(YamlMap map, @Nullable YamlNode node, @Nullable DataSource source) {
        String name = node == null || source == null ? null : node.asText();
        if (node == null || source == null || name == null) {
            return null;
        }
        Column column = source.column(name).orElse(null);
        if (column == null) {
            List<String> known = source.columns().stream().map(Column::name).toList();
            map.reportKey(
                    node.what(),
                    "source '%s' has no column '%s' (%s)"
                            .formatted(source.name(), name, NearNames.instead(name, known)));
        }
        return column;
    }

    private static @Nullable ValueType type(YamlMap map) {
        YamlNode node = map.require("type", "a value type, for example Int64, Float32 or String");
        String text = node == null ? null : node.asText();
        if (node == null || text == null) {
            return null;
        }
        ValueType type = ValueType.ofName(text).orElse(null);
        if (type == null || !FEATURE_TYPES.contains(type)) {
            node.report("type: unknown type '%s' (%s)"
                    .formatted(text, NearNames.instead(text, TypeRules.names(FEATURE_TYPES))));
            return null;
        }
        return type;
    }

    private static void checkType(YamlMap map, ValueType declared, List<ValueType> allowed, String what) {
        if (!allowed.contains(declared)) {
            map.reportKey(
                    "type",
                    "type: %s does not fit %s (expected: %s)"
                            .formatted(declared.displayName(), what, String.join(" or ", TypeRules.names(allowed))));
        }
    }

    private static ZoneId zone(YamlMap map) {
        YamlNode node = map.get("zone");
        String text = node == null ? null : node.asText();
        if (node == null || text == null) {
            return UTC;
        }
        try {
            ZoneId zone = ZoneId.of(text);
            return zone.equals(ZoneOffset.UTC) ? UTC : zone;
        } catch (DateTimeException e) {
            List<String> near = NearNames.near(text, ZoneId.getAvailableZoneIds());
            node.report("zone: unknown time zone '%s' (%s)"
                    .formatted(
                            text,
                            near.isEmpty()
                                    ? "expected: for example UTC or Europe/Berlin"
                                    : "did you mean '" + String.join("' or '", near) + "'?"));
            return UTC;
        }
    }

    private void warn(YamlMap map, Aggregated aggregated, Duration ttl) {
        YamlNode ttlNode = map.get("ttl");
        if (ttlNode != null && !ttl.isZero()) {
            warnings.add(new Problem(
                    ttlNode.file(),
                    ttlNode.line(),
                    "ttl: %s hides the row that says that an entity has gone quiet (count 0) after that time, and answers null instead (better: 0s, the default)"
                            .formatted(ttlNode.shown())));
        }
        Duration every = aggregated.every();
        for (Aggregation aggregation : aggregated.aggregations()) {
            if (aggregation.window() instanceof Window.Rolling rolling
                    && rolling.length().compareTo(every) < 0) {
                YamlNode list = map.self();
                warnings.add(new Problem(
                        list.file(),
                        list.line(),
                        "aggregation '%s' looks back %s but is computed every %s, so no row sees the events between (better: a window of at least %s)"
                                .formatted(
                                        aggregation.name(),
                                        DurationText.format(rolling.length()),
                                        DurationText.format(every),
                                        DurationText.format(every))));
            }
        }
    }

    private static String columnNames(DataSource source) {
        return String.join(", ", source.columns().stream().map(Column::name).toList());
    }

    /** Names in one view: features must differ from each other and from the columns that the table has anyway. */
    private static final class FeatureNames {
        private final YamlMap view;
        private final List<String> joinKeys;
        private final Map<String, Integer> lines = new TreeMap<>();

        FeatureNames(YamlMap view, List<Entity> entities) {
            this.view = view;
            this.joinKeys = entities.stream().map(Entity::joinKey).toList();
        }

        @Nullable
        String read(YamlMap entry) {
            String name = Identifier.read(entry, "name", "num_transactions_l1w");
            if (name == null) {
                return null;
            }
            FeatureColumns.checkNotReserved(entry, "name", name);
            if (joinKeys.stream().anyMatch(name::equalsIgnoreCase)) {
                entry.reportKey(
                        "name", "name: '%s' is a join key of the view (expected: another name)".formatted(name));
            }
            Integer earlier = lines.putIfAbsent(
                    name.toLowerCase(Locale.ROOT), entry.self().line());
            if (earlier != null) {
                entry.reportKey(
                        "name",
                        "name: '%s' is already a feature of %s, on line %d (expected: names that differ)"
                                .formatted(name, view.self().what(), earlier));
            }
            return name;
        }
    }
}
