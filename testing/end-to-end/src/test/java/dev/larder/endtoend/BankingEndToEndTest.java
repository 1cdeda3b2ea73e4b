package dev.larder.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.larder.endtoend.Source.Asked;
import dev.larder.endtoend.Source.Expected;
import dev.larder.servers.EmbeddedStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * PostgreSQL → Debezium → Kafka → Spark → Iceberg → SQLite → HTTP, with corrections after the first materialization. The
 * oracle is SQL over the source's own tables after all changes.
 */
class BankingEndToEndTest {
    private static final long SEED = 20_261_121L;
    private static final String SERVICE = "user_risk";
    /** Users of the test's own, whom no generated row touches: so it is known what is their only transaction. */
    private static final long OWN = 1_000_000;

    private static final long NEVER_SEEN = 9_000_000;
    private static final int EACH = 25;
    private static final List<String> KINDS = List.of(
            "only transaction updated",
            "only transaction moved to another user",
            "only transaction moved to another day",
            "only transaction deleted",
            "gone quiet",
            "customer deleted",
            "customer deleted and back",
            "customer moved house");

    @TempDir
    Path folder = Path.of("");

    static Stream<Path> jdks() {
        Stream.Builder<Path> homes = Stream.builder();
        homes.add(Path.of(System.getProperty("java.home")));
        String newer = System.getenv("LARDER_JDK25");
        if (newer != null && !newer.isBlank()) {
            homes.add(Path.of(newer));
        }
        return homes.build();
    }

    @ParameterizedTest(name = "on {0}")
    @MethodSource("jdks")
    void everyOnlineValueAndEveryTrainingCellEqualsTheSource(Path javaHome) throws Exception {
        FeastSdk feast = FeastSdk.required();
        Path repo = BankingRepository.copyInto(folder);
        LarderProcess larder = new LarderProcess(javaHome, repo);
        try {
            larder.run("start");
            try (Source source = openSource(repo)) {
                firstRun(larder, source);
                correct(source);
                Instant end = secondRun(larder, feast, repo);
                Questions questions = questions(source, end);
                compareTrainingSets(larder, source, questions, end);
                compareOnline(larder, feast, source, repo, end);
            }
        } finally {
            larder.run("stop");
        }
        assertThat(BankingRepository.processesOf(folder))
                .as("processes left by the run")
                .isEmpty();
    }

    // ---- the two runs -----------------------------------------------------------------------------------------------

    private void firstRun(LarderProcess larder, Source source) throws SQLException, IOException {
        larder.run("validate");
        larder.run("apply");
        larder.run("generate", "--users", "300", "--days", "21", "--only-first", "1", "--seed", Long.toString(SEED));
        source.executeScript("oracle/audit.sql");
        // What was there before the capture began has no history: the snapshot is its first version.
        source.execute("insert into customers_audit (op, user_id, age, gender, location, occupation, day_start)"
                + " select 'I', user_id, age, gender, location, occupation, day_start from customers");
        larder.run("connect");
        larder.run("generate", "--users", "300", "--days", "21", "--seed", Long.toString(SEED));
        addOwnUsers(source);
        larder.run("ingest");
        larder.run("compute");
        larder.run("materialize-incremental", "now");
        assertThat(larder.run("ingest")).contains("nothing new");
    }

    private static void addOwnUsers(Source source) throws SQLException {
        for (int kind = 0; kind < KINDS.size(); kind++) {
            for (int i = 0; i < EACH; i++) {
                long user = user(kind, i);
                int daysAgo = KINDS.get(kind).equals("gone quiet") ? 10 : 2;
                source.execute(
                        """
                        insert into transactions (transaction_id, user_id, amount, vendor, source, time) values
                        (%1$d, %1$d, %2$d.%3$02d, 'own vendor %4$d', 'branch',
                         date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' - interval '%5$d days' + interval '%2$d minutes')
                        """
                                .formatted(user, 10 + i, i, i % 3, daysAgo));
                source.execute(
                        """
                        insert into customers (user_id, age, gender, location, occupation, day_start)
                        values (%d, %d, 'f', 'Bern', 'baker', current_date - 15)
                        """
                                .formatted(user, 20 + i));
            }
        }
    }

