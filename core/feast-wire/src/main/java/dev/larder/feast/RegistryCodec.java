package dev.larder.feast;

import dev.larder.feast.proto.core.DataSource.SourceType;
import dev.larder.feast.proto.core.DataSource.SparkOptions;
import dev.larder.feast.proto.core.EntitySpecV2;
import dev.larder.feast.proto.core.FeatureServiceSpec;
import dev.larder.feast.proto.core.FeatureSpecV2;
import dev.larder.feast.proto.core.FeatureViewProjection;
import dev.larder.feast.proto.core.FeatureViewSpec;
import dev.larder.feast.proto.core.Project;
import dev.larder.feast.proto.core.ProjectSpec;
import dev.larder.feast.proto.core.Registry;
import dev.larder.feast.proto.core.StreamFeatureView;
import dev.larder.feast.proto.core.StreamFeatureViewSpec;
import dev.larder.feast.proto.core.TableFormat;
import dev.larder.model.DataSource;
import dev.larder.model.Entity;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureService;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.model.ValueType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One project's definitions as the messages of {@code registry.db}, and back.
 *
 * <p>A view that Larder computes becomes a plain feature view over its lake table, so that an unmodified Feast can read it;
 * what Feast cannot say (the source, the computation) travels in tags that start with {@code larder.}. Reading gives an
 * equal model again. Messages carry no {@code meta}: times, intervals and states belong to the registry.
 */
public final class RegistryCodec {
    /** Feast's entity for views without entities; it must be in every registry. */
    public static final String DUMMY_ENTITY = "__dummy";

    /** Tag of a view for the hash of its definition; ours to set after encoding, ignored when reading. */
    public static final String DEFINITION_TAG = "larder.definition";

    private static final String SPARK_SOURCE =
            "feast.infra.offline_stores.contrib.spark_offline_store.spark_source.SparkSource";
    private static final String CATALOG = "lakehouse";
    private static final String EVENT_TIMESTAMP = "event_timestamp";
    private static final String CREATED = "created";
    private static final String LATEST = "latest";

    private final String project;

    public RegistryCodec(String project) {
        this.project = project;
    }

    // ------------------------------------------------------------------ model to messages

    /**
     * All of a repository: the project, its entities with the dummy, its sources with the lake table of every view, its
     * views and services.
     *
     * @param repository its views are all computed by Larder
     * @throws LarderException {@code DEFINITION_INVALID} if a source has the name of a view's lake table
     */
    public Registry encode(Repository repository) {
        Registry.Builder registry = Registry.newBuilder().addProjects(project());
        repository.entities().forEach(entity -> registry.addEntities(encode(entity)));
        registry.addEntities(dummyEntity());
        repository.dataSources().forEach(source -> registry.addDataSources(encode(source)));
        for (FeatureView view : repository.featureViews()) {
            String lakeName = lakeSource(view).getName();
            if (repository.dataSources().stream().anyMatch(s -> s.name().equals(lakeName))) {
                throw new LarderException(
                        ErrorCode.DEFINITION_INVALID,
                        "Data source %s: the name is taken by the lake table of feature view %s (choose another name)"
                                .formatted(lakeName, view.name()));
            }
            registry.addDataSources(lakeSource(view)).addFeatureViews(encode(view));
        }
        repository.featureServices().forEach(service -> registry.addFeatureServices(encode(service, repository)));
        return registry.build();
    }

    public Project project() {
        return Project.newBuilder()
                .setSpec(ProjectSpec.newBuilder().setName(project))
                .build();
    }

    public dev.larder.feast.proto.core.Entity encode(Entity entity) {
        return entity(EntitySpecV2.newBuilder()
                .setName(entity.name())
                .setValueTypeValue(entity.valueType().number())
                .setDescription(entity.description())
                .setJoinKey(entity.joinKey())
                .putAllTags(sorted(entity.tags()))
                .setOwner(entity.owner()));
    }

