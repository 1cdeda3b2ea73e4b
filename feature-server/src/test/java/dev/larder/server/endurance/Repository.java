package dev.larder.server.endurance;

import dev.larder.feast.EntityKeyCodec;
import dev.larder.feast.ValueCodec;
import dev.larder.feast.proto.core.DataSource;
import dev.larder.feast.proto.core.Entity;
import dev.larder.feast.proto.core.EntitySpecV2;
import dev.larder.feast.proto.core.FeatureService;
import dev.larder.feast.proto.core.FeatureServiceSpec;
import dev.larder.feast.proto.core.FeatureSpecV2;
import dev.larder.feast.proto.core.FeatureView;
import dev.larder.feast.proto.core.FeatureViewProjection;
import dev.larder.feast.proto.core.FeatureViewSpec;
import dev.larder.feast.proto.core.Project;
import dev.larder.feast.proto.core.ProjectSpec;
import dev.larder.feast.proto.core.Registry;
import dev.larder.feast.proto.types.ValueType;
import dev.larder.model.EntityKey;
import dev.larder.model.FeatureValue;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.onlinestore.RedisOnlineStore;
import dev.larder.onlinestore.RedisSettings;
import dev.larder.registry.FileRegistry;
import dev.larder.registry.RepositoryLoader;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * One registry file of two projects. The one that is served was applied by Feast, since YAML has no word for push sources, and
 * is changed as Feast does it: the file is written anew. The other one is Larder's, changed by its own apply. So each swap is
 * a new version of what the server reads, and none changes an answer.
 */
final class Repository {
    static final String PROJECT = "endurance";
    static final String NARROW_SERVICE = "narrow_service";

    private static final String NEIGHBOUR = "neighbour";
    private static final String NEIGHBOURS_VIEW = "visits_7d";
    private static final int NEIGHBOURS_ROWS = 300;
    private static final long DAY_SECONDS = 86_400;
    private static final String UNREAD_VIEW = "unread";

    private final Path folder;
    private final String connection;
    private final Path file;

    /** What of the served project changes. */
    private record State(boolean unreadView, boolean reversedFeatures, long ttlSeconds) {
        static final State FIRST = new State(false, false, 0);
    }

    /** @param connection Feast's connection string */
    private Repository(Path folder, String connection) {
        this.folder = folder;
        this.connection = connection;
        file = folder.resolve("registry.db");
    }

    /** @param redis host and port */
    static Repository in(Path folder, String redis, String clientName) throws IOException {
        Repository repository = new Repository(folder, redis + ",client_name=" + clientName);
        Files.writeString(folder.resolve("feature_store.yaml"), repository.configuration(PROJECT, "registry.db"));
        Files.createDirectories(repository.neighbour());
        Files.writeString(
                repository.neighbour().resolve("feature_store.yaml"),
                repository.configuration(NEIGHBOUR, "../registry.db"));
        Files.write(repository.file, repository.content(State.FIRST));
        return repository;
    }

    private String configuration(String project, String registry) {
        return """
                project: %s
                provider: local
                registry: %s
                online_store: {type: redis, connection_string: "%s"}
                entity_key_serialization_version: 3
                """
                .formatted(project, registry, connection);
    }

    private Path neighbour() {
        return folder.resolve(NEIGHBOUR);
    }

    /**
     * Changes the registry, each time in another way: a view that nobody reads comes, changes and goes, of views that are read
     * the ttl or the order of the features changes.
     *
     * @return the version that is in the file now
     */
    String swap(int number) throws IOException {
        switch (number % 6) {
            case 0 -> Files.write(file, content(new State(true, false, 0)));
            case 1 -> apply(aggregation("count", "7d"));
            case 2 -> replace(content(new State(true, false, 7 * DAY_SECONDS)));
            case 3 -> apply(aggregation("sum\n    column: visit_id", "1d"));
            case 4 -> Files.write(file, content(new State(false, true, 7 * DAY_SECONDS)));
            default -> apply("");
        }
        return Registry.parseFrom(Files.readAllBytes(file)).getVersionId();
    }

    // ------------------------------------------------------------------ the served project

