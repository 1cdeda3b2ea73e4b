package dev.larder.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.larder.endtoend.Source.Asked;
import dev.larder.endtoend.Source.Expected;
import dev.larder.progress.Progress;
import dev.larder.servers.EmbeddedStack;
import dev.larder.servers.NativeTools;
import dev.larder.servers.Part;
import dev.larder.servers.ServerClassPath;
import dev.larder.servers.StackEndpoints;
import dev.larder.servers.StackOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The banking example on the parts that a company runs, as processes: the same definitions, another feature_store file. */
final class FullStack implements AutoCloseable {
    static final String SERVICE = "user_risk";
    static final List<String> TRANSACTIONS = List.of(
            "num_transactions_l1w",
            "total_amount_l1w",
            "avg_amount_l1w",
            "min_amount_l1w",
            "max_amount_l1w",
            "num_vendors_l1w",
            "num_sources_l1w");
    static final List<String> CUSTOMERS = List.of("age", "gender", "location", "occupation");
    private static final int USERS = 150;
    private static final int FIRST_DAYS = 10;
    private static final long NEVER_SEEN = 9_000_000;

    private final Path folder;
    private final Path repo;
    private final Path stack;
    private final StackOptions options;
    private final Map<String, String> environment;
    private final Map<String, String> airflowVariables;
    private final LarderProcess larder;
    private final Source source;
    private final FeastSdk feast;
    private final LocalDate firstAirflowDay;

    private FullStack(
            Path folder, Path repo, Path stack, Map<String, String> environment, FeastSdk feast, int airflowDays)
            throws SQLException {
        this.folder = folder;
        this.repo = repo;
        this.stack = stack;
        this.environment = environment;
        this.airflowVariables = airflowVariables(repo, environment);
        this.options = StackOptions.fullForTests().withAirflowVariables(airflowVariables);
        this.larder = new LarderProcess(Path.of(System.getProperty("java.home")), repo, environment);
        this.feast = feast;
        this.source = new Source(endpoints(stack).postgres().jdbcUrl());
        this.firstAirflowDay = LocalDate.now(ZoneOffset.UTC).minusDays(airflowDays);
    }

    /**
     * Starts all parts and fills the source with some days, all captured.
     *
     * @param airflowDays how many further days are left for Airflow to generate; the last one is yesterday
     */
    static FullStack start(Path folder, int airflowDays) throws Exception {
        Optional<String> missing = NativeTools.missing(Set.of(Part.values()));
        if (System.getenv("CI") == null) {
            assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
        }
        FeastSdk feast = FeastSdk.required();
        Path repo = BankingRepository.copyInto(folder);
        Path stack = folder.resolve("stack");
        Map<String, String> environment = new HashMap<>(
                start(stack, StackOptions.fullForTests().without(Part.AIRFLOW)).environment());
        environment.put(
                "FEAST_FS_YAML_FILE_PATH",
                repo.resolve("feature_store.stack.yaml").toString());
        environment.put("FEAST_S3_ENDPOINT_URL", String.valueOf(environment.get("LARDER_S3_ENDPOINT")));
        // Some eighty short commands: their code is not worth compiling well, which would take half of all the time.
        environment.put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
        try {
            FullStack full = new FullStack(folder, repo, stack, environment, feast, airflowDays);
            full.fill(airflowDays);
            return full;
        } catch (Throwable e) {
            EmbeddedStack.stop(stack);
            throw e;
        }
    }

    /** What the tasks find in their environment; no day lies after the start date, so the scheduler runs backfills alone. */
    private static Map<String, String> airflowVariables(Path repo, Map<String, String> environment) {
        Map<String, String> variables = new HashMap<>(environment);
        variables.put("LARDER_COMMAND", LarderProcess.ROOT.resolve("larder").toString());
        variables.put(
                "LARDER_JAVA",
                Path.of(System.getProperty("java.home"), "bin/java").toString());
        variables.put("LARDER_REPO", repo.toString());
        variables.put("LARDER_FEATURE_STORE_YAML", String.valueOf(environment.get("FEAST_FS_YAML_FILE_PATH")));
        variables.put(
                "LARDER_START_DATE", LocalDate.now(ZoneOffset.UTC).plusDays(2).toString());
        variables.put("LARDER_TRAINING_ENTITIES", repo.resolve("entities.csv").toString());
        variables.put(
                "LARDER_TRAINING_SET", repo.resolve("training_set.parquet").toString());
        variables.put("LARDER_TASK_RETRIES", "0");
        variables.put("LARDER_POLL_SECONDS", "10");
        return variables;
    }

