package dev.larder.materializer.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.feast.EntityKeyCodec;
import dev.larder.feast.ValueCodec;
import dev.larder.materializer.compute.Compute;
import dev.larder.materializer.ingest.Ingest;
import dev.larder.materializer.lake.Lake;
import dev.larder.materializer.online.OnlineStores.Turn;
import dev.larder.materializer.testing.Banking;
import dev.larder.materializer.testing.Lakes;
import dev.larder.materializer.testing.MemoryLog;
import dev.larder.materializer.testing.MemoryLog.Event;
import dev.larder.materializer.testing.SourceTable;
import dev.larder.materializer.testing.TestClock;
import dev.larder.model.DataSource;
import dev.larder.model.EntityKey;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureValue;
import dev.larder.model.FeatureView;
import dev.larder.model.FeatureView.Versions;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.model.ValueType;
import dev.larder.objectstorage.Location;
import dev.larder.objectstorage.S3Settings;
import dev.larder.offlinestore.LakeLayout;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.OnlineStore.MaterializationState;
import dev.larder.onlinestore.OnlineStore.OnlineRow;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.onlinestore.OnlineStore.PushRule;
import dev.larder.onlinestore.OnlineStore.ViewRead;
import dev.larder.onlinestore.ViewRows;
import dev.larder.progress.Progress;
import dev.larder.registry.FileRegistry;
import dev.larder.registry.ViewStatus;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.LarderConfig;
import dev.larder.registry.config.OnlineStoreConfig;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.apache.iceberg.Table;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What materializing to every online store must do. */
abstract class MaterializeContract {
    protected static final Instant DAY_0 = Instant.parse("2026-11-01T00:00:00Z");
    protected static final Instant LONG_AGO = Instant.parse("2000-01-01T00:00:00Z");
    protected static final FeatureView WEEKLY = Banking.weekly();

    @TempDir
    private Path folder = Path.of("");

    private final Lake lake = Lakes.create();
    private final MemoryLog log = new MemoryLog(lake);
    private final TestClock clock = new TestClock(DAY_0.plus(Duration.ofDays(30)));
    private long lsn;

    /** The store of this test, which is empty at first. */
    protected abstract OnlineStores stores();

    /** The same, which do not wait for long until another process is done. */
    protected abstract OnlineStores impatientStores();

    /** Empties the store, while it may be in use. */
    protected abstract void flush();

    /** How many changes of the source the long tests go through. */
    protected int rounds() {
        return 6;
    }

    protected final Path folder() {
        return folder;
    }

    protected final FileRegistry registry() {
        return FileRegistry.open(folder.resolve("registry.db"));
    }

    protected final Materialize materialize(Repository repository) {
        return materialize(repository, stores());
    }

