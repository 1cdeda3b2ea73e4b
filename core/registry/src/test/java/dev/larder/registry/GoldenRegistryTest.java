package dev.larder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.larder.feast.proto.core.Entity;
import dev.larder.feast.proto.core.FeatureView;
import dev.larder.feast.proto.core.FeatureViewVersionRecord;
import dev.larder.feast.proto.core.InfraObject;
import dev.larder.feast.proto.core.Registry;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureService;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.model.ValueType;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.LarderConfig;
import dev.larder.registry.config.OnlineStoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registries that Feast wrote are read, and what Larder writes has the form of Feast's. */
class GoldenRegistryTest {
    private final Path folder;

    GoldenRegistryTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void readsWhatFeastApplied() throws IOException {
        Snapshot snapshot = golden("registry.db").read();

        assertThat(snapshot.versionId()).isEqualTo("f781220f-726f-4d76-918b-837f87a4aaa2");
        assertThat(snapshot.lastUpdated()).isEqualTo(Instant.ofEpochSecond(1795248077, 617129000));
        assertThat(snapshot.projects()).containsExactly("golden");
        Repository repository = snapshot.repository("golden");
        assertThat(repository.entities().stream().map(e -> e.name() + " " + e.joinKey() + " " + e.valueType()))
                .containsExactly("customer customer_id STRING", "driver driver_id INT64");
        assertThat(repository.featureViews().stream().map(dev.larder.model.FeatureView::name))
                .containsExactlyInAnyOrder(
                        "driver_basic",
                        "driver_rich",
                        "driver_stale",
                        "driver_pushed",
                        "pair_stats",
                        "global_stats",
                        "driver_batch_agg",
                        "driver_stream_agg");
        dev.larder.model.FeatureView pair = repository.featureView("pair_stats");
        assertThat(pair.joinKeys()).containsExactly("driver_id", "customer_id");
        assertThat(pair.entityColumns().stream().map(Field::type)).containsExactly(ValueType.INT64, ValueType.STRING);
        assertThat(pair.computation()).isNull();
        assertThat(repository.featureView("global_stats").joinKeys()).isEmpty();
        assertThat(repository.featureView("driver_stale").ttl()).isEqualTo(Duration.ofHours(1));
        assertThat(repository.featureView("driver_rich").feature("r_decimal").map(Field::type))
                .contains(ValueType.DECIMAL);
        assertThat(repository.featureView("driver_stream_agg").features().stream()
                        .map(Field::name))
                .containsExactlyInAnyOrder("sum_fare_1h", "count_fare_1d");
        FeatureService alias = repository.featureService("alias_service");
        assertThat(alias.projections().stream().map(FeatureService.Projection::nameToUse))
                .containsExactly("aliased", "driver_stale");
        assertThat(alias.projections().get(1).joinKeyMap()).containsExactly(Map.entry("driver_id", "origin_id"));
        assertThat(snapshot.status("golden", "driver_basic"))
                .isEqualTo(new ViewStatus(List.of(), ViewStatus.State.UNSPECIFIED, false));
    }

    @Test
    void readsWhereTheRowsOfViewsComeFrom() throws IOException {
        Snapshot snapshot = golden("registry.db").read();

        assertThat(snapshot.viewSources("golden"))
                .containsOnlyKeys(
                        "driver_basic",
                        "driver_batch_agg",
                        "driver_pushed",
                        "driver_rich",
                        "driver_stale",
                        "driver_stream_agg",
                        "global_stats",
                        "pair_stats")
                .containsEntry("driver_basic", new ViewSource(null, "event_timestamp", "created", Map.of()))
                .containsEntry("driver_pushed", new ViewSource("driver_push", "event_timestamp", "", Map.of()))
                .containsEntry("driver_stream_agg", new ViewSource(null, "event_timestamp", "", Map.of()));
        assertThat(snapshot.pushSources("golden")).containsExactly("driver_push");
        assertThat(snapshot.viewSources("other")).isEmpty();
        assertThat(snapshot.pushSources("other")).isEmpty();
    }