    private void replace(byte[] content) throws IOException {
        Path next = Files.write(folder.resolve("registry.next"), content);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The served project as told, beside the other one as it is. */
    private byte[] content(State state) throws IOException {
        Registry current;
        try {
            current = Registry.parseFrom(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            current = Registry.newBuilder()
                    .addProjects(Project.newBuilder()
                            .setSpec(ProjectSpec.newBuilder().setName(PROJECT)))
                    .build();
        }
        Registry.Builder next = current.toBuilder()
                .clearEntities()
                .clearDataSources()
                .clearFeatureViews()
                .clearFeatureServices()
                .setRegistrySchemaVersion("1")
                .setVersionId(UUID.randomUUID().toString())
                .addEntities(entity("driver", "driver_id", ValueType.Enum.INT64))
                .addEntities(entity("shop", "shop_id", ValueType.Enum.STRING));
        for (Table table : Table.values()) {
            next.addDataSources(pushSource(table));
            next.addFeatureViews(view(table, state));
        }
        if (state.unreadView()) {
            FeatureView.Builder unread = view(Table.NARROW, state).toBuilder();
            unread.getSpecBuilder().setName(UNREAD_VIEW).clearStreamSource();
            next.addFeatureViews(unread);
        }
        next.addFeatureServices(FeatureService.newBuilder()
                .setSpec(FeatureServiceSpec.newBuilder()
                        .setName(NARROW_SERVICE)
                        .setProject(PROJECT)
                        .addFeatures(FeatureViewProjection.newBuilder()
                                .setFeatureViewName(Table.NARROW.view())
                                .addAllFeatureColumns(features(Table.NARROW)))));
        current.getEntitiesList().stream()
                .filter(entity -> entity.getSpec().getProject().equals(NEIGHBOUR))
                .forEach(next::addEntities);
        current.getDataSourcesList().stream()
                .filter(source -> source.getProject().equals(NEIGHBOUR))
                .forEach(next::addDataSources);
        current.getFeatureViewsList().stream()
                .filter(view -> view.getSpec().getProject().equals(NEIGHBOUR))
                .forEach(next::addFeatureViews);
        return next.build().toByteArray();
    }

    private static Entity entity(String name, String joinKey, ValueType.Enum type) {
        return Entity.newBuilder()
                .setSpec(EntitySpecV2.newBuilder()
                        .setName(name)
                        .setJoinKey(joinKey)
                        .setValueType(type)
                        .setProject(PROJECT))
                .build();
    }

    private static DataSource batchSource(Table table) {
        return DataSource.newBuilder()
                .setName(table.view() + "_file")
                .setType(DataSource.SourceType.BATCH_FILE)
                .setTimestampField("event_timestamp")
                .setFileOptions(DataSource.FileOptions.newBuilder().setUri("data/" + table.view() + ".parquet"))
                .build();
    }

    private static DataSource pushSource(Table table) {
        return DataSource.newBuilder()
                .setName(table.pushSource())
                .setProject(PROJECT)
                .setType(DataSource.SourceType.PUSH_SOURCE)
                .setTimestampField("event_timestamp")
                .setDataSourceClassType("feast.data_source.PushSource")
                .setBatchSource(batchSource(table))
                .build();
    }

    private static FeatureView view(Table table, State state) {
        List<FeatureSpecV2> features = new ArrayList<>(features(table));
        if (state.reversedFeatures()) {
            Collections.reverse(features);
        }
        return FeatureView.newBuilder()
                .setSpec(FeatureViewSpec.newBuilder()
                        .setName(table.view())
                        .setProject(PROJECT)
                        .addEntities(table == Table.WIDE ? "shop" : "driver")
                        .addEntityColumns(FeatureSpecV2.newBuilder()
                                .setName(table.joinKey())
                                .setValueType(table == Table.WIDE ? ValueType.Enum.STRING : ValueType.Enum.INT64))
                        .addAllFeatures(features)
                        .setTtl(com.google.protobuf.Duration.newBuilder().setSeconds(state.ttlSeconds()))
                        .setBatchSource(batchSource(table))
                        .setStreamSource(pushSource(table))
                        .setOnline(true)
                        .setVersion("latest"))
                .build();
    }

    private static List<FeatureSpecV2> features(Table table) {
        return table.columns().stream()
                .map(column -> FeatureSpecV2.newBuilder()
                        .setName(column.feature())
                        .setValueType(ValueType.Enum.valueOf(column.type().name()))
                        .build())
                .toList();
    }

    // ------------------------------------------------------------------ the neighbour

    private static String aggregation(String function, String window) {
        return """
                ---
                kind: FeatureView
                name: %s
                entities: [visitor]
                source: visits
                aggregations:
                  - name: visits
                    function: %s
                    window: %s
                    type: Int64
                """
                .formatted(NEIGHBOURS_VIEW, function, window);
    }

    /** As {@code larder apply} does it, first the store, then the registry; and the view gets rows, to be dropped with it. */
    private void apply(String view) throws IOException {
        Files.writeString(
                neighbour().resolve("definitions.yaml"),
                """
                kind: Entity
                name: visitor
                join_key: visitor_id
                value_type: Int64
                ---
                kind: DataSource
                name: visits
                type: cdc
                table: public.visits
                primary_key: [visit_id]
                event_time: at
                columns:
                  - {name: visit_id, type: Int64}
                  - {name: visitor_id, type: Int64}
                  - {name: at, type: Timestamp}
                ---
                kind: FeatureView
                name: visitor_visits_of_a_month
                entities: [visitor]
                source: visits
                aggregations:
                  - name: visits
                    function: count
                    window: 30d
                    type: Int64
                """
                        + view);
        FeatureStoreConfig config = FeatureStoreConfigLoader.load(neighbour());
        var definitions = RepositoryLoader.load(config);
        try (OnlineStore store = RedisOnlineStore.open(
                        RedisSettings.parse("redis", connection, "mymaster", OptionalInt.empty()), NEIGHBOUR);
                FileRegistry registry = FileRegistry.open(config)) {
            store.prepare(definitions.featureViews());
            if (!view.isEmpty()) {
                store.put(NEIGHBOURS_VIEW, List.of("visits"), neighboursRows());
            }
            registry.apply(registry.plan(config, definitions));
        }
    }

    private static List<OnlineWrite> neighboursRows() {
        Instant now = Instant.now();
        return IntStream.range(0, NEIGHBOURS_ROWS)
                .mapToObj(visitor -> new OnlineWrite(
                        EntityKeyCodec.encode(
                                EntityKey.of("visitor_id", FeatureValue.of((long) visitor)),
                                EntityKeyCodec.CURRENT_VERSION),
                        now,
                        0,
                        new byte[][] {ValueCodec.encode(FeatureValue.of((long) visitor))}))
                .toList();
    }
}
