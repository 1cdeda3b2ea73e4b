package dev.larder.registry;

import dev.larder.model.DataSource;
import dev.larder.model.DataSource.Column;
import dev.larder.model.DataSource.ColumnType;
import dev.larder.model.DataSource.Mode;
import dev.larder.registry.yaml.NearNames;
import dev.larder.registry.yaml.YamlMap;
import dev.larder.registry.yaml.YamlNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code kind: DataSource}. */
final class DataSourceReader {
    private static final List<String> KEYS = List.of(
            "kind",
            "name",
            "type",
            "table",
            "topic",
            "mode",
            "primary_key",
            "event_time",
            "columns",
            "description",
            "tags",
            "owner");
    private static final Pattern TABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*\\.[A-Za-z_][A-Za-z0-9_]*");
    private static final List<String> COLUMN_TYPES = TypeRules.columnNames(List.of(ColumnType.values()));
    static final int MAX_SCALE = 38;

    private final String project;

    DataSourceReader(String project) {
        this.project = project;
    }

    @Nullable
    DataSource read(YamlMap map, String name) {
        map.allowOnly(KEYS);
        type(map);
        String table = table(map);
        Mode mode = mode(map);
        Map<String, Column> columns = columns(map);
        List<String> primaryKey = primaryKey(map, columns);
        String eventTime = eventTime(map, mode, columns);
        if (table == null || columns == null) {
            return null;
        }
        return new DataSource(
                name,
                table,
                map.text("topic", project + "." + table),
                mode,
                primaryKey,
                eventTime,
                List.copyOf(columns.values()),
                map.text("description", ""),
                OwnTags.read(map),
                map.text("owner", ""));
    }

    private static void type(YamlMap map) {
        YamlNode node = map.require("type", "cdc");
        String type = node == null ? null : node.asText();
        if (node != null && type != null && !type.equals("cdc")) {
            node.report("type: '%s' is not supported (supported so far: cdc)".formatted(type));
        }
    }

    private static @Nullable String table(YamlMap map) {
        YamlNode node = map.require("table", "schema.table, for example public.transactions");
        String table = node == null ? null : node.asText();
        if (node == null || table == null) {
            return null;
        }
        if (!TABLE.matcher(table).matches()) {
            node.report("table: '%s' is not schema.table (expected: for example public.%s)"
                    .formatted(table, lastPart(table)));
            return null;
        }
        return table;
    }

    private static String lastPart(String table) {
        String last = table.substring(table.lastIndexOf('.') + 1);
        return Identifier.isValid(last) ? last : "transactions";
    }

    private static Mode mode(YamlMap map) {
        YamlNode node = map.get("mode");
        String mode = node == null ? "facts" : node.asText();
        if (node != null && mode != null && !mode.equals("facts") && !mode.equals("state")) {
            node.report(
                    "mode: unknown mode '%s' (%s)".formatted(mode, NearNames.instead(mode, List.of("facts", "state"))));
        }
        return "state".equals(mode) ? Mode.STATE : Mode.FACTS;
    }

    /** In the order of the file; null if a mistake hides which columns there are. */
    private static @Nullable Map<String, Column> columns(YamlMap map) {
        YamlNode list = map.require("columns", "a list of {name: .., type: ..}");
        List<YamlNode> items = list == null ? null : list.asList();
        if (list == null || items == null) {
            return null;
        }
        if (items.isEmpty()) {
            list.report("columns: is empty (expected: at least the primary key's columns)");
            return null;
        }
        Map<String, Column> columns = new LinkedHashMap<>();
        Map<String, Integer> lines = new TreeMap<>();
        boolean complete = true;
        for (YamlNode item : items) {
            Column column = column(item);
            if (column == null) {
                complete = false;
                continue;
            }
            Integer earlier = lines.putIfAbsent(column.name().toLowerCase(Locale.ROOT), item.line());
            if (earlier == null) {
                columns.put(column.name(), column);
            } else {
                item.report("column '%s' is already on line %d (expected: once)".formatted(column.name(), earlier));
            }
        }
        return complete ? columns : null;
    }

    private static @Nullable Column column(YamlNode item) {
        YamlMap map = item.named("column").asMap();
        if (map == null) {
            return null;
        }
        String name = Identifier.read(map, "name", "user_id");
        YamlMap column = name == null ? map : map.named("column '" + name + "'");
        column.allowOnly(List.of("name", "type", "scale"));
        YamlNode typeNode = column.require("type", "one of " + String.join(", ", COLUMN_TYPES));
        String typeName = typeNode == null ? null : typeNode.asText();
        if (typeNode == null || typeName == null) {
            return null;
        }
        ColumnType type = Arrays.stream(ColumnType.values())
                .filter(t -> t.yamlName().equals(typeName))
                .findFirst()
                .orElse(null);
        if (type == null) {
            typeNode.report("type: unknown column type '%s' (%s)"
                    .formatted(typeName, NearNames.instead(typeName, COLUMN_TYPES)));
            return null;
        }
        int scale = scale(column, type);
        return name == null ? null : new Column(name, type, scale);
    }

    private static int scale(YamlMap column, ColumnType type) {
        if (type != ColumnType.DECIMAL) {
            if (column.has("scale")) {
                column.reportKey(
                        "scale", "scale: only a Decimal has one (expected: no scale for " + type.yamlName() + ")");
            }
            return 0;
        }
        if (column.require("scale", "digits after the point, for example 2 for numeric(12,2)") == null) {
            return 0;
        }
        int scale = column.integer("scale", 0);
        if (scale < 0 || scale > MAX_SCALE) {
            column.reportKey("scale", "scale: %d (expected: 0 to %d)".formatted(scale, MAX_SCALE));
        }
        return scale;
    }

    private static List<String> primaryKey(YamlMap map, @Nullable Map<String, Column> columns) {
        YamlNode list = map.require("primary_key", "a list of columns, for example [transaction_id]");
        List<YamlNode> items = list == null ? null : list.asList();
        if (list == null || items == null) {
            return List.of();
        }
        if (items.isEmpty()) {
            list.report("primary_key: is empty (expected: at least one column)");
        }
        List<String> primaryKey = new ArrayList<>();
        for (YamlNode item : items) {
            String column = item.asText();
            if (column == null) {
                continue;
            }
            checkColumn(item, column, columns);
            if (primaryKey.contains(column)) {
                item.report("primary_key: column '%s' twice (expected: once)".formatted(column));
            } else {
                primaryKey.add(column);
            }
        }
        return primaryKey;
    }

    private static @Nullable String eventTime(YamlMap map, Mode mode, @Nullable Map<String, Column> columns) {
        YamlNode node = mode == Mode.FACTS
                ? map.require("event_time", "the column that says when it happened; only mode: state may leave it out")
                : map.get("event_time");
        String eventTime = node == null ? null : node.asText();
        if (node == null || eventTime == null) {
            return null;
        }
        checkColumn(node, eventTime, columns);
        Column column = columns == null ? null : columns.get(eventTime);
        if (column != null && column.type() != ColumnType.TIMESTAMP && column.type() != ColumnType.DATE) {
            node.report("event_time: column '%s' is a %s (expected: a Timestamp or Date)"
                    .formatted(eventTime, column.type().yamlName()));
        }
        return eventTime;
    }

    private static void checkColumn(YamlNode reference, String name, @Nullable Map<String, Column> columns) {
        if (columns != null && !columns.containsKey(name)) {
            reference.report("%s: unknown column '%s' (%s)"
                    .formatted(reference.what(), name, NearNames.instead(name, columns.keySet())));
        }
    }
}
