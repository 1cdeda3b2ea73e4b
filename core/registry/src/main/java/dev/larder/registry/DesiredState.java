package dev.larder.registry;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.larder.feast.RegistryCodec;
import dev.larder.feast.proto.core.DataSource;
import dev.larder.feast.proto.core.Entity;
import dev.larder.feast.proto.core.FeatureService;
import dev.larder.feast.proto.core.FeatureSpecV2;
import dev.larder.feast.proto.core.FeatureView;
import dev.larder.feast.proto.core.FeatureViewMeta;
import dev.larder.feast.proto.core.FeatureViewProjection;
import dev.larder.feast.proto.core.FeatureViewSpec;
import dev.larder.feast.proto.core.FeatureViewVersionRecord;
import dev.larder.feast.proto.core.InfraObject;
import dev.larder.feast.proto.core.Project;
import dev.larder.feast.proto.core.Registry;
import dev.larder.feast.proto.core.SqliteTable;
import dev.larder.feast.proto.core.StreamFeatureView;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.OnlineStoreConfig;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Turns a registry into one that says what the definitions say, by Feast's rules: what is equal stays untouched, what is
 * replaced keeps its created time and moves to the end, and a changed schema of a view becomes a new version. Entities, data
 * sources, plain and stream views and services of the project that are not defined any more are deleted; on-demand views,
 * label views, datasets and permissions, which YAML has no word for, and other projects stay.
 */
final class DesiredState {
    private static final String SQLITE_TABLE = "feast.infra.online_stores.sqlite.SqliteTable";

    private final FeatureStoreConfig config;
    private final String project;
    private final Registry desired;
    private final Timestamp now;

    private final List<Change> changes = new ArrayList<>();
    private int unchanged;

    private DesiredState(FeatureStoreConfig config, Registry desired, Instant now) {
        this.config = config;
        this.project = config.project();
        this.desired = desired;
        this.now = ProtoTime.of(now);
    }

    /** The changed registry without a new version id, and what has changed. */
    record Result(Registry registry, List<Change> changes, int unchanged) {}

    static Result of(FeatureStoreConfig config, Repository repository, Registry current, Instant now) {
        Registry encoded = new RegistryCodec(config.project()).encode(repository);
        Registry.Builder desired = encoded.toBuilder().clearFeatureViews();
        for (FeatureView view : encoded.getFeatureViewsList()) {
            FeatureView.Builder builder = view.toBuilder();
            dev.larder.model.FeatureView model =
                    repository.featureView(view.getSpec().getName());
            builder.getSpecBuilder()
                    .putTags(
                            RegistryCodec.DEFINITION_TAG,
                            DefinitionHash.of(model, repository.dataSource(model.source())));
            desired.addFeatureViews(builder);
        }
        return new DesiredState(config, desired.build(), now).result(current);
    }

    private Result result(Registry current) {
        checkNames(current);
        Registry.Builder next = current.toBuilder();
        project(next);
        List<Entity> entities = upsert(ENTITIES, current.getEntitiesList(), desired.getEntitiesList());
        next.clearEntities().addAllEntities(entities);
        List<DataSource> sources = upsert(SOURCES, current.getDataSourcesList(), desired.getDataSourcesList());
        next.clearDataSources().addAllDataSources(sources);
        deleteStreamViews(next);
        views(next);
        List<FeatureService> services =
                upsert(SERVICES, current.getFeatureServicesList(), desired.getFeatureServicesList());
        next.clearFeatureServices().addAllFeatureServices(services);
        infra(current, next);
        return new Result(next.build(), changes, unchanged);
    }

    private void checkNames(Registry current) {
        Set<String> taken = new HashSet<>();
        current.getOnDemandFeatureViewsList().stream()
                .filter(view -> view.getSpec().getProject().equals(project))
                .forEach(view -> taken.add(view.getSpec().getName()));
        current.getLabelViewsList().stream()
                .filter(view -> view.getSpec().getProject().equals(project))
                .forEach(view -> taken.add(view.getSpec().getName()));
        for (FeatureView view : desired.getFeatureViewsList()) {
            String name = view.getSpec().getName();
            if (taken.contains(name)) {
                throw new LarderException(
                        ErrorCode.DEFINITION_INVALID,
                        "Feature view %s: the registry has an on-demand or label view of that name in project %s. Rename one of them, or delete the other one with Feast."
                                .formatted(name, project));
            }
        }
    }