    public dev.larder.feast.proto.core.Entity dummyEntity() {
        return entity(EntitySpecV2.newBuilder().setName(DUMMY_ENTITY).setJoinKey(EntityKeyCodec.DUMMY_JOIN_KEY));
    }

    /** Shown to Feast as the lake's table of present rows, because Feast has no change-log source. */
    public dev.larder.feast.proto.core.DataSource encode(DataSource source) {
        String eventTime = source.eventTime();
        return spark(source.name(), "image_" + source.name())
                .setTimestampField(eventTime == null ? "" : eventTime)
                .setDescription(source.description())
                .putAllTags(LarderTags.encode(source))
                .setOwner(source.owner())
                .build();
    }

    /** The Iceberg table of a view's finished rows; every view embeds a copy of it. */
    public dev.larder.feast.proto.core.DataSource lakeSource(FeatureView view) {
        return spark(view.name() + "_lake", "features_" + view.name())
                .setTimestampField(EVENT_TIMESTAMP)
                .setCreatedTimestampColumn(CREATED)
                .setDescription("Finished rows of feature view " + view.name())
                .putTags(LarderTags.VIEW, view.name())
                .setOwner(view.owner())
                .build();
    }

    /**
     * @throws LarderException {@code DEFINITION_INVALID} if a tag of the user's starts with {@code larder.}
     * @throws IllegalArgumentException if Larder does not compute the view: such a view keeps the message it was applied as
     */
    public dev.larder.feast.proto.core.FeatureView encode(FeatureView view) {
        if (view.computation() == null) {
            throw new IllegalArgumentException(
                    "view: " + view.name() + " has no computation (expected: a view that Larder computes)");
        }
        FeatureViewSpec.Builder spec = FeatureViewSpec.newBuilder()
                .setName(view.name())
                .setProject(project)
                .addAllEntities(view.entities().isEmpty() ? List.of(DUMMY_ENTITY) : view.entities())
                .putAllTags(LarderTags.encode(view))
                .setTtl(duration(view.ttl()))
                .setBatchSource(lakeSource(view))
                .setOnline(view.online())
                .setDescription(view.description())
                .setOwner(view.owner())
                .setVersion(LATEST);
        view.features().forEach(feature -> spec.addFeatures(encode(feature)));
        List<Field> columns = view.entityColumns().isEmpty()
                ? List.of(new Field(EntityKeyCodec.DUMMY_JOIN_KEY, ValueType.STRING))
                : view.entityColumns();
        columns.forEach(column -> spec.addEntityColumns(encode(column)));
        return dev.larder.feast.proto.core.FeatureView.newBuilder()
                .setSpec(spec)
                .build();
    }

    /**
     * @param repository where the service's views are defined; a projection without features means all of its view
     * @throws LarderException {@code FEATURE_VIEW_NOT_FOUND} or {@code FEATURE_NOT_FOUND}, naming what exists
     */
    public dev.larder.feast.proto.core.FeatureService encode(FeatureService service, Repository repository) {
        FeatureServiceSpec.Builder spec = FeatureServiceSpec.newBuilder()
                .setName(service.name())
                .setProject(project)
                .putAllTags(sorted(service.tags()))
                .setDescription(service.description())
                .setOwner(service.owner());
        for (FeatureService.Projection projection : service.projections()) {
            spec.addFeatures(encode(projection, repository.featureView(projection.featureView())));
        }
        return dev.larder.feast.proto.core.FeatureService.newBuilder()
                .setSpec(spec)
                .build();
    }

    private FeatureViewProjection encode(FeatureService.Projection projection, FeatureView view) {
        String alias = projection.alias();
        FeatureViewProjection.Builder message = FeatureViewProjection.newBuilder()
                .setFeatureViewName(projection.featureView())
                .setFeatureViewNameAlias(alias == null ? "" : alias)
                .putAllJoinKeyMap(sorted(projection.joinKeyMap()))
                .setTimestampField(EVENT_TIMESTAMP)
                .setCreatedTimestampColumn(CREATED)
                .setBatchSource(lakeSource(view))
                .setViewType("featureView");
        List<String> names = projection.features().isEmpty()
                ? view.features().stream().map(Field::name).toList()
                : projection.features();
        for (String name : names) {
            message.addFeatureColumns(encode(view.feature(name).orElseThrow(() -> featureNotFound(view, name))));
        }
        return message.build();
    }