    private void fill(int airflowDays) throws SQLException, IOException {
        startAgain();
        larder.run("validate");
        larder.run("apply");
        generate(airflowDays, 1);
        source.executeScript("oracle/audit.sql");
        source.execute("create index on transactions (user_id, time)");
        // What was there before the capture began has no history: the snapshot is its first version.
        source.execute("insert into customers_audit (op, user_id, age, gender, location, occupation, day_start)"
                + " select 'I', user_id, age, gender, location, occupation, day_start from customers");
        larder.run("connect");
        generate(airflowDays, FIRST_DAYS);
    }

    private void generate(int airflowDays, int first) {
        larder.run(
                "generate",
                "--users",
                Integer.toString(USERS),
                "--days",
                Integer.toString(FIRST_DAYS + airflowDays),
                "--only-first",
                Integer.toString(first));
    }

    Map<String, String> airflowVariables() {
        return airflowVariables;
    }

    LarderProcess larder() {
        return larder;
    }

    Source source() {
        return source;
    }

    Path folder() {
        return folder;
    }

    Path repo() {
        return repo;
    }

    Map<String, String> environment() {
        return environment;
    }

    StackEndpoints endpoints() {
        return endpoints(stack);
    }

    LocalDate firstAirflowDay() {
        return firstAirflowDay;
    }

    // ---- parts that fail --------------------------------------------------------------------------------------------

    void kill(Part part) {
        EmbeddedStack.kill(stack, part);
    }

    void stop(Part part) {
        EmbeddedStack.stop(stack, part);
    }

    /** Starts what does not run, on the ports that it had. */
    void startAgain() {
        start(stack, options);
    }

    private static StackEndpoints start(Path stack, StackOptions options) {
        ServerClassPath classPath =
                ServerClassPath.read(LarderProcess.ROOT.resolve("testing/servers/target/classpath"));
        return EmbeddedStack.start(stack, classPath, options, Progress.none());
    }

    private static StackEndpoints endpoints(Path stack) {
        return EmbeddedStack.running(stack).orElseThrow();
    }

    // ---- what Trino sees --------------------------------------------------------------------------------------------