    protected final Materialize materialize(Repository repository, OnlineStores stores) {
        LarderConfig larder = new LarderConfig(
                LarderConfig.Mode.STRICT,
                folder,
                S3Settings.aws(),
                new LarderConfig.LakeConfig(
                        new Location.Local(folder), "jdbc:sqlite:unused", Optional.empty(), Optional.empty(), 1),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        FeatureStoreConfig config = new FeatureStoreConfig(
                folder,
                folder.resolve("feature_store.yaml"),
                "banking",
                "",
                "local",
                registry().location(),
                new OnlineStoreConfig.Sqlite(folder.resolve("online_store.db")),
                false,
                3,
                larder);
        registry().apply(registry().plan(config, repository));
        return new Materialize(lake, repository, registry(), stores, 3, Progress.none());
    }

    /** More seeds with {@code -Dlarder.seeds=N}. */
    static LongStream seeds() {
        return LongStream.rangeClosed(1, Integer.getInteger("larder.seeds", 1));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theOnlineValueIsTheLatestRemainingStateWhateverHappened(long seed) {
        Random random = new Random(seed);
        live(
                seed,
                random,
                new SourceTable(random, log, DAY_0, 1, 3, MaterializeContract::customer),
                Banking.CUSTOMERS,
                Banking.demographics(ZoneOffset.UTC));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theOnlineValueIsTheLatestRemainingAggregateWhateverHappened(long seed) {
        Random random = new Random(100 + seed);
        live(
                seed,
                random,
                new SourceTable(random, log, DAY_0, 3, 3, MaterializeContract::transaction),
                Banking.TRANSACTIONS,
                WEEKLY);
    }

    private void live(long seed, Random random, SourceTable table, DataSource source, FeatureView view) {
        Repository repository = Banking.repository(List.of(source), view);
        Materialize materialize = materialize(repository);
        Ingest ingest = new Ingest(lake, log, Progress.none());
        Instant until = LONG_AGO;
        for (int round = 0; round < rounds(); round++) {
            table.live(50);
            ingest.run(source);
            clock.set(clock.instant().plusSeconds(60));
            new Compute(lake, repository, Progress.none(), clock).run(view, null, null);
            String accident = round == 0 ? "none" : accident(random, view);
            Instant end = DAY_0.plus(Duration.ofHours(100 + random.nextInt(600)));
            until = until.isAfter(end) ? until : end;

            materialize.run(view, LONG_AGO, end);

            assertThat(stored(view))
                    .as("seed %d, round %d, accident %s, until %s", seed, round, accident, until)
                    .isEqualTo(latest(view, until));
        }
        assertThat(registry().read().status("banking", view.name()).materialized())
                .containsExactly(new ViewStatus.Interval(LONG_AGO, until));
    }

    private String accident(Random random, FeatureView view) {
        return switch (random.nextInt(5)) {
            case 0 -> {
                flush();
                yield "flushed";
            }
            case 1 -> {
                Table table = lake.find(LakeLayout.featuresTable(view.name())).orElseThrow();
                table.expireSnapshots()
                        .expireOlderThan(System.currentTimeMillis() + 1)
                        .retainLast(1)
                        .commit();
                yield "expired";
            }
            case 2 -> {
                strangeRows(random, view, "writing");
                yield "killed";
            }
            case 3 -> {
                strangeRows(random, view, "another definition");
                yield "stale rows";
            }
            default -> "none";
        };
    }

    /** Rows that no feature table has: newer, older, of entities that do not exist. */
    private void strangeRows(Random random, FeatureView view, String definition) {
        List<String> features = view.features().stream().map(Field::name).toList();
        try (OnlineStore store = stores().open()) {
            MaterializationState state = store.state(view.name()).orElseThrow();
            store.saveState(view.name(), new MaterializationState(state.snapshotId(), state.end(), definition));
            List<OnlineWrite> rows = new ArrayList<>();
            for (int i = 0; i < 15; i++) {
                byte[][] values = new byte[features.size()][];
                java.util.Arrays.fill(values, ValueCodec.nullValue());
                rows.add(new OnlineWrite(
                        key(random.nextInt(25)),
                        DAY_0.plusSeconds(random.nextInt(40 * 86_400)).plusNanos(random.nextInt(2) * 5000L),
                        random.nextInt(2) * 4_000_000_000_000_000L,
                        values));
            }
            store.put(view.name(), features, rows);
        }
    }

    @Test
    void anEntityWhoseOnlyTransactionGoesAwayGoesTooOrGoesBack() {
        Materialize materialize = materialize(Banking.repository(List.of(Banking.TRANSACTIONS), WEEKLY));
        transaction("c", 1, 42, 3);
        transaction("c", 2, 43, 3);
        transaction("c", 3, 43, 27);
        compute();
        Instant end = DAY_0.plus(Duration.ofDays(30));
        materialize.run(WEEKLY, LONG_AGO, end);
        assertThat(stored(WEEKLY).keySet()).containsExactly(42L, 43L);

        transaction("u", 1, 44, 3);
        transaction("d", 3, 0, 0);
        compute();
        materialize.run(WEEKLY, LONG_AGO, end);

        assertThat(stored(WEEKLY)).isEqualTo(latest(WEEKLY, end));
        assertThat(stored(WEEKLY).keySet()).containsExactly(43L, 44L);
        assertThat(stored(WEEKLY).get(43L)).startsWith("2026-11-12T00:00:00Z [Int64[value=0]");
    }

    @Test
    void anEntityThatWasDeletedOnlineStaysAwayUntilItsLatestRowChangesOrTheStoreIsFilledAnew() {
        Materialize materialize = materialize(Banking.repository(List.of(Banking.TRANSACTIONS), WEEKLY));
        transaction("c", 1, 42, 3);
        transaction("c", 2, 43, 3);
        compute();
        Instant first = DAY_0.plus(Duration.ofDays(5));
        materialize.run(WEEKLY, LONG_AGO, first);

        deleteOnline(42);
        materialize.run(WEEKLY, LONG_AGO, first);
        assertThat(stored(WEEKLY).keySet()).as("nothing has changed").containsExactly(43L);
        transaction("c", 3, 43, 4);
        compute();
        materialize.run(WEEKLY, LONG_AGO, first);
        assertThat(stored(WEEKLY).keySet()).as("another entity has changed").containsExactly(43L);

        Instant second = first.plus(Duration.ofDays(1));
        materialize.run(WEEKLY, LONG_AGO, second);
        assertThat(stored(WEEKLY)).as("it has a row at the next stamp").isEqualTo(latest(WEEKLY, second));
        assertThat(stored(WEEKLY).keySet()).containsExactly(42L, 43L);

        deleteOnline(42);
        transaction("c", 4, 42, 2);
        compute();
        materialize.run(WEEKLY, LONG_AGO, second);
        assertThat(stored(WEEKLY)).as("its row was corrected").isEqualTo(latest(WEEKLY, second));
        assertThat(stored(WEEKLY).keySet()).containsExactly(42L, 43L);

        deleteOnline(42);
        flush();
        materialize.run(WEEKLY, LONG_AGO, second);
        assertThat(stored(WEEKLY).keySet()).as("filled anew").containsExactly(42L, 43L);

        deleteOnline(42);
        transaction("d", 1, 0, 0);
        transaction("d", 4, 0, 0);
        compute();
        materialize.run(WEEKLY, LONG_AGO, second);
        assertThat(stored(WEEKLY).keySet()).as("its source rows are gone").containsExactly(43L);
    }

    private void deleteOnline(long user) {
        try (OnlineStore store = stores().open()) {
            assertThat(store.deleteEverywhere(List.of(WEEKLY), key(user))).containsExactly(WEEKLY.name());
        }
    }

    @Test
    void whatIsPushedStaysUntilTheTableHasANewerRow() {
        Materialize materialize = materialize(Banking.repository(List.of(Banking.TRANSACTIONS), WEEKLY));
        transaction("c", 1, 42, 3);
        transaction("c", 2, 43, 3);
        compute();
        Instant end = DAY_0.plus(Duration.ofDays(8));
        materialize.run(WEEKLY, LONG_AGO, end);
        Instant pushed = end.plusSeconds(3_600);
        List.of(42L, 43L, 99L).forEach(user -> push(user, pushed));
        String pushedRow = Objects.requireNonNull(stored(WEEKLY).get(99L));
        assertThat(pushedRow).startsWith(pushed + " ");

        transaction("u", 1, 44, 3);
        compute();
        materialize.run(WEEKLY, LONG_AGO, end);
        assertThat(stored(WEEKLY))
                .as("42 has no row in the table any more, 43 has the same")
                .isEqualTo(Map.of(
                        42L, pushedRow,
                        43L, pushedRow,
                        44L, Objects.requireNonNull(latest(WEEKLY, end).get(44L)),
                        99L, pushedRow));

        transaction("c", 3, 42, 9);
        compute();
        Instant later = end.plus(Duration.ofDays(20));
        materialize.run(WEEKLY, LONG_AGO, later);
        Map<Long, String> expected = new TreeMap<>(latest(WEEKLY, later));
        expected.put(99L, pushedRow);
        assertThat(expected.keySet()).containsExactly(42L, 43L, 44L, 99L);
        assertThat(stored(WEEKLY)).isEqualTo(expected);
    }

    /** As the feature server does for a row of nothing but nulls. */
    private void push(long user, Instant time) {
        List<String> features = WEEKLY.features().stream().map(Field::name).toList();
        byte[][] nulls = new byte[features.size()][];
        java.util.Arrays.fill(nulls, ValueCodec.nullValue());
        try (OnlineStore store = stores().open()) {
            store.push(
                    WEEKLY.name(),
                    features,
                    List.of(new OnlineWrite(key(user), time, clock.instant().toEpochMilli() * 1_000, nulls)),
                    PushRule.LATEST);
        }
    }

    @Test
    void entitiesWhoseLatestRowIsOlderThanTheStartStayAwayUntilTheStartReachesThem() {
        Materialize materialize = materialize(Banking.repository(List.of(Banking.TRANSACTIONS), WEEKLY));
        transaction("c", 1, 42, 3);
        transaction("c", 2, 43, 25);
        compute();
        Instant end = DAY_0.plus(Duration.ofDays(28));

        materialize.run(WEEKLY, DAY_0.plus(Duration.ofDays(20)), end);
        assertThat(stored(WEEKLY).keySet()).containsExactly(43L);

        materialize.run(WEEKLY, DAY_0, end);
        assertThat(stored(WEEKLY).keySet()).containsExactly(42L, 43L);

        flush();
        materialize.run(WEEKLY, DAY_0.plus(Duration.ofDays(27)), end);
        assertThat(stored(WEEKLY)).as("all that was materialized once").isEqualTo(latest(WEEKLY, end));
    }

    @Test
    void twoMaterializersDoNotWorkOnOneStore() {
        transaction("c", 1, 42, 3);
        compute();
        Materialize materialize =
                materialize(Banking.repository(List.of(Banking.TRANSACTIONS), WEEKLY), impatientStores());

        try (Turn turn = stores().turn(WEEKLY.name())) {
            turn.requireHeld();
            assertThatThrownBy(() -> materialize.run(WEEKLY, LONG_AGO, DAY_0))
                    .isInstanceOfSatisfying(LarderException.class, e -> assertThat(e.code())
                            .isEqualTo(ErrorCode.ONLINE_STORE_UNAVAILABLE))
                    .hasMessageStartingWith("Another process ")
                    .hasMessageEndingWith("Run this again when it is done.");
        }
    }

    @Test
    void aStoreThatIsEmptiedWhileItIsWrittenIsFilledByTheNextRun() {
        Repository repository = Banking.repository(List.of(Banking.TRANSACTIONS), WEEKLY);
        transaction("c", 1, 42, 3);
        transaction("c", 2, 43, 3);
        compute();
        Instant end = DAY_0.plus(Duration.ofDays(30));
        materialize(repository).run(WEEKLY, LONG_AGO, end);
        transaction("c", 3, 43, 27);
        compute();

        Materialize disturbed = materialize(repository, new DisturbedStores(stores()));
        DisturbedStores.inTheNextTask(this::flush);
        assertThatThrownBy(() -> disturbed.run(WEEKLY, LONG_AGO, end)).satisfies(MaterializeContract::isExplained);

        materialize(repository).run(WEEKLY, LONG_AGO, end);
        assertThat(stored(WEEKLY)).isEqualTo(latest(WEEKLY, end));
        assertThat(stored(WEEKLY).keySet()).containsExactly(42L, 43L);
    }

    /** What the user is told is the error of ours among the causes. */
    protected static LarderException explanation(Throwable failure) {
        Throwable cause = failure;
        while (cause != null && !(cause instanceof LarderException)) {
            cause = cause.getCause();
        }
        return (LarderException) Objects.requireNonNull(cause, () -> "no explanation of " + failure);
    }

    private static void isExplained(Throwable failure) {
        assertThat(explanation(failure).getMessage()).isNotBlank().doesNotContain("\n");
    }

    protected final void transaction(String op, long id, long user, int day) {
        log.add(
                0,
                op.equals("d")
                        ? Event.of(op, ++lsn, DAY_0, id, null, null, null, null, null)
                        : Event.of(
                                op,
                                ++lsn,
                                DAY_0,
                                id,
                                user,
                                new BigDecimal("1.50"),
                                "v",
                                null,
                                DAY_0.plus(Duration.ofDays(day)).plusSeconds(60)));
    }

    protected final void compute() {
        new Ingest(lake, log, Progress.none()).run(Banking.TRANSACTIONS);
        clock.set(clock.instant().plusSeconds(1));
        new Compute(lake, Banking.repository(List.of(Banking.TRANSACTIONS), WEEKLY), Progress.none(), clock)
                .run(WEEKLY, null, null);
    }

    private static @Nullable Object[] transaction(Random random, long key) {
        return new Object[] {
            key,
            (long) random.nextInt(20),
            BigDecimal.valueOf(random.nextInt(10_000), 2),
            null,
            null,
            DAY_0.plusSeconds(random.nextInt(25 * 86_400))
        };
    }

    private static @Nullable Object[] customer(Random random, long key) {
        return new Object[] {
            key,
            random.nextInt(4) > 0 ? key % 25 : (long) random.nextInt(25),
            random.nextInt(4) == 0 ? null : (Integer) (20 + random.nextInt(3)),
            "town",
            BigDecimal.ONE.setScale(2),
            LocalDate.ofInstant(DAY_0, ZoneOffset.UTC).plusDays(random.nextInt(25))
        };
    }

    private static byte[] key(long user) {
        return EntityKeyCodec.encode(EntityKey.of("user_id", FeatureValue.of(user)), 3);
    }

    /** Event time and values of each stored entity. */
    protected final Map<Long, String> stored(FeatureView view) {
        Map<Long, String> stored = new TreeMap<>();
        List<String> features = view.features().stream().map(Field::name).toList();
        try (OnlineStore store = stores().open()) {
            List<byte[]> keys = store.keys(view.name()).toList();
            ViewRows rows = store.read(List.of(new ViewRead(view.name(), features, keys)))
                    .get(0);
            for (int i = 0; i < keys.size(); i++) {
                OnlineRow row = Objects.requireNonNull(rows.rows().get(i));
                List<Object> values = new ArrayList<>();
                for (byte[] value : row.values()) {
                    values.add(value == null ? "never written" : ValueCodec.decode(value));
                }
                FeatureValue user =
                        EntityKeyCodec.decode(keys.get(i)).joinKeys().get(0).value();
                stored.put(
                        ((FeatureValue.Int64) user).value(), Instant.ofEpochSecond(row.eventSeconds()) + " " + values);
            }
        }
        return stored;
    }

    /** The definition: of each entity the last row that is there, if it does not end the entity. */
    protected final Map<Long, String> latest(FeatureView view, Instant until) {
        Map<Long, Row> latest = new TreeMap<>();
        for (Row row : lake.spark()
                .table(lake.sqlName(LakeLayout.featuresTable(view.name())))
                .collectAsList()) {
            if (!stamp(row).isAfter(until)) {
                latest.merge(row.getAs("user_id"), row, (a, b) -> stamp(a).isAfter(stamp(b)) ? a : b);
            }
        }
        Map<Long, String> expected = new TreeMap<>();
        latest.forEach((user, row) -> {
            if (view.computation() instanceof Versions && row.<Boolean>getAs(LakeLayout.IS_DELETED)) {
                return;
            }
            List<Object> values = new ArrayList<>();
            for (Field feature : view.features()) {
                values.add(value(feature.type(), row.getAs(feature.name())));
            }
            // A read of SQLite gives seconds.
            expected.put(user, stamp(row).truncatedTo(ChronoUnit.SECONDS) + " " + values);
        });
        return expected;
    }

    private static Instant stamp(Row row) {
        return row.getAs(LakeLayout.EVENT_TIMESTAMP);
    }

    private static FeatureValue value(ValueType type, @Nullable Object value) {
        if (value == null) {
            return FeatureValue.none();
        }
        return switch (type) {
            case INT64 -> FeatureValue.of((Long) value);
            case FLOAT -> new FeatureValue.Float32((Float) value);
            case UNIX_TIMESTAMP -> new FeatureValue.UnixTimestamp(((Instant) value).getEpochSecond());
            case DECIMAL -> new FeatureValue.Text(ValueType.DECIMAL, (String) value);
            default -> FeatureValue.of((String) value);
        };
    }
}