    private static void correct(Source source) throws SQLException {
        String only = "update transactions set %s where user_id between %d and %d";
        source.execute(
                only.formatted("amount = amount * 2 + 0.01, vendor = 'corrected'", user(0, 0), user(0, EACH - 1)));
        source.execute(only.formatted("user_id = user_id + 500000", user(1, 0), user(1, EACH - 1)));
        source.execute(only.formatted("time = time - interval '9 days'", user(2, 0), user(2, EACH - 1)));
        source.execute(
                "delete from transactions where user_id between %d and %d".formatted(user(3, 0), user(3, EACH - 1)));
        String customers = " where user_id between %d and %d";
        source.execute(("delete from customers" + customers).formatted(user(5, 0), user(6, EACH - 1)));
        source.execute(
                """
                insert into customers (user_id, age, gender, location, occupation, day_start)
                select u, 50, 'm', 'Basel', 'pilot', current_date - 3 from generate_series(%d, %d) u
                """
                        .formatted(user(6, 0), user(6, EACH - 1)));
        source.execute(
                ("update customers set location = 'Zug', age = age + 1, day_start = current_date - 1" + customers)
                        .formatted(user(7, 0), user(7, EACH - 1)));
        // The generated users get corrections too, all over their history.
        assertThat(source.execute("update transactions set amount = amount + 1.23 where transaction_id % 37 = 0"))
                .isGreaterThan(EACH);
        assertThat(
                        source.execute(
                                "update transactions set user_id = 1 + (user_id + 17) % 300 where transaction_id % 41 = 0 and user_id < 100000"))
                .isGreaterThan(EACH);
        assertThat(source.execute(
                        "update transactions set time = time - interval '30 hours' where transaction_id % 43 = 0"))
                .isGreaterThan(EACH);
        assertThat(source.execute("delete from transactions where transaction_id % 47 = 0 and user_id < 100000"))
                .isGreaterThan(EACH);
    }

    /**
     * Runs the pipeline again over the corrections; its compute is killed once before it may finish, and it is Feast's own SDK that
     * materializes, through a server.
     */
    private Instant secondRun(LarderProcess larder, FeastSdk feast, Path repo)
            throws IOException, InterruptedException {
        larder.run("ingest");
        Instant end = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        killDuringCompute(larder, end);
        larder.run("compute", "--to", end.toString());
        assertThat(larder.run("compute", "--to", end.toString())).contains("up to date");
        try (LarderServer server = LarderServer.start(larder, folder, "strict")) {
            feast.materializeIncremental(repo, server.url(), end, folder);
        }
        return end;
    }

    /** kill -9 as soon as compute has written a data file that no commit names yet. */
    private void killDuringCompute(LarderProcess larder, Instant end) throws IOException, InterruptedException {
        Path features = folder.resolve("banking/data/lake");
        long before = dataFiles(features);
        Path output = folder.resolve("killed.out");
        Process compute = larder.start(output, "compute", "--to", end.toString());
        Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> dataFiles(features) > before || !compute.isAlive());
        assertThat(compute.isAlive())
                .as("killed in mid-run: " + Files.readString(output))
                .isTrue();
        List<ProcessHandle> all = new ArrayList<>(compute.descendants().toList());
        all.add(compute.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        compute.waitFor();
    }

