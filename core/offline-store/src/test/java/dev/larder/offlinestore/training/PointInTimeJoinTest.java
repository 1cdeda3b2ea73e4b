package dev.larder.offlinestore.training;

import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.larder.model.Field;
import dev.larder.model.ValueType;
import dev.larder.offlinestore.FeatureTable;
import dev.larder.offlinestore.Lake;
import dev.larder.offlinestore.LakeFiles;
import dev.larder.offlinestore.TestLake;
import dev.larder.progress.Progress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PointInTimeJoinTest {
    private static final Instant NOON = Instant.parse("2026-11-02T12:00:00Z");
    private static final Duration MICRO = Duration.of(1, ChronoUnit.MICROS);
    private static final Field USER = new Field("user_id", ValueType.INT64);
    private static final Field SHOP = new Field("shop", ValueType.STRING);
    private static final String VISITS = "visits";
    private static final String PRICES = "prices";

    private final PointInTimeJoin join = new DuckDbPointInTimeJoin(new DuckDbSettings("512MB", 4), LakeFiles.local());
    private final Path folder;
    private int lakes;

    PointInTimeJoinTest(@TempDir Path folder) {
        this.folder = folder;
    }

    /** One row of a view's history. */
    private record HistoryRow(
            @Nullable Long user,
            @Nullable String shop,
            Instant event,
            Instant created,
            boolean deleted,
            @Nullable Long visits,
            @Nullable Float price) {

        Map<String, Object> columns(String view) {
            Map<String, Object> columns = new HashMap<>();
            columns.put("event_timestamp", event);
            columns.put("created", created);
            columns.put("user_id", user);
            if (view.equals(PRICES)) {
                columns.put("shop", shop);
                columns.put("price", price);
                columns.put("is_deleted", deleted);
            } else {
                columns.put("visits", visits);
                columns.put("price", price);
            }
            return columns;
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 20261121})
    void agreesWithTheDefinition(long seed) {
        Random random = new Random(seed);
        List<HistoryRow> visits = history(random, VISITS);
        List<HistoryRow> prices = history(random, PRICES);
        List<EntityRow> rows = entities(random);
        Duration ttl = seed % 3 == 0 ? Duration.ZERO : Duration.ofMinutes(10L * (1 + random.nextInt(12)));
        Duration delay = seed % 2 == 0 ? Duration.ZERO : Duration.ofMinutes(10L * (1 + random.nextInt(4)));
        RequestedView ofUser =
                new RequestedView(VISITS, null, List.of(USER), List.of("visits"), Map.of(), ttl, delay, null);
        RequestedView ofLabel = new RequestedView(
                VISITS,
                "other",
                List.of(USER),
                List.of("price", "visits"),
                Map.of("user_id", "label"),
                Duration.ZERO,
                delay,
                null);
        RequestedView ofShop =
                new RequestedView(PRICES, null, List.of(USER, SHOP), List.of("price"), Map.of(), ttl, delay, null);
        RequestedView again =
                new RequestedView(VISITS, null, List.of(USER), List.of("price"), Map.of(), ttl, delay, null);

        ResultRows result =
                join(visits, prices, rows, "entities.csv", "out.csv", List.of(ofUser, ofLabel, ofShop, again));

        assertThat(result.columns())
                .containsExactly(
                        "user_id",
                        "label",
                        "event_timestamp",
                        "shop",
                        "visits__visits",
                        "other__price",
                        "other__visits",
                        "prices__price",
                        "visits__price");
        List<List<@Nullable String>> expected = new ArrayList<>();
        for (EntityRow row : rows) {
            Optional<HistoryRow> own = definition(visits, h -> same(h.user(), row.user()), row.time(), ttl, delay);
            Optional<HistoryRow> other =
                    definition(visits, h -> same(h.user(), number(row.label())), row.time(), Duration.ZERO, delay);
            Optional<HistoryRow> shop = definition(
                    prices, h -> same(h.user(), row.user()) && same(h.shop(), row.shop()), row.time(), ttl, delay);
            expected.add(texts(
                    row.user(),
                    row.label(),
                    row.time(),
                    row.shop(),
                    own.map(HistoryRow::visits).orElse(null),
                    other.map(HistoryRow::price).orElse(null),
                    other.map(HistoryRow::visits).orElse(null),
                    shop.map(HistoryRow::price).orElse(null),
                    own.map(HistoryRow::price).orElse(null)));
        }
        assertThat(result.rows())
                .as("seed %s, ttl %s, available after %s", seed, ttl, delay)
                .isEqualTo(expected);
        assertThat(expected)
                .as("the seed %s exercises hits and misses", seed)
                .anyMatch(row -> row.get(4) != null)
                .anyMatch(row -> row.get(4) == null)
                .anyMatch(row -> row.get(7) != null)
                .anyMatch(row -> row.get(7) == null);
    }

    /** Slow on purpose. Both ends belong to [t - ttl, t]; a tie goes to the row created last; a deletion ends the state. */
    private static Optional<HistoryRow> definition(
            List<HistoryRow> history,
            Function<HistoryRow, Boolean> sameKey,
            Instant t,
            Duration ttl,
            Duration availableAfter) {
        return history.stream()
                .filter(sameKey::apply)
                .filter(row -> !row.event().plus(availableAfter).isAfter(t))
                .filter(row -> ttl.isZero() || !row.event().plus(availableAfter).isBefore(t.minus(ttl)))
                .max(comparing(HistoryRow::event).thenComparing(HistoryRow::created))
                .filter(row -> !row.deleted());
    }

    @ParameterizedTest(name = "a row of age {0} µs with ttl {1} µs and delay {2} µs is found: {3}")
    @CsvSource({
        "0, 0, 0, true",
        "-1, 0, 0, false",
        "7200000000, 7200000000, 0, true",
        "7200000001, 7200000000, 0, false",
        "99000000000000, 0, 0, true",
        "1800000000, 0, 1800000000, true",
        "1799999999, 0, 1800000000, false",
        "9000000000, 7200000000, 1800000000, true",
        "9000000001, 7200000000, 1800000000, false",
    })
    void bothEndsBelongToTheInterval(long age, long ttl, long delay, boolean found) {
        Instant stamp = NOON.minus(age, ChronoUnit.MICROS);
        // The others make sure that the row, and not its file, is in or out of the interval.
        List<HistoryRow> history = List.of(
                visit(2L, stamp.minus(Duration.ofHours(3)), NOON, 2L),
                visit(1L, stamp, NOON, 5L),
                visit(2L, stamp.plus(Duration.ofHours(3)), NOON, 2L),
                visit(3L, stamp, NOON, 3L),
                visit(3L, stamp.plus(MICRO), NOON, 3L),
                visit(3L, stamp.minus(MICRO), NOON, 3L));
        RequestedView view = new RequestedView(
                VISITS,
                null,
                List.of(USER),
                List.of("visits"),
                Map.of(),
                Duration.of(ttl, ChronoUnit.MICROS),
                Duration.of(delay, ChronoUnit.MICROS),
                null);
        EntityRow entity = new EntityRow(1L, null, NOON, "x");
        assertThat(values(history, view, entity)).containsExactly(found ? "5" : null);
        assertThat(values(history.subList(1, 2), view, entity))
                .as("in a file of its own")
                .containsExactly(found ? "5" : null);
    }

    @Test
    void ofRowsWithOneStampTheOneCreatedLastCounts() {
        List<HistoryRow> history = List.of(
                visit(1L, NOON, NOON.plus(MICRO), 2L),
                visit(1L, NOON, NOON.plus(MICRO).plus(MICRO), 3L),
                visit(1L, NOON, NOON, 1L),
                visit(1L, NOON.minus(MICRO), NOON.plusSeconds(9), 9L));
        assertThat(values(history, visits(), new EntityRow(1L, null, NOON.plusSeconds(1), "x")))
                .containsExactly("3");
    }

    @Test
    void aNullKeyMatchesNothingEvenWhereTheHistoryHasNullKeys() {
        assertThat(values(List.of(visit(null, NOON, NOON, 1L)), visits(), new EntityRow(null, null, NOON, "x")))
                .containsExactly((String) null);
    }

    @Test
    void aDeletionGivesNullsAndHidesOlderRows() {
        List<HistoryRow> history = List.of(
                price(1L, "a", NOON, false, 1f),
                price(1L, "a", NOON.plusSeconds(10), true, 2f),
                price(1L, "a", NOON.plusSeconds(20), false, 3f));
        RequestedView view = new RequestedView(
                PRICES, null, List.of(USER, SHOP), List.of("price"), Map.of(), Duration.ZERO, Duration.ZERO, null);
        List<EntityRow> rows = List.of(
                new EntityRow(1L, "a", NOON.plusSeconds(25), "x"),
                new EntityRow(1L, "a", NOON.plusSeconds(15), "x"),
                new EntityRow(1L, "a", NOON.plusSeconds(5), "x"),
                new EntityRow(1L, "b", NOON.plusSeconds(5), "x"));
        ResultRows result = join(List.of(), history, rows, "entities.csv", "out.csv", List.of(view));
        assertThat(result.rows()).extracting(row -> row.get(4)).containsExactly("3.0", null, "1.0", null);
    }

    @ParameterizedTest(name = "{0} to {1}")
    @CsvSource({
        "entities.csv, out.csv",
        "entities.csv, out.parquet",
        "entities.parquet, out.csv",
        "entities.parquet, out.parquet"
    })
    void everyInputRowComesBackOnceInItsPlace(String in, String out) {
        Random random = new Random(7);
        int count = 150_000;
        List<EntityRow> rows = IntStream.range(0, count)
                .mapToObj(i -> new EntityRow(
                        (long) random.nextInt(50), null, NOON.plusSeconds(random.nextInt(100_000)), "n" + i))
                .toList();
        List<HistoryRow> history = IntStream.range(0, 3000)
                .mapToObj(i -> visit((long) random.nextInt(40), NOON.plusSeconds(random.nextInt(100_000)), NOON, 1L))
                .toList();
        ResultRows result = join(history, List.of(), rows, in, out, List.of(visits()));
        assertThat(result.rows()).hasSize(count);
        for (int i = 0; i < count; i++) {
            List<@Nullable String> row = result.rows().get(i);
            if (!Objects.equals(row.get(1), "n" + i)
                    || !Objects.equals(row.get(0), String.valueOf(rows.get(i).user()))) {
                assertThat(row)
                        .as("row %d of %s", i, out)
                        .startsWith(String.valueOf(rows.get(i).user()), "n" + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"entities.csv", "entities.parquet"})
    void aFileWithoutRowsGivesAFileWithoutRows(String in) {
        ResultRows result =
                join(List.of(visit(1L, NOON, NOON, 1L)), List.of(), List.of(), in, "out.parquet", List.of(visits()));
        assertThat(result.rows()).isEmpty();
        assertThat(result.columns()).containsExactly("user_id", "label", "event_timestamp", "shop", "visits__visits");
    }

    @Test
    void aViewWithoutEntitiesJoinsByTimeAlone() {
        RequestedView view = new RequestedView(
                VISITS, null, List.of(), List.of("visits"), Map.of(), Duration.ZERO, Duration.ZERO, null);
        List<HistoryRow> history = List.of(visit(1L, NOON, NOON, 1L), visit(2L, NOON.plusSeconds(5), NOON, 2L));
        assertThat(values(
                        history,
                        view,
                        new EntityRow(null, null, NOON.plusSeconds(9), "x"),
                        new EntityRow(null, null, NOON.plusSeconds(4), "x"),
                        new EntityRow(null, null, NOON.minusSeconds(1), "x")))
                .containsExactly("2", "1", null);
    }

    @Test
    void renamedWidenedAndAddedColumnsAreReadFromOldFiles() {
        try (TestLake written = new TestLake(folder);
                Lake lake = written.open()) {
            written.create(
                    VISITS,
                    false,
                    Map.of("user_id", Types.IntegerType.get()),
                    Map.of("visits", Types.IntegerType.get()));
            written.append(VISITS, List.of(visit(1L, NOON, NOON, 4L).columns(VISITS)));
            written.table(VISITS)
                    .updateSchema()
                    .renameColumn("visits", "calls")
                    .renameColumn("user_id", "customer")
                    .updateColumn("visits", Types.LongType.get())
                    .commit();
            written.table(VISITS)
                    .updateSchema()
                    .addColumn("visits", Types.StringType.get())
                    .commit();
            Map<String, Object> added = new HashMap<>(Map.of(
                    "customer", 2L, "event_timestamp", NOON, "created", NOON, "calls", 1L << 40, "visits", "new"));
            written.append(VISITS, List.of(added));
            RequestedView view = new RequestedView(
                    VISITS,
                    null,
                    List.of(new Field("customer", ValueType.INT64)),
                    List.of("calls", "visits"),
                    Map.of("customer", "user_id"),
                    Duration.ZERO,
                    Duration.ZERO,
                    null);
            Path in = EntityRow.csv(
                    folder.resolve("e.csv"),
                    List.of(new EntityRow(1L, null, NOON, "x"), new EntityRow(2L, null, NOON, "y")));
            Path out = folder.resolve("out.csv");
            join.join(
                    new TrainingSetRequest(in, List.of(view), false),
                    Map.of(VISITS, lake.computedFeatures(VISITS)),
                    out,
                    Progress.none());
            assertThat(ResultRows.first(out, 9).rows())
                    .extracting(row -> row.get(4), row -> row.get(5))
                    .containsExactly(tuple("4", null), tuple("1099511627776", "new"));
        }
    }

    private List<@Nullable String> values(List<HistoryRow> history, RequestedView view, EntityRow... rows) {
        return join(history, List.of(), List.of(rows), "entities.csv", "out.csv", List.of(view)).rows().stream()
                .<@Nullable String>map(row -> row.get(4))
                .collect(Collectors.toList());
    }

    private ResultRows join(
            List<HistoryRow> visits,
            List<HistoryRow> prices,
            List<EntityRow> rows,
            String in,
            String out,
            List<RequestedView> views) {
        try (TestLake written = new TestLake(folder.resolve("it's [a] lake*" + lakes++))) {
            written.create(
                    VISITS,
                    false,
                    Map.of("user_id", Types.LongType.get()),
                    Map.of("visits", Types.LongType.get(), "price", Types.FloatType.get()));
            written.create(
                    PRICES,
                    true,
                    Map.of("user_id", Types.LongType.get(), "shop", Types.StringType.get()),
                    Map.of("price", Types.FloatType.get()));
            append(written, VISITS, visits);
            append(written, PRICES, prices);
            try (Lake lake = written.open()) {
                Map<String, FeatureTable> tables = views.stream()
                        .map(RequestedView::view)
                        .distinct()
                        .collect(Collectors.toMap(view -> view, lake::computedFeatures));
                Path entities = EntityRow.csv(folder.resolve("entities.csv"), rows);
                if (in.endsWith(".parquet")) {
                    entities = folder.resolve(in);
                    TestLake.duckDb(("COPY (SELECT * FROM read_csv('%s', header = true, columns = {'user_id': 'BIGINT',"
                                    + " 'label': 'VARCHAR', 'event_timestamp': 'TIMESTAMPTZ', 'shop': 'VARCHAR'})) TO '%s'"
                                    + " (FORMAT parquet)")
                            .formatted(folder.resolve("entities.csv"), entities));
                }
                Path output = folder.resolve(out);
                PointInTimeJoin.Joined joined =
                        join.join(new TrainingSetRequest(entities, views, true), tables, output, Progress.none());
                assertThat(joined.rows()).isEqualTo(rows.size());
                return ResultRows.first(output, Integer.MAX_VALUE);
            }
        }
    }

    /** At least two commits, so that the history lies in several files. */
    private static void append(TestLake lake, String view, List<HistoryRow> rows) {
        int half = rows.size() / 2;
        lake.append(
                view, rows.subList(0, half).stream().map(r -> r.columns(view)).toList());
        lake.append(
                view,
                rows.subList(half, rows.size()).stream()
                        .map(r -> r.columns(view))
                        .toList());
    }

    private static RequestedView visits() {
        return new RequestedView(
                VISITS, null, List.of(USER), List.of("visits"), Map.of(), Duration.ZERO, Duration.ZERO, null);
    }

    private static HistoryRow visit(@Nullable Long user, Instant event, Instant created, @Nullable Long visits) {
        return new HistoryRow(user, null, event, created, false, visits, null);
    }

    private static HistoryRow price(Long user, String shop, Instant event, boolean deleted, @Nullable Float price) {
        return new HistoryRow(user, shop, event, event, deleted, null, price);
    }

    /** Stamps on a grid of ten minutes, some a microsecond beside it; (key, stamp, created) is unique. */
    private static List<HistoryRow> history(Random random, String view) {
        List<HistoryRow> rows = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            boolean deleted = view.equals(PRICES) && random.nextInt(5) == 0;
            rows.add(new HistoryRow(
                    random.nextInt(20) == 0 ? null : Long.valueOf(random.nextInt(12)),
                    random.nextInt(20) == 0 ? null : shop(random),
                    time(random),
                    NOON.plus(i, ChronoUnit.MICROS),
                    deleted,
                    random.nextInt(6) == 0 ? null : Long.valueOf(random.nextInt(1000)),
                    random.nextInt(6) == 0 ? null : Float.valueOf(random.nextInt(10_000) / 8f)));
        }
        Collections.shuffle(rows, random);
        return rows;
    }

    private static List<EntityRow> entities(Random random) {
        List<EntityRow> rows = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            if (i > 0 && random.nextInt(8) == 0) {
                rows.add(rows.get(random.nextInt(i)));
                continue;
            }
            rows.add(new EntityRow(
                    random.nextInt(15) == 0 ? null : Long.valueOf(random.nextInt(14)),
                    random.nextInt(15) == 0 ? null : shop(random),
                    time(random),
                    String.valueOf(random.nextInt(14))));
        }
        return rows;
    }

    private static String shop(Random random) {
        return List.of("a", "B", "b", "ä", "a ").get(random.nextInt(5));
    }

    private static Instant time(Random random) {
        Instant onGrid = NOON.plus(Duration.ofMinutes(10L * random.nextInt(6 * 36)));
        return random.nextInt(4) == 0 ? onGrid.plus(random.nextInt(3) - 1L, ChronoUnit.MICROS) : onGrid;
    }

    private static boolean same(@Nullable Object a, @Nullable Object b) {
        return a != null && a.equals(b);
    }

    private static Long number(String text) {
        return Long.valueOf(text);
    }

    private static List<@Nullable String> texts(@Nullable Object... values) {
        List<@Nullable String> texts = new ArrayList<>();
        for (Object value : values) {
            texts.add(value == null ? null : value.toString());
        }
        return texts;
    }
}