    @Test
    void readsWhatFeastMaterialized() throws IOException {
        Snapshot snapshot = golden("registry_after_materialize.db").read();

        Instant start = Instant.parse("2024-01-01T00:00:00Z");
        Instant end = Instant.parse("2024-12-31T00:00:00Z");
        assertThat(snapshot.status("golden", "driver_basic"))
                .isEqualTo(new ViewStatus(
                        List.of(new ViewStatus.Interval(start, end)), ViewStatus.State.AVAILABLE_ONLINE, false));
        assertThat(snapshot.status("golden", "driver_basic").materializedUntil())
                .contains(end);
        assertThat(snapshot.status("golden", "driver_rich").state()).isEqualTo(ViewStatus.State.UNSPECIFIED);
        assertThat(snapshot.materializedUntil("golden"))
                .containsEntry("driver_basic", end)
                .doesNotContainKey("driver_rich");
        assertThat(snapshot.materializedUntil("other")).isEmpty();
    }

    @Test
    void unknownProjectAndViewAreNamedWithTheKnownOnes() throws IOException {
        Snapshot snapshot = golden("registry.db").read();

        assertThatThrownBy(() -> snapshot.repository("gold"))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STEP_MISSING))
                .hasMessage("Project gold is not in the registry (known: golden). Run 'larder apply' first.");
        assertThatThrownBy(() -> snapshot.status("golden", "nope"))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FEATURE_VIEW_NOT_FOUND))
                .hasMessageStartingWith("Feature view nope does not exist in project golden (known: driver_basic, ");
    }

    @Test
    void objectsThatWeWriteHaveFeastsForm() throws IOException {
        ShopRepository shop = new ShopRepository(folder);
        FileRegistry registry = FileRegistry.open(folder.resolve("registry.db"));
        registry.apply(registry.plan(shop.config(), shop.load()));
        Registry ours = registry.read().proto();
        Registry feasts = golden("registry.db").read().proto();

        assertThat(ours.getRegistrySchemaVersion()).isEqualTo(feasts.getRegistrySchemaVersion());
        assertThat(fields(ours.getProjects(0)))
                .isEqualTo(fields(feasts.getProjects(0).toBuilder()
                        .setSpec(feasts.getProjects(0).getSpec().toBuilder().clearDescription())
                        .build()));
        Entity ourDummy = entity(ours, "__dummy");
        assertThat(ourDummy.getSpec())
                .isEqualTo(entity(feasts, "__dummy").getSpec().toBuilder()
                        .setProject("shop")
                        .build());
        assertThat(fields(ourDummy)).isEqualTo(fields(entity(feasts, "__dummy")));
        assertThat(fields(entity(ours, "user").getSpec()))
                .isEqualTo(List.of("name", "value_type", "join_key", "tags", "project"));
        FeatureView ourView = view(ours, "user_facts");
        FeatureView feastView = view(feasts, "driver_rich");
        assertThat(fields(ourView.getMeta())).isEqualTo(fields(feastView.getMeta()));
        assertThat(ourView.getSpec().getVersion()).isEqualTo(feastView.getSpec().getVersion());
        assertThat(fields(ourView.getSpec().toBuilder()
                        .clearTags()
                        .setOnline(true)
                        .build()))
                .isEqualTo(fields(feastView.getSpec()));
        assertThat(view(ours, "orders_7d").getSpec().hasTtl())
                .isEqualTo(feastView.getSpec().hasTtl());

        FeatureViewVersionRecord ourRecord = ours.getFeatureViewVersionHistory().getRecords(0);
        FeatureViewVersionRecord feastRecord =
                feasts.getFeatureViewVersionHistory().getRecords(0);
        assertThat(fields(ourRecord)).isEqualTo(fields(feastRecord));
        assertThat(ourRecord.getFeatureViewType()).isEqualTo(feastRecord.getFeatureViewType());
        assertThat(ourRecord.getVersionNumber()).isEqualTo(feastRecord.getVersionNumber());
        assertThat(FeatureView.parseFrom(ourRecord.getFeatureViewProto())).isEqualTo(view(ours, "orders_7d"));
        assertThat(FeatureView.parseFrom(feastRecord.getFeatureViewProto()))
                .isEqualTo(view(feasts, feastRecord.getFeatureViewName()));

        InfraObject feastTable = feasts.getInfra().getInfraObjects(0);
        assertThat(ours.getInfra().getInfraObjectsList())
                .containsExactly(
                        table(feastTable, folder.resolve("data/online.db"), "shop_orders_7d"),
                        table(feastTable, folder.resolve("data/online.db"), "shop_user_facts"));
        assertThat(ours.getDataSources(0).hasMeta()).isTrue();
        assertThat(fields(ours.getDataSources(0).getMeta()))
                .isEqualTo(fields(feasts.getDataSources(0).getMeta()));
        assertThat(fields(ours.getFeatureServices(0).getMeta()))
                .isEqualTo(fields(feasts.getFeatureServices(0).getMeta()));
    }

    /** The file: the shop applied by Larder, then a materialization of orders_7d recorded by Feast's SDK. */
    @Test
    void rewriteByFeastIsNoChange() throws IOException {
        ShopRepository shop = new ShopRepository(folder);
        FileRegistry registry = golden("shop_after_feast.db");
        FeatureStoreConfig read = shop.config();
        LarderConfig larder = read.larder();
        FeatureStoreConfig config = new FeatureStoreConfig(
                read.repo(),
                read.file(),
                read.project(),
                "",
                "local",
                read.registry(),
                new OnlineStoreConfig.Sqlite(Path.of("/srv/shop/data/online.db")),
                false,
                3,
                larder);

        ApplyPlan plan = registry.plan(config, shop.load());

        assertThat(plan.lines()).containsExactly("  12 unchanged");
        assertThat(registry.read().status("shop", "orders_7d").state()).isEqualTo(ViewStatus.State.AVAILABLE_ONLINE);
        Optional<dev.larder.model.FeatureView> view = registry.read().repository("shop").featureViews().stream()
                .filter(v -> v.name().equals("orders_7d"))
                .findFirst();
        assertThat(view).contains(shop.load().featureView("orders_7d"));
    }

    @Test
    void applyOverAProjectOfPythonLeavesWhatYamlCannotSay() throws IOException {
        ShopRepository shop = new ShopRepository(folder);
        Files.writeString(folder.resolve("feature_store.yaml"), "project: golden\nregistry: registry.db\n");
        FileRegistry registry = golden("registry_after_materialize.db");
        Registry before = registry.read().proto();

        List<String> lines =
                registry.apply(registry.plan(shop.config(), shop.load())).lines();

        assertThat(lines)
                .contains(
                        "+ feature view orders_7d",
                        "- feature view driver_basic",
                        "- stream feature view driver_stream_agg",
                        "- entity driver",
                        "+ online table golden_orders_7d",
                        "- online table golden_driver_basic");
        Registry after = registry.read().proto();
        assertThat(after.getOnDemandFeatureViewsList()).isEqualTo(before.getOnDemandFeatureViewsList());
        assertThat(after.getProjectsList()).isEqualTo(before.getProjectsList());
        assertThat(after.getFeatureViewVersionHistory().getRecordsList().stream()
                        .map(FeatureViewVersionRecord::getFeatureViewName))
                .containsExactlyInAnyOrder("basic_pandas", "order_python", "orders_7d", "user_facts");
    }

    @Test
    void nameOfAnOnDemandViewIsTaken() throws IOException {
        ShopRepository shop = new ShopRepository(folder);
        Files.writeString(folder.resolve("feature_store.yaml"), "project: golden\nregistry: registry.db\n");
        shop.replace("user_facts", "basic_pandas");
        FileRegistry registry = golden("registry.db");

        assertThatThrownBy(() -> registry.plan(shop.config(), shop.load()))
                .isInstanceOf(LarderException.class)
                .hasMessageStartingWith(
                        "Feature view basic_pandas: the registry has an on-demand or label view of that name in project golden.");
    }

    private FileRegistry golden(String name) throws IOException {
        Path copy = folder.resolve("golden-" + name);
        Golden.copy(name, copy);
        return FileRegistry.open(copy);
    }

    private static List<String> fields(Message message) {
        return message.getAllFields().keySet().stream()
                .map(FieldDescriptor::getName)
                .toList();
    }

    private static Entity entity(Registry registry, String name) {
        return registry.getEntitiesList().stream()
                .filter(e -> e.getSpec().getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static FeatureView view(Registry registry, String name) {
        return registry.getFeatureViewsList().stream()
                .filter(v -> v.getSpec().getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static InfraObject table(InfraObject like, Path path, String name) {
        InfraObject.Builder table = like.toBuilder();
        table.getSqliteTableBuilder().setPath(path.toString()).setName(name);
        return table.build();
    }
}
