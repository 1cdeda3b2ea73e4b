package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.feast.ValueCodec;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore.MaterializationState;
import dev.larder.onlinestore.OnlineStore.OnlineRow;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.onlinestore.OnlineStore.PushRule;
import dev.larder.onlinestore.OnlineStore.Retraction;
import dev.larder.onlinestore.OnlineStore.ViewRead;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SqliteOnlineStoreTest extends OnlineStoreContract {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Override
    protected OnlineStore openStore() {
        return SqliteOnlineStore.open(file(), "banking");
    }

    @Override
    protected AutoCloseable takeTurn(String view) {
        return SqliteLock.take(file()).orElseThrow();
    }

    private Path file() {
        return folder.resolve("data").resolve("online_store.db");
    }

    @Test
    void anotherProcessHasTheLockUntilItEndsHoweverItDoes() throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPath,
                        LockHolder.class.getName(),
                        file().toString())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("held");
            assertThat(store().isBeingMaterialized("week")).isTrue();
            assertThat(SqliteLock.take(file())).isEmpty();
        } finally {
            other.destroyForcibly().waitFor();
        }
        assertThat(store().isBeingMaterialized("week")).isFalse();
        try (SqliteLock lock = SqliteLock.take(file()).orElseThrow()) {
            assertThat(SqliteLock.take(file())).as("taken by %s", lock).isEmpty();
        }
    }

    /** Another process that materializes. */
    static final class LockHolder {
        private LockHolder() {}

        public static void main(String[] arguments) throws InterruptedException {
            try (SqliteLock lock = SqliteLock.take(Path.of(arguments[0])).orElseThrow()) {
                System.out.println(lock == null ? "" : "held");
                Thread.sleep(60_000);
            }
        }
    }

    @Test
    void anEntityIsDeletedFromAFileThatOnlyFeastHasWritten() throws IOException {
        Path file = copyOfGolden("feast.db");
        JsonNode row = goldenRows().get(0);
        List<OnlineStore.ViewRead> read = List.of(new OnlineStore.ViewRead(
                viewName(row), List.of(row.get("feature_name").textValue()), List.of(hex(row, "entity_key_hex"))));
        try (OnlineStore store = SqliteOnlineStore.open(file, "golden")) {
            assertThat(store.read(read).get(0).rows().get(0)).isNotNull();
            assertThat(store.delete(List.of(view(viewName(row)), view("absent")), hex(row, "entity_key_hex")))
                    .containsExactly(viewName(row));
            assertThat(store.read(read).get(0).rows().get(0)).isNull();
        }
    }

    // ------------------------------------------------------------------ Feast's layout

    @Test
    void theTablesAreFeastsToTheLetter() throws IOException, SQLException {
        JsonNode schema = JSON.readTree(golden("online_store_schema.json")).get("schema");
        List<String> expected = new ArrayList<>();
        List<String> views = new ArrayList<>();
        for (JsonNode statement : schema) {
            expected.add(statement.textValue());
            if (statement.textValue().startsWith("CREATE TABLE golden_")) {
                views.add(statement.textValue().replaceFirst("(?s)CREATE TABLE golden_(\\w+).*", "$1"));
            }
        }

        try (OnlineStore store = SqliteOnlineStore.open(folder.resolve("new.db"), "golden")) {
            store.prepare(views.stream().map(OnlineStoreContract::view).toList());
        }

        assertThat(column(
                        folder.resolve("new.db"),
                        "SELECT sql FROM sqlite_master WHERE tbl_name LIKE 'golden%' AND sql IS NOT NULL"))
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(column(
                        folder.resolve("new.db"),
                        "SELECT name FROM sqlite_master WHERE name NOT LIKE 'golden%' AND name NOT LIKE 'sqlite%'"))
                .containsExactlyInAnyOrder("_larder_views", "_larder_rows");
    }

    @Test
    void theRowsAreFeastsCellByCell() throws IOException, SQLException {
        List<JsonNode> rows = goldenRows();
        Path file = folder.resolve("new.db");

        try (OnlineStore store = SqliteOnlineStore.open(file, "golden")) {
            store.prepare(rows.stream()
                    .map(SqliteOnlineStoreTest::viewName)
                    .distinct()
                    .map(OnlineStoreContract::view)
                    .toList());
            Map<String, List<JsonNode>> byEntity = new TreeMap<>();
            rows.forEach(row -> byEntity.computeIfAbsent(
                            row.get("table") + row.get("entity_key_hex").textValue(), k -> new ArrayList<>())
                    .add(row));
            byEntity.values().forEach(features -> putGolden(store, features));
        }

        for (String table :
                rows.stream().map(r -> r.get("table").textValue()).distinct().toList()) {
            assertThat(cells(file, table))
                    .isEqualTo(cells(copyOfGolden(table + ".db"), table))
                    .isNotEmpty();
        }
    }

    @Test
    void whatFeastWroteIsRead() throws IOException {
        Path file = copyOfGolden("feast.db");

        try (OnlineStore store = SqliteOnlineStore.open(file, "golden")) {
            for (JsonNode row : goldenRows()) {
                OnlineRow read = Objects.requireNonNull(store.read(List.of(new OnlineStore.ViewRead(
                                viewName(row),
                                List.of(row.get("feature_name").textValue()),
                                List.of(hex(row, "entity_key_hex")))))
                        .get(0)
                        .rows()
                        .get(0));

                assertThat(read.eventSeconds()).isEqualTo(row.get("event_ts").longValue());
                assertThat(read.eventNanos()).isZero();
                assertThat(read.values()[0]).isEqualTo(hex(row, "value_hex"));
            }
        }
    }

    @Test
    void aRowOfFeastsHasWholeSecondsAndVersion0() throws IOException, SQLException {
        insertAsFeast(NOON, 7);

        assertThat(put("week", row(1, NOON, 0, 3))).isZero();
        assertThat(put("week", row(1, NOON, 1, 8))).isEqualTo(1);
        assertThat(read("week", 1)).isEqualTo(stored(NOON, 8));
    }

    @Test
    void aRowThatFeastHasOverwrittenIsNotTakenForOurs() throws IOException, SQLException {
        put("week", row(1, NOON.plusNanos(500_000_000), 10, 7));
        insertAsFeast(NOON.plusSeconds(5), 8);

        assertThat(retract("week", new Retraction(key(1), NOON.plusNanos(500_000_000), 10, null)))
                .isZero();
        assertThat(put("week", row(1, NOON.plusSeconds(4), 99, 3))).isZero();
        assertThat(retract("week", new Retraction(key(1), NOON.plusSeconds(5), 0, null)))
                .isEqualTo(1);
        assertThat(read("week", 1)).isNull();
    }

    @Test
    void takingBackAlsoTakesFeaturesThatTheViewNoLongerHas() throws SQLException, IOException {
        put("week", row(1, NOON, 10, 7));
        execute(
                file(),
                "INSERT INTO banking_week SELECT entity_key, 'gone', value, NULL, NULL, event_ts, created_ts FROM banking_week LIMIT 1");

        retract("week", new Retraction(key(1), NOON, 10, row(1, NOON.minusSeconds(9), 9, 5)));

        assertThat(put("week", row(1, NOON.minusSeconds(8), 9, 6))).isEqualTo(1);
        assertThat(column(file(), "SELECT DISTINCT feature_name FROM banking_week"))
                .containsExactlyInAnyOrderElementsOf(FEATURES);
    }

    @Test
    void tablesOfOlderFeastsGetTheirMissingColumn() throws SQLException, IOException {
        execute(
                file(),
                "CREATE TABLE banking_old (entity_key BLOB, feature_name TEXT, value BLOB, vector_value BLOB, event_ts timestamp, created_ts timestamp, PRIMARY KEY(entity_key, feature_name))");

        store().prepare(List.of(view("old")));

        assertThat(put("old", row(1, NOON, 10, 7))).isEqualTo(1);
        assertThat(column(file(), "SELECT value_text FROM banking_old")).containsExactly("7", "7");
    }

    @Test
    void anotherProjectsTablesAreLeftAlone() throws SQLException, IOException {
        try (OnlineStore other = SqliteOnlineStore.open(file(), "banking_week")) {
            other.prepare(List.of(view("x")));
            other.put("x", FEATURES, List.of(row(1, NOON, 10, 7)));

            store().prepare(List.of(view("day")));

            assertThat(other.keys("x")).hasSize(1);
        }
        assertThat(column(file(), "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'banking%'"))
                .containsExactlyInAnyOrder("banking_day", "banking_week_x");
    }

    @Test
    void namesThatSqlWouldMisreadAreQuoted() {
        store().prepare(List.of(view("odd \"name\"; -- é"), view("week")));

        assertThat(put("odd \"name\"; -- é", row(1, NOON, 10, 7))).isEqualTo(1);
        assertThat(read("odd \"name\"; -- é", 1)).isEqualTo(stored(NOON, 7));
    }

    // ------------------------------------------------------------------ handing over

    @Test
    void theClosedFileIsAPlainOneInFeastsMode() throws SQLException, IOException {
        put("week", row(1, NOON, 10, 7));
        read("week", 1);

        store().close();

        assertThat(filesIn(file().getParent())).containsExactly("online_store.db");
        assertThat(column(file(), "PRAGMA journal_mode")).containsExactly("delete");
    }

    @Test
    void theReaderThatClosesLastHandsOver() throws SQLException, IOException {
        OnlineStore reading = open();
        put("week", row(1, NOON, 10, 7));
        reading.keys("week");

        store().close();
        assertThat(filesIn(file().getParent())).contains("online_store.db-wal");
        assertThat(reading.keys("week")).hasSize(1);
        reading.close();

        assertThat(filesIn(file().getParent())).containsExactly("online_store.db");
        assertThat(column(file(), "PRAGMA journal_mode")).containsExactly("delete");
    }

    @Test
    void savingTheStateEmptiesTheLog() throws IOException {
        OnlineStore reading = open();
        put("week", row(1, NOON, 10, 7));
        reading.keys("week");

        store().saveState("week", new MaterializationState(1, NOON, "hash"));

        assertThat(Files.size(Path.of(file() + "-wal"))).isZero();
    }

    @Test
    void anotherProcessWritesAndReadsBesideUs() throws SQLException, IOException {
        put("week", row(1, NOON, 10, 7));
        insertAsFeast(NOON.plusSeconds(1), 8);

        assertThat(read("week", 1)).isEqualTo(stored(NOON.plusSeconds(1), 8));
        put("week", row(1, NOON.plusSeconds(2), 10, 9));
        assertThat(column(file(), "SELECT DISTINCT value_text FROM banking_week"))
                .containsExactly("9");
    }

    @Test
    void readersDoNotWaitForAnOpenTransaction() throws SQLException, IOException {
        put("week", row(1, NOON, 10, 7));
        try (Connection feast = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = feast.createStatement()) {
            feast.setAutoCommit(false);
            statement.executeUpdate("DELETE FROM banking_week");

            assertThat(read("week", 1)).isEqualTo(stored(NOON, 7));
            feast.commit();
        }
        assertThat(read("week", 1)).isNull();
    }

    // ------------------------------------------------------------------ pushing

    @Test
    void aPushOfSomeFeaturesLeavesOneTimeForAllOfThem() throws SQLException {
        put("week", row(1, NOON, 1_000_000, 7));

        pushTotal(PushRule.LATEST, 1, NOON.plusSeconds(60), 5_000_000, 8);

        assertThat(column(file(), "SELECT feature_name || event_ts || ' ' || created_ts FROM banking_week ORDER BY 1"))
                .containsExactly("count1772366460 5", "total1772366460 5");
        pushTotal(PushRule.ALWAYS, 1, NOON, 0, 9);
        assertThat(column(file(), "SELECT DISTINCT event_ts || ifnull(created_ts, ' none') FROM banking_week"))
                .containsExactly("1772366400 none");
    }

    @Test
    void roomIsMadeWhereNothingIsYet() {
        try (OnlineStore store = SqliteOnlineStore.open(folder.resolve("other").resolve("new.db"), "banking")) {
            assertStepMissing(
                    () -> store.push("week", FEATURES, List.of(row(1, NOON, 1, 1)), PushRule.LATEST),
                    "new.db does not exist");

            store.makeRoom(view("week"));

            assertThat(store.push("week", FEATURES, List.of(row(1, NOON, 1, 1)), PushRule.LATEST))
                    .isEqualTo(1);
            assertStepMissing(
                    () -> store.push("day", FEATURES, List.of(row(1, NOON, 1, 1)), PushRule.LATEST),
                    "has no up-to-date table for feature view day");
        }
    }

    @Test
    void whoHasLittlePatienceIsToldThatTheFileIsLocked() throws SQLException, IOException {
        OnlineStore impatient = openWithPatience(Duration.ofMillis(200));
        impatient.push("week", FEATURES, List.of(row(1, NOON, 1, 1)), PushRule.LATEST);
        try (Connection feast = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = feast.createStatement()) {
            feast.setAutoCommit(false);
            statement.executeUpdate("DELETE FROM banking_week");

            assertThatThrownBy(() -> impatient.push("week", FEATURES, List.of(row(1, NOON, 2, 2)), PushRule.LATEST))
                    .isInstanceOfSatisfying(LarderException.class, e -> assertThat(e.code())
                            .isEqualTo(ErrorCode.ONLINE_STORE_UNAVAILABLE))
                    .hasMessageContaining("stayed locked for feature view week");
            assertThat(impatient
                            .read(List.of(new ViewRead("week", FEATURES, List.of(key(1)))))
                            .get(0)
                            .rows()
                            .get(0))
                    .as("readers go on")
                    .isNotNull();
            feast.rollback();
        }
        assertThat(impatient.push("week", FEATURES, List.of(row(1, NOON, 2, 2)), PushRule.LATEST))
                .isEqualTo(1);
    }

    @Test
    void aWriterGetsInBetweenTheTransactionsOfAnother() throws Exception {
        OnlineStore server = openWithPatience(Duration.ofSeconds(20));
        server.push("week", FEATURES, List.of(row(1, NOON, 1, 1)), PushRule.LATEST);
        AtomicBoolean writing = new AtomicBoolean(true);
        CountDownLatch started = new CountDownLatch(1);
        ExecutorService pool = Executors.newSingleThreadExecutor();
        Future<?> feast = pool.submit(() -> {
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                    Statement statement = connection.createStatement()) {
                while (writing.get()) {
                    connection.setAutoCommit(false);
                    statement.executeUpdate("UPDATE banking_week SET created_ts = 1");
                    started.countDown();
                    Thread.sleep(60);
                    connection.commit();
                    connection.setAutoCommit(true);
                    Thread.sleep(10);
                }
            }
            return null;
        });
        started.await();

        long start = System.nanoTime();
        for (int i = 2; i <= 10; i++) {
            server.push("week", FEATURES, List.of(row(1, NOON, i, i)), PushRule.LATEST);
        }
        Duration taken = Duration.ofNanos(System.nanoTime() - start);
        writing.set(false);
        feast.get();
        pool.shutdown();

        assertThat(taken).as("nine gaps of a tenth of a second at most").isLessThan(Duration.ofSeconds(10));
        assertThat(read("week", 1)).isEqualTo(stored(NOON, 10));
    }

    private OnlineStore openWithPatience(Duration patience) {
        store().close();
        OnlineStore opened = SqliteOnlineStore.open(file(), "banking", patience);
        toBeClosed(opened);
        return opened;
    }

    // ------------------------------------------------------------------ files that come and go

    @Test
    void aMissingFileSaysWhichStepsToRun() {
        OnlineStore absent = SqliteOnlineStore.open(folder.resolve("absent.db"), "banking");

        assertStepMissing(() -> absent.keys("week"), "absent.db does not exist: run apply, then materialize");
        assertStepMissing(() -> absent.put("week", FEATURES, List.of(row(1, NOON, 1, 1))), "absent.db does not exist");
        assertStepMissing(
                () -> absent.saveState("week", new MaterializationState(1, NOON, "h")), "absent.db does not exist");
        assertThat(absent.state("week")).isEmpty();
        absent.close();
        assertThat(folder.resolve("absent.db")).doesNotExist();
    }

    @Test
    void aMissingTableSaysWhichStepsToRun() {
        assertStepMissing(
                () -> readRows("unknown", FEATURES, List.of(key(1))),
                "has no up-to-date table for feature view unknown: run apply, then materialize");
        assertStepMissing(() -> put("unknown", row(1, NOON, 1, 1)), "for feature view unknown: run apply");
        assertStepMissing(() -> store().keys("unknown"), "for feature view unknown: run apply");
    }

    @Test
    void aFileThatAppearsLaterIsRead() {
        Path late = folder.resolve("late.db");
        try (OnlineStore server = SqliteOnlineStore.open(late, "banking");
                OnlineStore writer = SqliteOnlineStore.open(late, "banking")) {
            assertStepMissing(() -> server.keys("week"), "does not exist");

            writer.prepare(List.of(view("week")));
            writer.put("week", FEATURES, List.of(row(1, NOON, 10, 7)));

            assertThat(server.keys("week")).containsExactly(key(1));
        }
    }

    @Test
    void aFileThatIsReplacedIsReadAfresh() throws IOException {
        put("week", row(1, NOON, 10, 7));
        OnlineStore server = open();
        assertThat(server.keys("week")).containsExactly(key(1));
        Path other = folder.resolve("other.db");
        try (OnlineStore writer = SqliteOnlineStore.open(other, "banking")) {
            writer.prepare(List.of(view("week")));
            writer.put("week", FEATURES, List.of(row(2, NOON, 10, 8)));
        }
        store().saveState("week", new MaterializationState(1, NOON, "hash"));
        Files.move(other, file(), StandardCopyOption.REPLACE_EXISTING);

        assertThat(server.keys("week")).containsExactly(key(2));
        assertThat(put("week", row(3, NOON, 10, 9))).isEqualTo(1);
        assertThat(server.keys("week")).containsExactlyInAnyOrder(key(2), key(3));
    }

    @Test
    void aFileThatIsRemovedAndMadeAgainIsEmpty() throws IOException {
        put("week", row(1, NOON, 10, 7));
        store().saveState("week", new MaterializationState(1, NOON, "hash"));
        OnlineStore server = open();
        server.keys("week");
        Files.delete(file());

        assertStepMissing(() -> server.keys("week"), "does not exist");
        store().prepare(List.of(view("week")));

        assertThat(server.keys("week")).isEmpty();
        assertThat(store().state("week")).isEmpty();
    }

    @Test
    void theStateIsForgottenWhenSomeoneElseRemakesTheTable() throws SQLException, IOException {
        put("week", row(1, NOON, 10, 7));
        store().saveState("week", new MaterializationState(1, NOON, "hash"));
        execute(file(), "DELETE FROM banking_week");

        assertThat(store().state("week")).isEmpty();

        execute(file(), "DROP TABLE banking_week");
        assertThat(store().state("week")).isEmpty();
    }

    // ------------------------------------------------------------------ damage

    @ParameterizedTest
    @CsvSource({"event_ts, '2024-03-02T12:00:00'", "event_ts, 1709380800.5", "event_ts, NULL", "value, NULL"})
    void refusesRowsThatFeastCannotReadEither(String column, String literal) throws SQLException, IOException {
        put("week", row(1, NOON, 10, 7));
        String value = literal.startsWith("2024") ? "'" + literal + "'" : literal;
        execute(file(), "UPDATE banking_week SET " + column + " = " + value);

        assertThatThrownBy(() -> read("week", 1))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ONLINE_STORE_CORRUPT))
                .hasMessageContaining("has a row of feature view week without a usable " + column);
    }

    @Test
    void refusesAFileThatIsNoDatabase() throws IOException {
        Path text = folder.resolve("text.db");
        Files.writeString(text, "This is not a database, but long enough to look at. ".repeat(50));

        try (OnlineStore broken = SqliteOnlineStore.open(text, "banking")) {
            assertThatThrownBy(() -> broken.keys("week"))
                    .isInstanceOfSatisfying(
                            LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ONLINE_STORE_CORRUPT))
                    .hasMessageContaining("is not an intact SQLite file");
        }
    }

    @Test
    void refusesAPlaceThatIsNoFolder() throws IOException {
        Path blocked = folder.resolve("blocked");
        Files.writeString(blocked, "");
        OnlineStore store = SqliteOnlineStore.open(blocked.resolve("online.db"), "banking");

        assertThatThrownBy(() -> store.prepare(List.of(view("week"))))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PATH_UNUSABLE))
                .hasMessageContaining("(choose a writable place in online_store.path)");
    }

    // ------------------------------------------------------------------ parts

    private static void assertStepMissing(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STEP_MISSING))
                .hasMessageContaining(message);
    }

    private static void putGolden(OnlineStore store, List<JsonNode> features) {
        JsonNode first = features.get(0);
        byte[][] values = features.stream().map(f -> hex(f, "value_hex")).toArray(byte[][]::new);
        long created = first.get("created_ts").longValue();
        long replaced = store.put(
                viewName(first),
                features.stream().map(f -> f.get("feature_name").textValue()).toList(),
                List.of(new OnlineWrite(
                        hex(first, "entity_key_hex"),
                        Instant.ofEpochSecond(first.get("event_ts").longValue(), 987_654_000),
                        created * 1_000_000,
                        values)));
        assertThat(replaced).isEqualTo(1);
    }

    /** As Feast does it: other connection, whole seconds, no word about versions. */
    private void insertAsFeast(Instant time, long value) throws SQLException, IOException {
        String hex = HexFormat.of().formatHex(ValueCodec.int64(value));
        for (String feature : FEATURES) {
            execute(
                    file(),
                    "INSERT OR REPLACE INTO banking_week VALUES (x'%s', '%s', x'%s', '%d', NULL, %d, NULL)"
                            .formatted(HexFormat.of().formatHex(key(1)), feature, hex, value, time.getEpochSecond()));
        }
    }

    private static void execute(Path file, String sql) throws SQLException, IOException {
        assertThat(Files.size(file)).isPositive();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private static List<@Nullable String> column(Path file, String sql) throws SQLException {
        List<@Nullable String> values = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                values.add(result.getString(1));
            }
        }
        return values;
    }

    /** Every cell with its storage class, in the order of the primary key. */
    private static List<@Nullable String> cells(Path file, String table) throws SQLException {
        return column(
                file,
                """
                SELECT hex(entity_key) || '|' || feature_name || '|' || typeof(value) || hex(value) || '|' || typeof(value_text)
                    || ifnull(value_text, '') || '|' || typeof(vector_value) || '|' || typeof(event_ts) || event_ts || '|'
                    || typeof(created_ts) || ifnull(created_ts, '')
                FROM %s ORDER BY entity_key, feature_name"""
                        .formatted(table));
    }

    private static List<String> filesIn(@Nullable Path directory) throws IOException {
        try (var files = Files.list(Objects.requireNonNull(directory))) {
            return files.map(f -> Objects.requireNonNull(f.getFileName()).toString())
                    .toList();
        }
    }

    private static String viewName(JsonNode row) {
        return row.get("table").textValue().substring("golden_".length());
    }

    private static byte[] hex(JsonNode row, String field) {
        return HexFormat.of().parseHex(row.get(field).textValue());
    }

    private static List<JsonNode> goldenRows() throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        for (String line : new String(golden("online_store_rows.jsonl"), StandardCharsets.UTF_8)
                .lines()
                .toList()) {
            rows.add(JSON.readTree(line));
        }
        return rows;
    }

    private Path copyOfGolden(String name) throws IOException {
        return Files.write(folder.resolve(name), golden("online_store.db"));
    }

    private static byte[] golden(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(SqliteOnlineStoreTest.class.getResourceAsStream("/golden/" + name), name)) {
            return in.readAllBytes();
        }
    }
}