    private static LarderException featureNotFound(FeatureView view, String name) {
        return new LarderException(
                ErrorCode.FEATURE_NOT_FOUND,
                "Feature %s is not in feature view %s (known: %s)"
                        .formatted(
                                name,
                                view.name(),
                                String.join(
                                        ", ",
                                        new TreeSet<>(view.features().stream()
                                                .map(Field::name)
                                                .toList()))));
    }

    private dev.larder.feast.proto.core.Entity entity(EntitySpecV2.Builder spec) {
        return dev.larder.feast.proto.core.Entity.newBuilder()
                .setSpec(spec.setProject(project))
                .build();
    }

    private dev.larder.feast.proto.core.DataSource.Builder spark(String name, String table) {
        return dev.larder.feast.proto.core.DataSource.newBuilder()
                .setType(SourceType.BATCH_SPARK)
                .setName(name)
                .setProject(project)
                .setDataSourceClassType(SPARK_SOURCE)
                .setSparkOptions(SparkOptions.newBuilder()
                        .setTable(CATALOG + "." + project + "." + table)
                        .setTableFormat(TableFormat.newBuilder()
                                .setIcebergFormat(TableFormat.IcebergFormat.newBuilder()
                                        .setCatalog(CATALOG)
                                        .setNamespace(project))));
    }

    private static FeatureSpecV2 encode(Field field) {
        return FeatureSpecV2.newBuilder()
                .setName(field.name())
                .setValueTypeValue(field.type().number())
                .setDescription(field.description())
                .putAllTags(sorted(field.tags()))
                .build();
    }

    /** So that equal definitions give equal bytes. */
    private static Map<String, String> sorted(Map<String, String> map) {
        return new TreeMap<>(map);
    }

    private static com.google.protobuf.Duration duration(Duration duration) {
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }

    // ------------------------------------------------------------------ messages to model

    /**
     * This project's part of a registry: entities without the dummy, sources of Larder's own kind, plain, batch and stream
     * views, services. What the model has no word for (on-demand and label views, sources of Python) is left out.
     */
    public Repository decode(Registry registry) {
        List<Entity> entities = registry.getEntitiesList().stream()
                .filter(e -> project.equals(e.getSpec().getProject()))
                .filter(e -> !DUMMY_ENTITY.equals(e.getSpec().getName()))
                .map(this::decode)
                .toList();
        List<DataSource> sources = registry.getDataSourcesList().stream()
                .filter(s -> project.equals(s.getProject()))
                .map(this::decode)
                .flatMap(Optional::stream)
                .toList();
        List<FeatureView> views = new ArrayList<>();
        registry.getFeatureViewsList().stream()
                .filter(v -> project.equals(v.getSpec().getProject()))
                .map(this::decode)
                .forEach(views::add);
        registry.getStreamFeatureViewsList().stream()
                .filter(v -> project.equals(v.getSpec().getProject()))
                .map(this::decode)
                .forEach(views::add);
        List<FeatureService> services = registry.getFeatureServicesList().stream()
                .filter(s -> project.equals(s.getSpec().getProject()))
                .map(this::decode)
                .toList();
        return new Repository(project, entities, sources, views, services);
    }

    public Entity decode(dev.larder.feast.proto.core.Entity message) {
        EntitySpecV2 spec = message.getSpec();
        return new Entity(
                spec.getName(),
                spec.getJoinKey(),
                type("Entity " + spec.getName(), spec.getValueTypeValue()),
                spec.getDescription(),
                spec.getTagsMap(),
                spec.getOwner());
    }