    /** The rows of a query, each as its cells' texts. */
    List<String> trino(String query) throws SQLException {
        try (Connection connection = openTrino();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> texts = new ArrayList<>();
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                List<String> cells = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    cells.add(rows.getString(i));
                }
                texts.add(String.join("|", cells));
            }
            return texts;
        }
    }

    Connection openTrino() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "test");
        String url = "jdbc:trino://%s:%d/lakehouse/banking";
        var endpoint = endpoints().trino().orElseThrow().url();
        return DriverManager.getConnection(url.formatted(endpoint.getHost(), endpoint.getPort()), properties);
    }

    /** All rows of a view but for when they were written, in one order. */
    List<String> contents(String view) throws SQLException {
        String features = String.join(", ", view.equals("transactions_last_week") ? TRANSACTIONS : CUSTOMERS);
        return trino(
                "select user_id, event_timestamp, %s, day from features_%s order by 1, 2".formatted(features, view));
    }

    /** Per user and stamp the cells of a view's row; of one stamp the one created last counts. */
    private Map<Long, NavigableMap<Instant, Map<String, @Nullable Object>>> history(String view, List<String> features)
            throws SQLException {
        try (Connection connection = openTrino();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select * from features_%s order by event_timestamp, created".formatted(view))) {
            Map<Long, NavigableMap<Instant, Map<String, @Nullable Object>>> history = new HashMap<>();
            while (rows.next()) {
                Map<String, @Nullable Object> cells = new LinkedHashMap<>();
                for (String feature : features) {
                    cells.put(feature, rows.getObject(feature));
                }
                Instant stamp = rows.getObject("event_timestamp", Instant.class);
                history.computeIfAbsent(rows.getLong("user_id"), id -> new TreeMap<>())
                        .put(stamp, cells);
            }
            return history;
        }
    }

    // ---- the comparison ---------------------------------------------------------------------------------------------

    /** What compute waits for when it has written all files. */
    CatalogLock holdCommits(String view) throws SQLException {
        return CatalogLock.of(endpoints().catalog(), "features_" + view);
    }

    /**
     * Compares every cell: HTTP, Redis as Feast's SDK reads it, and Trino against SQL over the source.
     *
     * @param end what everything was computed up to
     */
    void everythingAgreesWithTheSource(Instant end) throws Exception {
        List<Long> users = new ArrayList<>(
                source.ids(
                        "select user_id from transactions union select user_id from customers union select user_id from customers_audit order by 1"));
        for (long i = 0; i < 20; i++) {
            users.add(NEVER_SEEN + i);
        }
        List<Asked> asked = users.stream().map(user -> new Asked(user, end)).toList();
        Instant lastStamp = end.truncatedTo(ChronoUnit.DAYS);
        List<Expected> transactions = source.transactions(asked, lastStamp);
        List<Expected> customers = source.customers(asked);
        assertThat(transactions.stream().filter(row -> row.stamp() != null).count())
                .as("users with transactions")
                .isGreaterThan(USERS / 2);

        ObjectNode request = Answer.JSON.createObjectNode().put("feature_service", SERVICE);
        ArrayNode ids = request.putObject("entities").putArray("user_id");
        users.forEach(ids::add);
        try (LarderServer server = LarderServer.start(larder, folder, "strict")) {
            Answer answer = Answer.ask(server.url(), request);
            assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
            assertThat(Comparison.onlineMistakes(answer, users, transactions, customers))
                    .as("answers over HTTP")
                    .isEmpty();
        }
        JsonNode sdk = feast.read(repo, SERVICE, request, folder, environment);
        assertThat(Comparison.sdkMistakes(sdk, users, transactions, customers))
                .as("values that Feast's SDK reads from Redis")
                .isEmpty();

        List<Asked> eachDay = Stream.iterate(lastStamp, day -> day.minus(Duration.ofDays(1)))
                .limit(ChronoUnit.DAYS.between(firstAirflowDay, LocalDate.now(ZoneOffset.UTC)) + FIRST_DAYS)
                .flatMap(day -> users.stream().map(user -> new Asked(user, day)))
                .toList();
        assertThat(trinoMistakes(
                        eachDay,
                        source.transactions(eachDay, lastStamp),
                        history("transactions_last_week", TRANSACTIONS)))
                .as("rows of transactions_last_week in Trino, as of each day")
                .isEmpty();
        assertThat(trinoMistakes(eachDay, source.customers(eachDay), history("customer_demographics", CUSTOMERS)))
                .as("rows of customer_demographics in Trino, as of each day")
                .isEmpty();
        assertThat(
                        trino(
                                "select user_id, event_timestamp from features_transactions_last_week group by 1, 2 having count(*) > 1"))
                .as("rows of transactions_last_week that are there twice")
                .isEmpty();
        assertThat(trino(
                        "select count(*), count(distinct transaction_id), cast(sum(cast(amount as decimal(18, 2))) as varchar)"
                                + " from image_transactions where not __deleted"))
                .as("transactions in the lake: rows, keys, sum")
                .containsExactly(
                        source.row("select count(*), count(*), sum(amount::decimal(18, 2)) from transactions"));
    }

    private static List<String> trinoMistakes(
            List<Asked> asked,
            List<Expected> all,
            Map<Long, NavigableMap<Instant, Map<String, @Nullable Object>>> history) {
        List<String> mistakes = new ArrayList<>();
        for (int row = 0; row < asked.size(); row++) {
            Expected expected = all.get(row);
            NavigableMap<Instant, Map<String, @Nullable Object>> ofUser =
                    history.get(asked.get(row).userId());
            Map.Entry<Instant, Map<String, @Nullable Object>> found =
                    ofUser == null ? null : ofUser.floorEntry(asked.get(row).at());
            boolean same = found == null
                    ? expected.stamp() == null
                    : expected.deleted() || found.getKey().equals(expected.stamp());
            if (found != null) {
                for (Map.Entry<String, @Nullable Object> cell :
                        expected.features().entrySet()) {
                    Object wanted = expected.deleted() ? null : cell.getValue();
                    same &= Comparison.same(wanted, found.getValue().get(cell.getKey()));
                }
            }
            if (!same) {
                mistakes.add("%s: %s, the source says %s".formatted(asked.get(row), found, expected));
            }
        }
        return mistakes;
    }

    /** The stack's logs stay where the test's folder is kept. */
    @Override
    public void close() throws SQLException {
        source.close();
        EmbeddedStack.stop(stack);
        if (Files.exists(folder)) {
            assertThat(BankingRepository.processesOf(folder))
                    .as("processes left by the run")
                    .isEmpty();
        }
    }
}
