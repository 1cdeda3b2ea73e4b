package dev.larder.registry;

import dev.larder.model.Aggregation;
import dev.larder.model.DataSource;
import dev.larder.model.DataSource.Column;
import dev.larder.model.DataSource.ColumnType;
import dev.larder.model.Entity;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureService;
import dev.larder.model.FeatureService.Projection;
import dev.larder.model.FeatureView;
import dev.larder.model.FeatureView.Aggregated;
import dev.larder.model.FeatureView.Versions;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.model.Window;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;

/** Writes definitions as the YAML that {@link RepositoryLoader} reads back to an equal repository. */
public final class DefinitionWriter {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_]([A-Za-z0-9_./ -]*[A-Za-z0-9_.])?");
    private static final Resolver RESOLVER = new Resolver();

    private DefinitionWriter() {}

    /**
     * @return file name to text: {@code entities.yaml}, {@code sources.yaml}, {@code views.yaml}, {@code services.yaml}, of
     *     these the ones that hold something
     * @throws LarderException {@code ARGUMENT_INVALID} if a view is computed elsewhere and so has no form in YAML
     */
    public static Map<String, String> write(Repository repository) {
        Map<String, String> files = new LinkedHashMap<>();
        put(files, "entities.yaml", repository.entities(), DefinitionWriter::entity);
        put(files, "sources.yaml", repository.dataSources(), DefinitionWriter::source);
        put(files, "views.yaml", repository.featureViews(), DefinitionWriter::view);
        put(
                files,
                "services.yaml",
                repository.featureServices(),
                service -> service(service, repository.featureViews()));
        return files;
    }

    private static <T> void put(Map<String, String> files, String name, List<T> objects, Function<T, String> text) {
        if (!objects.isEmpty()) {
            files.put(name, objects.stream().map(text).collect(Collectors.joining("---\n")));
        }
    }

    private static String entity(Entity entity) {
        Document out = new Document("Entity", entity.name());
        out.text("join_key", entity.joinKey());
        out.text("value_type", entity.valueType().displayName());
        out.about(entity.description(), entity.tags(), entity.owner());
        return out.toString();
    }

    private static String source(DataSource source) {
        Document out = new Document("DataSource", source.name());
        out.line("type", "cdc");
        out.text("table", source.table());
        out.text("topic", source.topic());
        out.line("mode", source.mode().name().toLowerCase(Locale.ROOT));
        out.line("primary_key", flowList(source.primaryKey()));
        if (source.eventTime() != null) {
            out.text("event_time", source.eventTime());
        }
        out.items("columns", source.columns(), DefinitionWriter::column);
        out.about(source.description(), source.tags(), source.owner());
        return out.toString();
    }

    private static Map<String, String> column(Column column) {
        Map<String, String> entry = new LinkedHashMap<>();
        entry.put("name", scalar(column.name()));
        entry.put("type", column.type().yamlName());
        if (column.type() == ColumnType.DECIMAL) {
            entry.put("scale", Integer.toString(column.scale()));
        }
        return entry;
    }

    private static String view(FeatureView view) {
        Document out = new Document("FeatureView", view.name());
        out.line("entities", flowList(view.entities()));
        out.text("source", view.source());
        if (view.computation() instanceof Aggregated aggregated) {
            List<Map<String, String>> entries = new ArrayList<>();
            for (Aggregation aggregation : aggregated.aggregations()) {
                entries.add(aggregation(
                        aggregation, view.feature(aggregation.name()).orElseThrow()));
            }
            out.items("aggregations", entries, Function.identity());
            out.line("every", DurationText.format(aggregated.every()));
            out.timing(aggregated.zone(), aggregated.availableAfter());
        } else if (view.computation() instanceof Versions versions) {
            List<Map<String, String>> entries = new ArrayList<>();
            for (int i = 0; i < view.features().size(); i++) {
                entries.add(feature(view.features().get(i), versions.columns().get(i)));
            }
            out.items("features", entries, Function.identity());
            out.timing(versions.zone(), versions.availableAfter());
        } else {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Feature view '%s' was not defined in YAML, so it cannot be written as YAML. Leave it out, or define it anew over a data source."
                            .formatted(view.name()));
        }
        if (!view.ttl().isZero()) {
            out.line("ttl", DurationText.format(view.ttl()));
        }
        out.line("online", Boolean.toString(view.online()));
        out.about(view.description(), view.tags(), view.owner());
        return out.toString();
    }

    private static Map<String, String> aggregation(Aggregation aggregation, Field field) {
        Map<String, String> entry = new LinkedHashMap<>();
        entry.put("name", scalar(aggregation.name()));
        entry.put("function", aggregation.function().yamlName());
        if (aggregation.column() != null) {
            entry.put("column", scalar(aggregation.column()));
        }
        if (aggregation.window() instanceof Window.Rolling rolling) {
            entry.put("window", DurationText.format(rolling.length()));
        }
        entry.put("type", aggregation.type().displayName());
        describe(entry, field);
        return entry;
    }

    private static Map<String, String> feature(Field field, String column) {
        Map<String, String> entry = new LinkedHashMap<>();
        entry.put("name", scalar(field.name()));
        if (!column.equals(field.name())) {
            entry.put("column", scalar(column));
        }
        entry.put("type", field.type().displayName());
        describe(entry, field);
        return entry;
    }

    private static void describe(Map<String, String> entry, Field field) {
        if (!field.description().isEmpty()) {
            entry.put("description", scalar(field.description()));
        }
        if (!field.tags().isEmpty()) {
            entry.put("tags", flowMap(field.tags()));
        }
    }

    private static String service(FeatureService service, List<FeatureView> views) {
        Document out = new Document("FeatureService", service.name());
        out.items("features", service.projections(), projection -> projection(projection, views));
        out.about(service.description(), service.tags(), service.owner());
        return out.toString();
    }

    private static Map<String, String> projection(Projection projection, List<FeatureView> views) {
        Map<String, String> entry = new LinkedHashMap<>();
        entry.put("view", scalar(projection.featureView()));
        boolean whole = views.stream()
                .filter(view -> view.name().equals(projection.featureView()))
                .anyMatch(view ->
                        view.features().stream().map(Field::name).toList().equals(projection.features()));
        if (!whole) {
            entry.put("features", flowList(projection.features()));
        }
        if (projection.alias() != null) {
            entry.put("alias", scalar(projection.alias()));
        }
        if (!projection.joinKeyMap().isEmpty()) {
            entry.put("join_key_map", flowMap(projection.joinKeyMap()));
        }
        return entry;
    }

    /** A text as YAML that reads back as the same text, in quotes where it must be. */
    static String scalar(String text) {
        boolean plain = PLAIN.matcher(text).matches()
                && RESOLVER.resolve(NodeId.scalar, text, true).equals(Tag.STR);
        if (plain) {
            return text;
        }
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                default -> {
                    if (c < ' ' || (c >= 0x7f && c <= 0xa0) || c == 0x2028 || c == 0x2029 || c >= 0xd800) {
                        quoted.append("\\U%08x".formatted(c));
                    } else {
                        quoted.appendCodePoint(c);
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }

    private static String flowList(List<String> texts) {
        return texts.stream().map(DefinitionWriter::scalar).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String flowMap(Map<String, String> texts) {
        return new TreeMap<>(texts)
                .entrySet().stream()
                        .map(entry -> scalar(entry.getKey()) + ": " + scalar(entry.getValue()))
                        .collect(Collectors.joining(", ", "{", "}"));
    }

    private static final class Document {
        private final StringBuilder out = new StringBuilder();

        Document(String kind, String name) {
            line("kind", kind);
            text("name", name);
        }

        void text(String key, String text) {
            line(key, scalar(text));
        }

        void line(String key, String yaml) {
            out.append(key).append(": ").append(yaml).append('\n');
        }

        <T> void items(String key, List<T> items, Function<T, Map<String, String>> entry) {
            out.append(key).append(":\n");
            for (T item : items) {
                out.append(entry.apply(item).entrySet().stream()
                        .map(e -> e.getKey() + ": " + e.getValue())
                        .collect(Collectors.joining(", ", "  - {", "}\n")));
            }
        }

        void timing(ZoneId zone, Duration availableAfter) {
            text("zone", zone.getId());
            if (!availableAfter.isZero()) {
                line("available_after", DurationText.format(availableAfter));
            }
        }

        void about(String description, Map<String, String> tags, String owner) {
            if (!description.isEmpty()) {
                text("description", description);
            }
            if (!tags.isEmpty()) {
                line("tags", flowMap(tags));
            }
            if (!owner.isEmpty()) {
                text("owner", owner);
            }
        }

        @Override
        public String toString() {
            return out.toString();
        }
    }
}