    private void project(Registry.Builder next) {
        for (int i = 0; i < next.getProjectsCount(); i++) {
            Project.Builder existing = next.getProjectsBuilder(i);
            if (!existing.getSpec().getName().equals(project)) {
                continue;
            }
            String description = config.projectDescription();
            if (description.isEmpty() || description.equals(existing.getSpec().getDescription())) {
                unchanged++;
                return;
            }
            changes.add(new Change(Change.Action.UPDATED, "project", project, List.of("description")));
            existing.getSpecBuilder().setDescription(description);
            existing.getMetaBuilder().setLastUpdatedTimestamp(now);
            return;
        }
        Project.Builder created = new RegistryCodec(project).project().toBuilder();
        created.getSpecBuilder().setDescription(config.projectDescription());
        created.getMetaBuilder().setCreatedTimestamp(now).setLastUpdatedTimestamp(now);
        next.addProjects(created);
        changes.add(Change.created("project", project));
    }

    // ------------------------------------------------------------------ entities, data sources, services

    /**
     * How one kind of object is named, compared and stamped.
     *
     * @param content what counts for being equal
     * @param stamped the desired object with the times of the existing one, or null times of a new one
     */
    private record Kind<T extends Message>(
            String type,
            Function<T, String> projectOf,
            Function<T, String> nameOf,
            Function<T, Message> content,
            BiFunction<T, Times, T> stamped,
            Function<T, Timestamp> createdOf) {}

    private record Times(Timestamp created, Timestamp updated) {}

    private static final Kind<Entity> ENTITIES = new Kind<>(
            "entity",
            entity -> entity.getSpec().getProject(),
            entity -> entity.getSpec().getName(),
            Entity::getSpec,
            (entity, times) -> {
                Entity.Builder builder = entity.toBuilder();
                builder.getMetaBuilder().setCreatedTimestamp(times.created()).setLastUpdatedTimestamp(times.updated());
                return builder.build();
            },
            entity -> entity.getMeta().getCreatedTimestamp());

    private static final Kind<DataSource> SOURCES = new Kind<>(
            "data source",
            DataSource::getProject,
            DataSource::getName,
            source -> source.toBuilder().clearMeta().build(),
            (source, times) -> {
                DataSource.Builder builder = source.toBuilder();
                builder.getMetaBuilder().setCreatedTimestamp(times.created()).setLastUpdatedTimestamp(times.updated());
                return builder.build();
            },
            source -> source.getMeta().getCreatedTimestamp());

    private static final Kind<FeatureService> SERVICES = new Kind<>(
            "feature service",
            service -> service.getSpec().getProject(),
            service -> service.getSpec().getName(),
            DesiredState::content,
            (service, times) -> {
                FeatureService.Builder builder = service.toBuilder();
                builder.getMetaBuilder().setCreatedTimestamp(times.created()).setLastUpdatedTimestamp(times.updated());
                return builder.build();
            },
            service -> service.getMeta().getCreatedTimestamp());

    private <T extends Message> List<T> upsert(Kind<T> kind, List<T> current, List<T> wanted) {
        Map<String, T> missing = new LinkedHashMap<>();
        wanted.forEach(object -> missing.put(kind.nameOf().apply(object), object));
        List<T> next = new ArrayList<>();
        List<T> moved = new ArrayList<>();
        for (T existing : current) {
            if (!kind.projectOf().apply(existing).equals(project)) {
                next.add(existing);
                continue;
            }
            String name = kind.nameOf().apply(existing);
            T object = missing.remove(name);
            if (object == null) {
                changes.add(Change.deleted(kind.type(), name));
                continue;
            }
            List<String> fields =
                    differing(kind.content().apply(existing), kind.content().apply(object));
            if (fields.isEmpty()) {
                unchanged++;
                next.add(existing);
            } else {
                changes.add(new Change(Change.Action.UPDATED, kind.type(), name, fields));
                moved.add(
                        kind.stamped().apply(object, new Times(kind.createdOf().apply(existing), now)));
            }
        }
        next.addAll(moved);
        missing.forEach((name, object) -> {
            changes.add(Change.created(kind.type(), name));
            next.add(kind.stamped().apply(object, new Times(now, now)));
        });
        return next;
    }

    /** Feast writes the created column's name into the field for the event time, and copies of sources in several ways. */
    private static Message content(FeatureService service) {
        var spec = service.getSpec().toBuilder();
        for (FeatureViewProjection.Builder projection : spec.getFeaturesBuilderList()) {
            projection.clearTimestampField();
            if (projection.hasBatchSource()) {
                projection.setBatchSource(copyOf(projection.getBatchSource()));
            }
        }
        return spec.build();
    }

    /** Feast drops some of a copy's fields and adds format properties that repeat others. */
    private static DataSource copyOf(DataSource embedded) {
        DataSource.Builder copy =
                embedded.toBuilder().clearMeta().clearProject().clearDataSourceClassType();
        if (copy.getSparkOptions().getTableFormat().hasIcebergFormat()) {
            copy.getSparkOptionsBuilder()
                    .getTableFormatBuilder()
                    .getIcebergFormatBuilder()
                    .clearProperties();
        }
        return copy.build();
    }