    /** Empty for a source that was not defined for Larder: one of Python, or a view's lake table. */
    public Optional<DataSource> decode(dev.larder.feast.proto.core.DataSource message) {
        return message.containsTags(LarderTags.CDC)
                ? Optional.of(LarderTags.dataSource(
                        message.getName(), message.getDescription(), message.getOwner(), message.getTagsMap()))
                : Optional.empty();
    }

    public FeatureView decode(dev.larder.feast.proto.core.FeatureView message) {
        FeatureViewSpec spec = message.getSpec();
        List<Field> features = fields(spec.getName(), spec.getFeaturesList());
        return new FeatureView(
                spec.getName(),
                withoutDummy(spec.getEntitiesList()),
                entityColumns(spec.getName(), spec.getEntityColumnsList()),
                features,
                duration(spec.getTtl()),
                spec.getOnline(),
                spec.getTagsOrDefault(
                        LarderTags.SOURCE,
                        (spec.hasStreamSource() ? spec.getStreamSource() : spec.getBatchSource()).getName()),
                LarderTags.computation(spec.getName(), features, spec.getTagsMap()),
                spec.getDescription(),
                LarderTags.withoutOurs(spec.getTagsMap()),
                spec.getOwner());
    }

    /** A stream view lists its join keys among the features; the model does not. */
    public FeatureView decode(StreamFeatureView message) {
        StreamFeatureViewSpec spec = message.getSpec();
        List<Field> columns = entityColumns(spec.getName(), spec.getEntityColumnsList());
        List<String> joinKeys = columns.stream().map(Field::name).toList();
        return new FeatureView(
                spec.getName(),
                withoutDummy(spec.getEntitiesList()),
                columns,
                fields(spec.getName(), spec.getFeaturesList()).stream()
                        .filter(f -> !joinKeys.contains(f.name()))
                        .toList(),
                duration(spec.getTtl()),
                spec.getOnline(),
                spec.getStreamSource().getName(),
                null,
                spec.getDescription(),
                LarderTags.withoutOurs(spec.getTagsMap()),
                spec.getOwner());
    }

    public FeatureService decode(dev.larder.feast.proto.core.FeatureService message) {
        FeatureServiceSpec spec = message.getSpec();
        return new FeatureService(
                spec.getName(),
                spec.getFeaturesList().stream().map(RegistryCodec::decode).toList(),
                spec.getDescription(),
                spec.getTagsMap(),
                spec.getOwner());
    }

    private static FeatureService.Projection decode(FeatureViewProjection message) {
        String alias = message.getFeatureViewNameAlias();
        Map<String, String> joinKeyMap = message.getJoinKeyMapMap();
        return new FeatureService.Projection(
                message.getFeatureViewName(),
                alias.isEmpty() ? null : alias,
                message.getFeatureColumnsList().stream()
                        .map(FeatureSpecV2::getName)
                        .toList(),
                joinKeyMap);
    }

    private static List<String> withoutDummy(List<String> entities) {
        return entities.stream().filter(name -> !DUMMY_ENTITY.equals(name)).toList();
    }

    private static List<Field> entityColumns(String view, List<FeatureSpecV2> columns) {
        return fields(view, columns).stream()
                .filter(column -> !EntityKeyCodec.DUMMY_JOIN_KEY.equals(column.name()))
                .toList();
    }

    private static List<Field> fields(String view, List<FeatureSpecV2> fields) {
        return fields.stream()
                .map(f -> new Field(
                        f.getName(),
                        type("Feature " + view + ":" + f.getName(), f.getValueTypeValue()),
                        f.getDescription(),
                        f.getTagsMap()))
                .toList();
    }

    private static ValueType type(String owner, int number) {
        return ValueType.ofNumber(number)
                .orElseThrow(() -> new LarderException(
                        ErrorCode.REGISTRY_UNAVAILABLE,
                        "%s: value type number %d (expected: a type of Feast 0.67 or older)".formatted(owner, number)));
    }

    private static Duration duration(com.google.protobuf.Duration duration) {
        return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
    }
}
