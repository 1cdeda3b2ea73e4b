package dev.larder.feast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.larder.feast.proto.core.DataSource.SourceType;
import dev.larder.feast.proto.core.FeatureViewSpec;
import dev.larder.feast.proto.core.FeatureViewState;
import dev.larder.feast.proto.core.Registry;
import dev.larder.model.Aggregation;
import dev.larder.model.DataSource;
import dev.larder.model.Entity;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureService;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.model.ValueType;
import dev.larder.model.Window;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RegistryCodecTest {
    private static final RegistryCodec CODEC = new RegistryCodec("banking");

    // ------------------------------------------------------------------ what Feast wrote

    @ParameterizedTest
    @ValueSource(strings = {"registry.db", "registry_after_materialize.db"})
    void theRegistryOfFeastSurvivesParsingAndWriting(String file) throws InvalidProtocolBufferException {
        Registry registry = Registry.parseFrom(Golden.bytes(file));

        assertThat(Registry.parseFrom(registry.toByteArray())).isEqualTo(registry);
        assertThat(registry.toByteArray()).hasSameSizeAs(Golden.bytes(file));
        assertNoUnknownFields(registry, "registry");
    }

    @Test
    void theRegistryOfFeastIsReadIntoTheModel() throws InvalidProtocolBufferException {
        Repository golden = new RegistryCodec("golden").decode(Registry.parseFrom(Golden.bytes("registry.db")));

        assertThat(golden.entities())
                .containsExactlyInAnyOrder(
                        new Entity("driver", "driver_id", ValueType.INT64, "driver", Map.of("team", "fleet"), ""),
                        new Entity("customer", "customer_id", ValueType.STRING, "", Map.of(), ""));
        assertThat(golden.dataSources()).isEmpty();
        assertThat(golden.featureViews())
                .extracting(FeatureView::name)
                .containsExactlyInAnyOrder(
                        "driver_basic",
                        "driver_rich",
                        "driver_stale",
                        "driver_pushed",
                        "pair_stats",
                        "global_stats",
                        "driver_batch_agg",
                        "driver_stream_agg");
        FeatureView basic = golden.featureView("driver_basic");
        assertThat(basic.ttl()).isEqualTo(Duration.ofDays(3650 * 3));
        assertThat(basic.entityColumns()).containsExactly(new Field("driver_id", ValueType.INT64));
        assertThat(basic.feature("f_float").orElseThrow().type()).isEqualTo(ValueType.FLOAT);
        assertThat(basic.feature("l_ts").orElseThrow().type()).isEqualTo(ValueType.UNIX_TIMESTAMP_LIST);
        assertThat(basic.tags()).containsExactly(Map.entry("tier", "gold"));
        assertThat(basic.source()).isEqualTo("basic_source");
        assertThat(basic.computation()).isNull();
        assertThat(golden.featureView("pair_stats").joinKeys()).containsExactlyInAnyOrder("driver_id", "customer_id");
        FeatureView global = golden.featureView("global_stats");
        assertThat(global.entities()).isEmpty();
        assertThat(global.entityColumns()).isEmpty();
        FeatureView stream = golden.featureView("driver_stream_agg");
        assertThat(stream.features()).extracting(Field::name).containsExactlyInAnyOrder("sum_fare_1h", "count_fare_1d");
        assertThat(stream.source()).isEqualTo("trip_events");
        FeatureService alias = golden.featureService("alias_service");
        assertThat(alias.projections())
                .containsExactly(
                        new FeatureService.Projection("driver_basic", "aliased", List.of("f_int64"), Map.of()),
                        new FeatureService.Projection(
                                "driver_stale", null, List.of("score"), Map.of("driver_id", "origin_id")));
    }

    @Test
    void materializationStateIsSeenInTheMessages() throws InvalidProtocolBufferException {
        Registry after = Registry.parseFrom(Golden.bytes("registry_after_materialize.db"));

        assertThat(after.getFeatureViewsList())
                .filteredOn(v -> v.getMeta().getState() == FeatureViewState.AVAILABLE_ONLINE)
                .isNotEmpty()
                .allSatisfy(v -> assertThat(v.getMeta().getMaterializationIntervalsCount())
                        .isPositive());
    }

    @Test
    void anotherProjectsObjectsAreInvisible() throws InvalidProtocolBufferException {
        Repository none = CODEC.decode(Registry.parseFrom(Golden.bytes("registry.db")));

        assertThat(none).isEqualTo(new Repository("banking", List.of(), List.of(), List.of(), List.of()));
    }

    // ------------------------------------------------------------------ what Larder writes

    @Test
    void aRepositoryComesBackEqual() throws InvalidProtocolBufferException {
        byte[] bytes = CODEC.encode(banking()).toByteArray();

        Repository again = CODEC.decode(Registry.parseFrom(bytes));

        assertThat(again).isEqualTo(banking());
        assertThat(CODEC.encode(again)).isEqualTo(CODEC.encode(banking()));
    }

    @Test
    void aComputedViewIsAPlainViewOverItsLakeTable() {
        FeatureViewSpec spec = CODEC.encode(lastWeek()).getSpec();

        assertThat(spec.getProject()).isEqualTo("banking");
        assertThat(spec.getBatchSource().getType()).isEqualTo(SourceType.BATCH_SPARK);
        assertThat(spec.getBatchSource().getName()).isEqualTo("transactions_last_week_lake");
        assertThat(spec.getBatchSource().getTimestampField()).isEqualTo("event_timestamp");
        assertThat(spec.getBatchSource().getCreatedTimestampColumn()).isEqualTo("created");
        assertThat(spec.getBatchSource().getSparkOptions().getTable())
                .isEqualTo("lakehouse.banking.features_transactions_last_week");
        assertThat(spec.getBatchSource().getSparkOptions().getTableFormat().hasIcebergFormat())
                .isTrue();
        assertThat(spec.hasFeatureTransformation()).isFalse();
        assertThat(spec.hasStreamSource()).isFalse();
        assertThat(spec.getTagsMap())
                .containsEntry("team", "risk")
                .containsEntry("larder.source", "transactions")
                .containsEntry("larder.computation", "aggregated")
                .containsEntry("larder.every", "1d")
                .containsEntry("larder.zone", "Europe/Berlin")
                .containsEntry("larder.available_after", "90m")
                .containsEntry(
                        "larder.agg.num_transactions_l1w",
                        "{\"function\":\"count\",\"shape\":\"rolling\",\"window\":\"7d\"}")
                .containsEntry(
                        "larder.agg.total_amount_l1w",
                        "{\"function\":\"sum\",\"column\":\"amount\",\"shape\":\"rolling\",\"window\":\"36h\"}");
    }

    @Test
    void everyEmbeddedSourceIsAlsoOnTheTopLevel() {
        Registry registry = CODEC.encode(banking());

        assertThat(registry.getDataSourcesList())
                .contains(
                        registry.getFeatureViews(0).getSpec().getBatchSource(),
                        registry.getFeatureViews(1).getSpec().getBatchSource());
        assertThat(registry.getFeatureServices(0).getSpec().getFeatures(0).getBatchSource())
                .isEqualTo(registry.getFeatureViews(0).getSpec().getBatchSource());
    }

    @Test
    void theDummyEntityAndTheProjectAreAlwaysThere() {
        Registry registry = CODEC.encode(new Repository("banking", List.of(), List.of(), List.of(), List.of()));

        assertThat(registry.getEntities(0).getSpec().getName()).isEqualTo("__dummy");
        assertThat(registry.getEntities(0).getSpec().getJoinKey()).isEqualTo("__dummy_id");
        assertThat(registry.getEntities(0).getSpec().getProject()).isEqualTo("banking");
        assertThat(registry.getProjects(0).getSpec().getName()).isEqualTo("banking");
    }

    @Test
    void aViewWithoutEntitiesIsKeyedByTheDummy() {
        FeatureView global = new FeatureView(
                "global",
                List.of(),
                List.of(),
                List.of(new Field("n", ValueType.INT64)),
                Duration.ZERO,
                true,
                "transactions",
                new FeatureView.Versions(List.of("n"), ZoneOffset.UTC, Duration.ofMillis(1)),
                "",
                Map.of(),
                "");

        FeatureViewSpec spec = CODEC.encode(global).getSpec();

        assertThat(spec.getEntitiesList()).containsExactly("__dummy");
        assertThat(spec.getEntityColumns(0).getName()).isEqualTo("__dummy_id");
        assertThat(CODEC.decode(CODEC.encode(global))).isEqualTo(global);
    }

    @Test
    void aProjectionWithoutFeaturesMeansAll() {
        FeatureService service = new FeatureService(
                "all",
                List.of(new FeatureService.Projection("customer_demographics", null, List.of(), Map.of())),
                "",
                Map.of(),
                "");

        assertThat(CODEC.decode(CODEC.encode(service, banking()))
                        .projections()
                        .get(0)
                        .features())
                .containsExactly("age", "gender");
    }

    @Test
    void tagsThatFeastOrAServerAddsDoNotBecomeTheUsers() {
        dev.larder.feast.proto.core.FeatureView.Builder view = CODEC.encode(lastWeek()).toBuilder();
        view.getSpecBuilder().putTags(RegistryCodec.DEFINITION_TAG, "abc");

        assertThat(CODEC.decode(view.build())).isEqualTo(lastWeek());
    }

    // ------------------------------------------------------------------ what it refuses

    @Test
    void refusesTagsThatWouldBeTakenForOurs() {
        Entity entity = new Entity("user", "user_id", ValueType.INT64, "", Map.of("larder.own", "x"), "");
        FeatureView view = withTags(lastWeek(), Map.of("larder.every", "2d"));

        assertThat(CODEC.decode(CODEC.encode(entity))).isEqualTo(entity);
        assertThatThrownBy(() -> CODEC.encode(view))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEFINITION_INVALID))
                .hasMessage(
                        "Feature view transactions_last_week: tag larder.every (expected: names that do not start with larder.)");
    }

    @Test
    void refusesASourceWithTheNameOfALakeTable() {
        DataSource source = source("transactions_last_week_lake", DataSource.Mode.FACTS, "time");
        Repository repository =
                new Repository("banking", banking().entities(), List.of(source), List.of(lastWeek()), List.of());

        assertThatThrownBy(() -> CODEC.encode(repository))
                .hasMessage(
                        "Data source transactions_last_week_lake: the name is taken by the lake table of feature view transactions_last_week (choose another name)");
    }

    @Test
    void refusesAServiceOverAFeatureThatIsNotThere() {
        FeatureService service = new FeatureService(
                "bad",
                List.of(new FeatureService.Projection("customer_demographics", null, List.of("agee"), Map.of())),
                "",
                Map.of(),
                "");

        assertThatThrownBy(() -> CODEC.encode(service, banking()))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FEATURE_NOT_FOUND))
                .hasMessage("Feature agee is not in feature view customer_demographics (known: age, gender)");
    }

    @Test
    void refusesAViewThatLarderDoesNotCompute() throws InvalidProtocolBufferException {
        FeatureView python = new RegistryCodec("golden")
                .decode(Registry.parseFrom(Golden.bytes("registry.db")))
                .featureView("driver_basic");

        assertThatThrownBy(() -> CODEC.encode(python))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("view: driver_basic has no computation (expected: a view that Larder computes)");
    }

    @Test
    void saysWhichTagOfTheRegistryIsBroken() {
        dev.larder.feast.proto.core.FeatureView.Builder missing = CODEC.encode(lastWeek()).toBuilder();
        missing.getSpecBuilder().removeTags("larder.zone");
        dev.larder.feast.proto.core.FeatureView.Builder broken = CODEC.encode(lastWeek()).toBuilder();
        broken.getSpecBuilder().putTags("larder.agg.total_amount_l1w", "{\"function\":\"sum\"}");
        dev.larder.feast.proto.core.DataSource.Builder source =
                CODEC.encode(source("transactions", DataSource.Mode.FACTS, "time")).toBuilder()
                        .putTags("larder.cdc", "{");

        assertThatThrownBy(() -> CODEC.decode(missing.build()))
                .hasMessage(
                        "transactions_last_week: tag larder.zone is missing from the registry (run apply to write it again)");
        assertThatThrownBy(() -> CODEC.decode(broken.build()))
                .hasMessage(
                        "transactions_last_week: tag larder.agg.total_amount_l1w: {\"function\":\"sum\"} (expected: shape rolling)");
        assertThatThrownBy(() -> CODEC.decode(source.build()))
                .hasMessage("transactions: tag larder.cdc: { (expected: a source as Larder writes it)");
    }

    @Test
    void namesATypeThatIsNewerThanWeAre() {
        dev.larder.feast.proto.core.Entity.Builder entity = CODEC.dummyEntity().toBuilder();
        entity.getSpecBuilder().setName("new").setValueTypeValue(99);

        assertThatThrownBy(() -> CODEC.decode(entity.build()))
                .hasMessage("Entity new: value type number 99 (expected: a type of Feast 0.67 or older)");
    }

    // ------------------------------------------------------------------ data

    private static Repository banking() {
        return new Repository(
                "banking",
                List.of(new Entity("user", "user_id", ValueType.INT64, "a customer", Map.of("pii", "yes"), "risk")),
                List.of(
                        source("transactions", DataSource.Mode.FACTS, "time"),
                        source("customers", DataSource.Mode.STATE, null)),
                List.of(lastWeek(), demographics()),
                List.of(new FeatureService(
                        "user_risk",
                        List.of(
                                new FeatureService.Projection(
                                        "transactions_last_week",
                                        "sender",
                                        List.of("total_amount_l1w"),
                                        Map.of("user_id", "sender_id")),
                                new FeatureService.Projection(
                                        "customer_demographics", null, List.of("gender", "age"), Map.of())),
                        "risk model",
                        Map.of("release", "1"),
                        "risk")));
    }

    private static DataSource source(String name, DataSource.Mode mode, @Nullable String eventTime) {
        return new DataSource(
                name,
                "public." + name,
                "banking.public." + name,
                mode,
                List.of("id", "odd \"name\", é"),
                eventTime,
                List.of(
                        new DataSource.Column("id", DataSource.ColumnType.INT64, 0),
                        new DataSource.Column("amount", DataSource.ColumnType.DECIMAL, 2),
                        new DataSource.Column("time", DataSource.ColumnType.TIMESTAMP, 0)),
                "described",
                Map.of("owner", "core"),
                "data");
    }

    private static FeatureView lastWeek() {
        return new FeatureView(
                "transactions_last_week",
                List.of("user"),
                List.of(new Field("user_id", ValueType.INT64)),
                List.of(
                        new Field("num_transactions_l1w", ValueType.INT64),
                        new Field("total_amount_l1w", ValueType.FLOAT, "sum of amounts", Map.of("unit", "EUR"))),
                Duration.ZERO,
                true,
                "transactions",
                new FeatureView.Aggregated(
                        List.of(
                                new Aggregation(
                                        "num_transactions_l1w",
                                        Aggregation.Function.COUNT,
                                        null,
                                        new Window.Rolling(Duration.ofDays(7)),
                                        ValueType.INT64),
                                new Aggregation(
                                        "total_amount_l1w",
                                        Aggregation.Function.SUM,
                                        "amount",
                                        new Window.Rolling(Duration.ofHours(36)),
                                        ValueType.FLOAT)),
                        Duration.ofDays(1),
                        ZoneId.of("Europe/Berlin"),
                        Duration.ofMinutes(90)),
                "last week",
                Map.of("team", "risk"),
                "risk");
    }

    private static FeatureView demographics() {
        return new FeatureView(
                "customer_demographics",
                List.of("user"),
                List.of(new Field("user_id", ValueType.INT64)),
                List.of(new Field("age", ValueType.INT32), new Field("gender", ValueType.STRING)),
                Duration.ofDays(400),
                false,
                "customers",
                new FeatureView.Versions(List.of("age_years", "gender"), ZoneOffset.UTC, Duration.ZERO),
                "",
                Map.of(),
                "");
    }

    private static FeatureView withTags(FeatureView view, Map<String, String> tags) {
        return new FeatureView(
                view.name(),
                view.entities(),
                view.entityColumns(),
                view.features(),
                view.ttl(),
                view.online(),
                view.source(),
                view.computation(),
                view.description(),
                tags,
                view.owner());
    }

    private static void assertNoUnknownFields(Message message, String path) {
        assertThat(message.getUnknownFields().asMap()).as(path).isEmpty();
        message.getAllFields().forEach((field, value) -> {
            List<?> values = field.isRepeated() ? (List<?>) value : List.of(value);
            for (Object element : values) {
                if (element instanceof Message nested) {
                    assertNoUnknownFields(nested, path + "." + field.getName());
                }
            }
        });
    }
}