    // ------------------------------------------------------------------ feature views

    private void views(Registry.Builder next) {
        Map<String, FeatureView> missing = new LinkedHashMap<>();
        desired.getFeatureViewsList().forEach(view -> missing.put(view.getSpec().getName(), view));
        List<FeatureView> views = new ArrayList<>();
        List<FeatureView> moved = new ArrayList<>();
        for (FeatureView existing : next.getFeatureViewsList()) {
            String name = existing.getSpec().getName();
            if (!existing.getSpec().getProject().equals(project)) {
                views.add(existing);
                continue;
            }
            FeatureView view = missing.remove(name);
            if (view == null) {
                changes.add(Change.deleted("feature view", name));
                deleteHistory(next, name);
                continue;
            }
            List<String> fields = differing(content(existing.getSpec()), content(view.getSpec()));
            if (fields.isEmpty()) {
                unchanged++;
                views.add(existing);
                continue;
            }
            changes.add(new Change(Change.Action.UPDATED, "feature view", name, fields));
            if (schema(existing.getSpec()).equals(schema(view.getSpec()))) {
                FeatureView.Builder updated = existing.toBuilder().setSpec(view.getSpec());
                updated.getMetaBuilder().setLastUpdatedTimestamp(now);
                views.add(updated.build());
            } else {
                moved.add(newVersion(next, existing, view));
            }
        }
        views.addAll(moved);
        missing.forEach((name, view) -> {
            changes.add(Change.created("feature view", name));
            FeatureView created = view.toBuilder()
                    .setMeta(FeatureViewMeta.newBuilder()
                            .setCreatedTimestamp(now)
                            .setLastUpdatedTimestamp(now))
                    .build();
            addHistory(next, created, 0);
            views.add(created);
        });
        next.clearFeatureViews().addAllFeatureViews(views);
    }

    private FeatureView newVersion(Registry.Builder next, FeatureView existing, FeatureView view) {
        int version = next.getFeatureViewVersionHistory().getRecordsList().stream()
                .filter(record -> isOf(record, existing.getSpec().getName()))
                .mapToInt(record -> record.getVersionNumber() + 1)
                .max()
                .orElse(0);
        if (version == 0) {
            addHistory(next, existing, 0);
            version = 1;
        }
        FeatureView changed = view.toBuilder()
                .setMeta(FeatureViewMeta.newBuilder()
                        .setCreatedTimestamp(existing.getMeta().getCreatedTimestamp())
                        .setLastUpdatedTimestamp(now)
                        .addAllMaterializationIntervals(existing.getMeta().getMaterializationIntervalsList())
                        .setCurrentVersionNumber(version))
                .build();
        addHistory(next, changed, version);
        return changed;
    }

    private void addHistory(Registry.Builder next, FeatureView view, int version) {
        next.getFeatureViewVersionHistoryBuilder()
                .addRecords(FeatureViewVersionRecord.newBuilder()
                        .setFeatureViewName(view.getSpec().getName())
                        .setProjectId(project)
                        .setVersionNumber(version)
                        .setFeatureViewType("feature_view")
                        .setFeatureViewProto(view.toByteString())
                        .setCreatedTimestamp(now)
                        .setVersionId(UUID.randomUUID().toString()));
    }

    private void deleteHistory(Registry.Builder next, String view) {
        List<FeatureViewVersionRecord> kept = next.getFeatureViewVersionHistory().getRecordsList().stream()
                .filter(record -> !isOf(record, view))
                .toList();
        next.getFeatureViewVersionHistoryBuilder().clearRecords().addAllRecords(kept);
    }

    private boolean isOf(FeatureViewVersionRecord record, String view) {
        return record.getProjectId().equals(project)
                && record.getFeatureViewName().equals(view);
    }

    private void deleteStreamViews(Registry.Builder next) {
        List<StreamFeatureView> kept = new ArrayList<>();
        for (StreamFeatureView view : next.getStreamFeatureViewsList()) {
            if (view.getSpec().getProject().equals(project)) {
                changes.add(Change.deleted("stream feature view", view.getSpec().getName()));
                deleteHistory(next, view.getSpec().getName());
            } else {
                kept.add(view);
            }
        }
        next.clearStreamFeatureViews().addAllStreamFeatureViews(kept);
    }

    private static Message content(FeatureViewSpec spec) {
        FeatureViewSpec.Builder content = spec.toBuilder();
        if (content.hasBatchSource()) {
            content.setBatchSource(copyOf(content.getBatchSource()));
        }
        return content.build();
    }

    /** What makes a new version when it changes. */
    private static FeatureViewSpec schema(FeatureViewSpec spec) {
        return FeatureViewSpec.newBuilder()
                .addAllEntities(spec.getEntitiesList().stream().sorted().toList())
                .addAllFeatures(byName(spec.getFeaturesList()))
                .addAllEntityColumns(byName(spec.getEntityColumnsList()))
                .addAllSourceViews(spec.getSourceViewsList())
                .build();
    }