    private static long dataFiles(Path lake) {
        try (Stream<Path> files = Files.walk(lake)) {
            return files.filter(file -> file.toString().contains("features_"))
                    .filter(file -> file.toString().endsWith(".parquet"))
                    .count();
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    // ---- training sets ----------------------------------------------------------------------------------------------

    /** What is asked: user, time, and a label that must come through untouched. */
    private record Questions(List<Asked> asked, List<Double> labels) {}

    private Questions questions(Source source, Instant end) throws SQLException {
        Random random = new Random(SEED);
        List<Long> users = new ArrayList<>(source.ids("select distinct user_id from transactions order by 1"));
        for (int kind = 0; kind < KINDS.size(); kind++) {
            for (int i = 0; i < EACH; i++) {
                users.add(user(kind, i));
                users.add(user(kind, i) + 500_000);
            }
        }
        List<Asked> asked = new ArrayList<>();
        List<Double> labels = new ArrayList<>();
        Instant midnight = end.truncatedTo(ChronoUnit.DAYS);
        for (int i = 0; i < 6000; i++) {
            long user = users.get(random.nextInt(users.size()));
            Instant at = midnight.minus(Duration.ofMinutes(random.nextInt(25 * 24 * 60)));
            if (i % 10 == 0) {
                at = at.truncatedTo(ChronoUnit.DAYS);
            } else if (i % 10 == 1) {
                at = end.plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.DAYS);
            }
            asked.add(new Asked(user, at));
            labels.add(random.nextInt(1000) / 8.0);
        }
        return new Questions(asked, labels);
    }

    private void compareTrainingSets(LarderProcess larder, Source source, Questions questions, Instant end)
            throws SQLException, IOException {
        StringBuilder csv = new StringBuilder("user_id,event_timestamp,label\n");
        for (int i = 0; i < questions.asked().size(); i++) {
            Asked asked = questions.asked().get(i);
            csv.append(asked.userId())
                    .append(',')
                    .append(asked.at())
                    .append(',')
                    .append(questions.labels().get(i))
                    .append('\n');
        }
        Path entities = Files.writeString(folder.resolve("entities.csv"), csv);
        List<Expected> transactions = source.transactions(questions.asked(), end.truncatedTo(ChronoUnit.DAYS));
        List<Expected> customers = source.customers(questions.asked());
        for (String format : List.of("parquet", "csv")) {
            Path out = folder.resolve("training." + format);
            larder.run(
                    "training-set",
                    "--entities",
                    entities.toString(),
                    "--feature-service",
                    SERVICE,
                    "--out",
                    out.toString());
            compareTrainingSet(out, questions, transactions, customers);
        }
    }

    private static void compareTrainingSet(
            Path out, Questions questions, List<Expected> transactions, List<Expected> customers) throws SQLException {
        String read = out.toString().endsWith(".csv")
                ? "read_csv('%s', types={'total_amount_l1w':'FLOAT','avg_amount_l1w':'FLOAT','min_amount_l1w':'FLOAT','max_amount_l1w':'FLOAT'})"
                : "read_parquet('%s')";
        List<String> mistakes = new ArrayList<>();
        long filled = 0;
        int row = 0;
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select *, epoch_us(event_timestamp) as at_us from " + read.formatted(out))) {
            while (rows.next()) {
                Asked asked = questions.asked().get(row);
                assertThat(rows.getLong("user_id")).isEqualTo(asked.userId());
                assertThat(rows.getLong("at_us")).isEqualTo(ChronoUnit.MICROS.between(Instant.EPOCH, asked.at()));
                assertThat(rows.getDouble("label")).isEqualTo(questions.labels().get(row));
                Map<String, @Nullable Object> expected =
                        new LinkedHashMap<>(transactions.get(row).features());
                expected.putAll(customers.get(row).features());
                for (Map.Entry<String, @Nullable Object> cell : expected.entrySet()) {
                    Object actual = rows.getObject(cell.getKey());
                    if (!Comparison.same(cell.getValue(), actual)) {
                        mistakes.add("row %d %s %s: %s, the source says %s"
                                .formatted(row, asked, cell.getKey(), actual, cell.getValue()));
                    }
                    filled += actual == null ? 0 : 1;
                }
                row++;
            }
        }
        assertThat(mistakes).as("%s: wrong cells", out.getFileName()).isEmpty();
        assertThat(row).isEqualTo(questions.asked().size());
        assertThat(filled).as("cells with a value").isGreaterThan(20_000);
    }

    // ---- online -----------------------------------------------------------------------------------------------------

    private void compareOnline(LarderProcess larder, FeastSdk feast, Source source, Path repo, Instant end)
            throws Exception {
        List<Long> users = new ArrayList<>(
                source.ids(
                        "select user_id from transactions union select user_id from customers union select user_id from customers_audit order by 1"));
        for (int kind = 0; kind < KINDS.size(); kind++) {
            for (int i = 0; i < EACH; i++) {
                if (!users.contains(user(kind, i))) {
                    users.add(user(kind, i));
                }
            }
        }
        for (long i = 0; i < EACH; i++) {
            users.add(NEVER_SEEN + i);
        }
        List<Asked> asked = users.stream()
                .map(user -> new Asked(user, Instant.now().plus(Duration.ofDays(1))))
                .toList();
        List<Expected> transactions = source.transactions(asked, end.truncatedTo(ChronoUnit.DAYS));
        List<Expected> customers = source.customers(asked);
        everyKindIsThere(users, transactions, customers);

        ObjectNode request = Answer.JSON.createObjectNode().put("feature_service", SERVICE);
        ArrayNode ids = request.putObject("entities").putArray("user_id");
        users.forEach(ids::add);

        try (LarderServer server = LarderServer.start(larder, folder, "strict")) {
            Answer answer = Answer.ask(server.url(), request);
            assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
            assertThat(Comparison.onlineMistakes(answer, users, transactions, customers))
                    .isEmpty();
        }
        JsonNode sdk = feast.read(repo, SERVICE, request, folder);
        compareWithSdk(sdk, users, transactions, customers);
        compareWithFeastServer(larder, feast, repo, request, users);
    }

