package dev.larder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.feast.proto.core.Entity;
import dev.larder.feast.proto.core.FeatureView;
import dev.larder.feast.proto.core.FeatureViewVersionRecord;
import dev.larder.feast.proto.core.InfraObject;
import dev.larder.feast.proto.core.Registry;
import dev.larder.feast.proto.core.SqliteTable;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every place of a registry promises; a subclass says which one. */
abstract class RegistryContract {
    static final Instant START = Instant.parse("2026-01-05T10:00:00Z");
    static final Instant LATER = START.plusSeconds(60);

    private final Path folder;
    private final ShopRepository shop;
    private final Ticking clock = new Ticking();
    private final FileRegistry registry;

    RegistryContract(Path folder, RegistryStorage storage) throws IOException {
        this.folder = folder;
        this.shop = new ShopRepository(folder);
        this.registry = new FileRegistry(storage, clock);
    }

    /** The registry as another process opens it. */
    abstract FileRegistry another();

    abstract byte @Nullable [] stored() throws IOException;

    abstract void store(byte[] bytes) throws IOException;

    FileRegistry registry() {
        return registry;
    }

    Path folder() {
        return folder;
    }

    @Test
    void anAbsentRegistryIsAMissingStepAndOneWithoutBytesIsEmpty() throws IOException {
        assertThatThrownBy(registry::read)
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STEP_MISSING))
                .hasMessage("The registry %s does not exist yet. Run 'larder apply' first.", registry.location());
        assertThat(registry.stamp()).isEmpty();

        store(new byte[0]);

        assertThat(registry.stamp()).isPresent();
        assertThat(registry.read().isEmpty()).isTrue();
        assertThatThrownBy(() -> registry.read().repository("shop"))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STEP_MISSING))
                .hasMessage("Project shop is not in the registry (known: none). Run 'larder apply' first.");
    }

    @Test
    void firstApplyCreatesAllAndSecondWritesNothing() throws IOException {
        ApplyPlan plan = registry.plan(shop.config(), shop.load());
        assertThat(stored()).isNull();

        ApplyPlan done = registry.apply(plan);

        assertThat(done.lines())
                .isEqualTo(plan.lines())
                .containsExactly(
                        "+ project shop",
                        "+ entity user",
                        "+ entity __dummy",
                        "+ data source orders",
                        "+ data source users",
                        "+ data source orders_7d_lake",
                        "+ data source user_facts_lake",
                        "+ feature view orders_7d",
                        "+ feature view user_facts",
                        "+ feature service model",
                        "+ online table shop_orders_7d",
                        "+ online table shop_user_facts",
                        "  0 unchanged");
        Snapshot first = registry.read();
        assertThat(UUID.fromString(first.versionId())).isNotNull();
        assertThat(first.lastUpdated()).isEqualTo(START);
        assertThat(first.repository("shop")).isEqualTo(shop.load());
        byte[] bytes = stored();

        clock.now = LATER;
        ApplyPlan again = registry.apply(registry.plan(shop.config(), shop.load()));

        assertThat(again.isEmpty()).isTrue();
        assertThat(again.lines()).containsExactly("  12 unchanged");
        assertThat(stored()).isEqualTo(bytes);
    }

    @Test
    void changedEntityKeepsItsCreatedTimeAndMovesToTheEnd() throws IOException {
        apply();
        String firstVersion = registry.read().versionId();
        clock.now = LATER;
        shop.replace("tags: {team: core}", "tags: {team: other}");

        assertThat(apply().lines()).containsExactly("~ entity user (tags)", "  11 unchanged");

        Registry after = registry.read().proto();
        Entity user = after.getEntities(after.getEntitiesCount() - 1);
        assertThat(user.getSpec().getName()).isEqualTo("user");
        assertThat(ProtoTime.toInstant(user.getMeta().getCreatedTimestamp())).isEqualTo(START);
        assertThat(ProtoTime.toInstant(user.getMeta().getLastUpdatedTimestamp()))
                .isEqualTo(LATER);
        assertThat(after.getVersionId()).isNotEqualTo(firstVersion);
        assertThat(registry.read().lastUpdated()).isEqualTo(LATER);
    }

    @Test
    void viewWithTheSameSchemaIsUpdatedInItsPlaceWithoutANewVersion() throws IOException {
        apply();
        registry.recordMaterialization("shop", "user_facts", START.minusSeconds(9), START);
        registry.recordMaterialization("shop", "orders_7d", START.minusSeconds(9), START);
        clock.now = LATER;
        shop.replace("ttl: 30d", "ttl: 31d");

        assertThat(apply().lines()).containsExactly("~ feature view user_facts (ttl)", "  11 unchanged");

        assertThat(viewNames()).containsExactly("user_facts", "orders_7d");
        FeatureView view = view("user_facts");
        assertThat(view.getSpec().getTtl().getSeconds())
                .isEqualTo(Duration.ofDays(31).toSeconds());
        assertThat(ProtoTime.toInstant(view.getMeta().getCreatedTimestamp())).isEqualTo(START);
        assertThat(ProtoTime.toInstant(view.getMeta().getLastUpdatedTimestamp()))
                .isEqualTo(LATER);
        assertThat(view.getMeta().getMaterializationIntervalsCount()).isEqualTo(1);
        assertThat(registry.read().status("shop", "user_facts").state()).isEqualTo(ViewStatus.State.AVAILABLE_ONLINE);
        assertThat(versions("user_facts")).containsExactly(0);
    }

    @Test
    void changedComputationIsAnUpdateOfTags() throws IOException {
        apply();
        shop.replace("window: 36h", "window: 48h");

        assertThat(apply().lines()).containsExactly("~ feature view orders_7d (tags)", "  11 unchanged");
    }

    @Test
    void changedSchemaIsANewVersionThatKeepsTheIntervals() throws IOException {
        apply();
        registry.recordMaterialization("shop", "user_facts", START.minusSeconds(9), START);
        clock.now = LATER;
        shop.replace("{name: home, column: city, type: String}", "{name: home_city, column: city, type: String}");

        assertThat(apply().lines())
                .containsExactly(
                        "~ feature view user_facts (features, tags)",
                        "~ feature service model (features)",
                        "  10 unchanged");

        assertThat(viewNames()).containsExactly("orders_7d", "user_facts");
        FeatureView view = view("user_facts");
        assertThat(ProtoTime.toInstant(view.getMeta().getCreatedTimestamp())).isEqualTo(START);
        assertThat(view.getMeta().getCurrentVersionNumber()).isEqualTo(1);
        assertThat(view.getMeta().getMaterializationIntervalsCount()).isEqualTo(1);
        assertThat(versions("user_facts")).containsExactly(0, 1);
        assertThat(FeatureView.parseFrom(record("user_facts", 1).getFeatureViewProto()))
                .isEqualTo(view);
        assertThat(FeatureView.parseFrom(record("user_facts", 0).getFeatureViewProto())
                        .getSpec()
                        .getFeatures(0)
                        .getName())
                .isEqualTo("home");
        assertThat(record("user_facts", 0).getVersionId())
                .isNotEqualTo(record("user_facts", 1).getVersionId());
    }

    @Test
    void viewWithoutHistoryGetsItsOldFormAsVersionZero() throws IOException {
        apply();
        store(registry.read().proto().toBuilder()
                .clearFeatureViewVersionHistory()
                .build()
                .toByteArray());
        shop.replace("{name: home, column: city, type: String}", "{name: home_city, column: city, type: String}");

        apply();

        assertThat(versions("user_facts")).containsExactly(0, 1);
    }

    @Test
    void whatIsNotDefinedAnyMoreIsDeletedWithItsHistoryAndTable() throws IOException {
        apply();
        String text = Files.readString(folder.resolve("definitions.yaml"));
        int view = text.indexOf("kind: FeatureView\nname: user_facts");
        int service = text.indexOf("kind: FeatureService");
        shop.write(text.substring(0, view) + text.substring(service).replace("  - view: user_facts\n", ""));

        assertThat(apply().lines())
                .containsExactly(
                        "- data source user_facts_lake",
                        "- feature view user_facts",
                        "~ feature service model (features)",
                        "- online table shop_user_facts",
                        "  8 unchanged");
        assertThat(versions("user_facts")).isEmpty();
        assertThat(versions("orders_7d")).containsExactly(0);
    }

    @Test
    void otherProjectsStayAsTheyAre() throws IOException {
        apply();
        Path other = Files.createDirectories(folder.resolve("data/other"));
        ShopRepository second = new ShopRepository(other);
        Files.writeString(other.resolve("feature_store.yaml"), "project: shop_b\nregistry: r.db\n");
        registry.apply(registry.plan(second.config(), second.load()));
        Registry both = registry.read().proto();
        shop.replace("kind: FeatureView\nname: orders_7d", "kind: FeatureView\nname: b_orders");
        shop.replace("view: orders_7d", "view: b_orders");

        apply();

        Registry after = registry.read().proto();
        assertThat(ofProject(after, "shop_b"))
                .isEqualTo(ofProject(both, "shop_b"))
                .hasSize(2);
        assertThat(tables(after))
                .containsExactly("shop_b_orders_7d", "shop_b_user_facts", "shop_b_orders", "shop_user_facts");
        assertThat(registry.read().repository("shop_b")).isEqualTo(second.load());
        assertThat(registry.plan(second.config(), second.load()).isEmpty()).isTrue();
        assertThat(registry.plan(shop.config(), shop.load()).isEmpty()).isTrue();

        shop.replace("name: b_orders", "name: orders");
        shop.replace("view: b_orders", "view: orders");
        apply();
        assertThat(tables(registry.read().proto()))
                .containsExactly("shop_b_orders_7d", "shop_b_user_facts", "shop_orders", "shop_user_facts");

        shop.replace("kind: FeatureView\nname: orders", "kind: FeatureView\nname: b_orders_7d");
        shop.replace("view: orders", "view: b_orders_7d");
        assertThatThrownBy(this::apply)
                .hasMessage(
                        "Online table shop_b_orders_7d: a view of another project in this registry has the same. Rename the view or the project.");
    }

    @Test
    void planThatAnotherWriterOvertookIsMadeAnew() throws IOException {
        ApplyPlan old = registry.plan(shop.config(), shop.load());
        apply();
        registry.recordMaterialization("shop", "orders_7d", START.minusSeconds(9), START);

        ApplyPlan done = registry.apply(old);

        assertThat(old.changes()).hasSize(12);
        assertThat(done.isEmpty()).isTrue();
        assertThat(registry.read().status("shop", "orders_7d").materialized()).hasSize(1);
    }

    @Test
    void materializationIsRecordedAsFeastDoes() throws IOException {
        apply();
        String version = registry.read().versionId();
        clock.now = LATER;

        registry.recordMaterialization("shop", "orders_7d", START.minusSeconds(9), START);

        Snapshot snapshot = registry.read();
        assertThat(snapshot.versionId()).isNotEqualTo(version);
        assertThat(snapshot.status("shop", "orders_7d"))
                .isEqualTo(new ViewStatus(
                        List.of(new ViewStatus.Interval(START.minusSeconds(9), START)),
                        ViewStatus.State.AVAILABLE_ONLINE,
                        false));
        assertThat(viewNames()).containsExactly("user_facts", "orders_7d");
        assertThat(ProtoTime.toInstant(view("orders_7d").getMeta().getLastUpdatedTimestamp()))
                .isEqualTo(LATER);
        assertThat(registry.plan(shop.config(), shop.load()).isEmpty()).isTrue();
    }

    @Test
    void materializationOfAnUnknownViewOrABackwardIntervalIsRefused() throws IOException {
        apply();

        assertThatThrownBy(() -> registry.recordMaterialization("shop", "orders", START, LATER))
                .hasMessage(
                        "Feature view orders does not exist in project shop (known: orders_7d, user_facts). Run 'larder apply' if you have just added it.");
        assertThatThrownBy(() -> registry.recordMaterialization("shop", "orders_7d", LATER, START))
                .hasMessage("Invalid interval: start %s is after end %s (expected: start before end)", LATER, START);
    }

    @Test
    void writersTakeTurns() throws IOException, InterruptedException, ExecutionException {
        apply();
        ExecutorService writers = Executors.newFixedThreadPool(8);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Instant start = START.plusSeconds(10L * i);
            all.add(writers.submit(() -> {
                try (FileRegistry another = another()) {
                    another.recordMaterialization("shop", "orders_7d", start, start.plusSeconds(1));
                }
            }));
        }
        writers.shutdown();
        for (Future<?> one : all) {
            one.get();
        }

        assertThat(registry.read().status("shop", "orders_7d").materialized()).hasSize(40);
    }

    @Test
    void contentThatIsNoRegistryIsNotOverwritten() throws IOException {
        store("\u0001 something else".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(this::apply)
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE))
                .hasMessageStartingWith(registry.location() + " is not a Feast registry: ")
                .hasMessageEndingWith("Restore it from a copy, or move it away and run 'larder apply'.");
        assertThat(stored()).asString(StandardCharsets.UTF_8).endsWith("something else");
    }

    final ApplyPlan apply() {
        return registry.apply(registry.plan(shop.config(), shop.load()));
    }

    private List<String> viewNames() {
        return registry.read().proto().getFeatureViewsList().stream()
                .map(view -> view.getSpec().getName())
                .toList();
    }

    private FeatureView view(String name) {
        return registry.read().proto().getFeatureViewsList().stream()
                .filter(view -> view.getSpec().getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private List<Integer> versions(String view) {
        return registry.read().proto().getFeatureViewVersionHistory().getRecordsList().stream()
                .filter(record -> record.getFeatureViewName().equals(view))
                .map(FeatureViewVersionRecord::getVersionNumber)
                .toList();
    }

    private FeatureViewVersionRecord record(String view, int version) {
        return registry.read().proto().getFeatureViewVersionHistory().getRecordsList().stream()
                .filter(record -> record.getFeatureViewName().equals(view) && record.getVersionNumber() == version)
                .findFirst()
                .orElseThrow();
    }

    private static List<FeatureView> ofProject(Registry registry, String project) {
        return registry.getFeatureViewsList().stream()
                .filter(view -> view.getSpec().getProject().equals(project))
                .toList();
    }

    private static List<String> tables(Registry registry) {
        return registry.getInfra().getInfraObjectsList().stream()
                .map(InfraObject::getSqliteTable)
                .map(SqliteTable::getName)
                .toList();
    }

    /** A clock that stands still until it is set. */
    private static final class Ticking extends Clock {
        private Instant now = START;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