    private static List<FeatureSpecV2> byName(List<FeatureSpecV2> fields) {
        return fields.stream()
                .sorted(Comparator.comparing(FeatureSpecV2::getName))
                .toList();
    }

    // ------------------------------------------------------------------ online tables

    /** Feast keeps one list for all projects and overwrites it whole; here only this project's SQLite tables change. */
    private void infra(Registry current, Registry.Builder next) {
        List<InfraObject> wanted = tables(next);
        Set<String> mine = new HashSet<>();
        Set<String> others = new HashSet<>();
        viewsByProject(current)
                .forEach((owner, views) ->
                        views.forEach(view -> (owner.equals(project) ? mine : others).add(owner + "_" + view)));
        for (InfraObject table : wanted) {
            String name = table.getSqliteTable().getName();
            if (others.contains(name)) {
                throw new LarderException(
                        ErrorCode.DEFINITION_INVALID,
                        "Online table %s: a view of another project in this registry has the same. Rename the view or the project."
                                .formatted(name));
            }
            mine.add(name);
        }
        List<InfraObject> kept = new ArrayList<>();
        List<InfraObject> before = new ArrayList<>();
        for (InfraObject object : current.getInfra().getInfraObjectsList()) {
            String name = object.getSqliteTable().getName();
            boolean ours = mine.contains(name) || (!others.contains(name) && project.equals(ownerOf(name, current)));
            (object.hasSqliteTable() && ours ? before : kept).add(object);
        }
        report(before, wanted);
        if (!before.equals(wanted)) {
            kept.addAll(wanted);
            next.getInfraBuilder().clearInfraObjects().addAllInfraObjects(kept);
        }
    }

    private static Map<String, Set<String>> viewsByProject(Registry registry) {
        Map<String, Set<String>> views = new HashMap<>();
        registry.getFeatureViewsList().stream().map(FeatureView::getSpec).forEach(spec -> views.computeIfAbsent(
                        spec.getProject(), p -> new HashSet<>())
                .add(spec.getName()));
        registry.getStreamFeatureViewsList().stream()
                .map(StreamFeatureView::getSpec)
                .forEach(spec -> views.computeIfAbsent(spec.getProject(), p -> new HashSet<>())
                        .add(spec.getName()));
        return views;
    }

    private List<InfraObject> tables(Registry.Builder next) {
        if (config.onlineStore() instanceof OnlineStoreConfig.Sqlite sqlite) {
            return next.getFeatureViewsList().stream()
                    .map(FeatureView::getSpec)
                    .filter(spec -> spec.getProject().equals(project))
                    .map(FeatureViewSpec::getName)
                    .sorted()
                    .map(view -> InfraObject.newBuilder()
                            .setInfraObjectClassType(SQLITE_TABLE)
                            .setSqliteTable(SqliteTable.newBuilder()
                                    .setPath(sqlite.path().toString())
                                    .setName(project + "_" + view))
                            .build())
                    .toList();
        }
        return List.of();
    }

    private void report(List<InfraObject> before, List<InfraObject> after) {
        Map<String, InfraObject> missing = new HashMap<>();
        before.forEach(object -> missing.put(object.getSqliteTable().getName(), object));
        for (InfraObject object : after) {
            String name = object.getSqliteTable().getName();
            InfraObject earlier = missing.remove(name);
            if (earlier == null) {
                changes.add(Change.created("online table", name));
            } else if (earlier.equals(object)) {
                unchanged++;
            } else {
                changes.add(new Change(Change.Action.UPDATED, "online table", name, List.of("path")));
            }
        }
        missing.keySet().stream().sorted().forEach(name -> changes.add(Change.deleted("online table", name)));
    }

    /** Of a table without a view, the project with the longest name that fits. */
    private static String ownerOf(String table, Registry registry) {
        return new Snapshot(registry)
                .projects().stream()
                        .filter(name -> table.startsWith(name + "_"))
                        .max(Comparator.comparingInt(String::length))
                        .orElse("");
    }

    // ------------------------------------------------------------------ comparison

    /** Names of the fields that differ; maps are equal in any order. */
    private static List<String> differing(Message a, Message b) {
        List<String> fields = new ArrayList<>();
        for (FieldDescriptor field : a.getDescriptorForType().getFields()) {
            if (!only(a, field).equals(only(b, field))) {
                fields.add(field.getName());
            }
        }
        return fields;
    }

    private static Message only(Message message, FieldDescriptor field) {
        Message.Builder builder = message.newBuilderForType();
        if (!field.hasPresence() || message.hasField(field)) {
            builder.setField(field, message.getField(field));
        }
        return builder.build();
    }
}