    /** The oracle itself must show each kind of correction, or the comparison would prove little. */
    private static void everyKindIsThere(List<Long> users, List<Expected> transactions, List<Expected> customers) {
        Map<String, List<String>> seen = new LinkedHashMap<>();
        for (int row = 0; row < users.size(); row++) {
            long user = users.get(row) - OWN;
            int kind = (int) (user / 1000);
            if ((user >= 0 && kind < KINDS.size()) || user >= NEVER_SEEN - OWN) {
                String name = kind < KINDS.size() ? KINDS.get(kind) : "never seen";
                Object count = transactions.get(row).features().get("num_transactions_l1w");
                String customer = customers.get(row).deleted()
                        ? "deleted"
                        : String.valueOf(customers.get(row).features().get("location"));
                seen.computeIfAbsent(name, n -> new ArrayList<>()).add(count + " " + customer);
            }
        }
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("only transaction updated", "1 Bern");
        expected.put("only transaction moved to another user", "null Bern");
        expected.put("only transaction moved to another day", "0 Bern");
        expected.put("only transaction deleted", "null Bern");
        expected.put("gone quiet", "0 Bern");
        expected.put("customer deleted", "1 deleted");
        expected.put("customer deleted and back", "1 Basel");
        expected.put("customer moved house", "1 Zug");
        expected.put("never seen", "null null");
        assertThat(seen.keySet()).isEqualTo(expected.keySet());
        expected.forEach((kind, shown) ->
                assertThat(seen.get(kind)).as(kind).hasSize(EACH).containsOnly(shown));
    }

    private static void compareWithSdk(
            JsonNode sdk, List<Long> users, List<Expected> transactions, List<Expected> customers) {
        assertThat(Comparison.sdkMistakes(sdk, users, transactions, customers))
                .as("values that Feast's SDK reads from our files")
                .isEmpty();
        JsonNode objects = sdk.path("objects");
        assertThat(objects.path("feature_views").toString())
                .isEqualTo("[\"customer_demographics\",\"transactions_last_week\"]");
        assertThat(objects.path("feature_services").toString()).contains(SERVICE);
        assertThat(objects.path("entities").toString()).contains("user");
        assertThat(objects.path("intervals").path("transactions_last_week")).isNotEmpty();
    }

    private void compareWithFeastServer(
            LarderProcess larder, FeastSdk feast, Path repo, ObjectNode request, List<Long> users) throws Exception {
        try (FeastSdk.Server theirs = feast.serve(repo, folder);
                LarderServer ours = LarderServer.start(larder, folder, "feast")) {
            for (boolean fullNames : new boolean[] {false, true}) {
                ObjectNode asked = request.deepCopy().put("full_feature_names", fullNames);
                sameAnswer(Answer.ask(ours.url(), asked), Answer.ask(theirs.url(), asked));
                ObjectNode listed = Answer.JSON.createObjectNode().put("full_feature_names", fullNames);
                listed.putArray("features")
                        .add("customer_demographics:age")
                        .add("transactions_last_week:max_amount_l1w");
                listed.putObject("entities")
                        .putArray("user_id")
                        .add(users.get(0))
                        .add(String.valueOf(users.get(1)));
                sameAnswer(Answer.ask(ours.url(), listed), Answer.ask(theirs.url(), listed));
            }
        }
    }

    private static void sameAnswer(Answer ours, Answer theirs) {
        assertThat(theirs.status()).as(theirs.body().toString()).isEqualTo(200);
        assertThat(ours.status()).as(ours.body().toString()).isEqualTo(200);
        assertThat(ours.results().keySet()).isEqualTo(theirs.results().keySet());
        theirs.results()
                .forEach((feature, result) ->
                        assertThat(ours.results().get(feature)).as(feature).isEqualTo(result));
    }

    // ---- helpers ----------------------------------------------------------------------------------------------------

    private static long user(int kind, int i) {
        return OWN + kind * 1000L + i;
    }

    private Source openSource(Path repo) throws SQLException {
        return new Source(EmbeddedStack.running(repo.resolve("data/stack"))
                .orElseThrow()
                .postgres()
                .jdbcUrl());
    }
}
