package dev.larder.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.servers.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The banking example on PostgreSQL, Kafka, Connect, MinIO, Redis, Trino and Airflow. The steps build on each other: first Airflow
 * drives the days, then each part fails once, and after each all answers agree with the source again.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FullStackTest {
    private static final int DAYS = Integer.getInteger("larder.proof.days", 3);
    private static final int OVERWRITES = Integer.getInteger("larder.proof.overwrites", 5);
    private static final int READS_WITHIN_EACH = 5;
    private static final String VIEW = "transactions_last_week";

    private FullStack stack;
    private Airflow airflow;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        stack = FullStack.start(folder, DAYS);
        airflow = Airflow.of(stack);
    }

    @AfterAll
    void stop() throws SQLException {
        if (stack != null) {
            stack.close();
        }
    }

    // ---- Airflow drives every day -----------------------------------------------------------------------------------

    @Test
    @Order(1)
    void airflowDrivesEveryDayAndAllAnswersAgree() throws Exception {
        stack.larder().run("ingest");
        stack.larder().run("compute", "--to", today().minusDays(DAYS) + "T00:00:00Z");
        for (LocalDate day : days().subList(0, DAYS - 1)) {
            airflow.test("gen_data_daily", day);
            airflow.test("gen_lxw_fts", day);
        }
        Files.writeString(stack.repo().resolve("entities.csv"), entities());
        airflow.backfill(days().get(DAYS - 1), days().get(DAYS - 1), false);

        assertThat(stack.source().ids("select count(distinct (time at time zone 'UTC')::date) from transactions"))
                .first()
                .satisfies(days -> assertThat(days).isGreaterThanOrEqualTo(10L + DAYS));
        // A day's run computes up to the day's end: who was deleted since is there until the next one.
        stack.everythingAgreesWithTheSource(today().atStartOfDay(ZoneOffset.UTC).toInstant());
        assertThat(stack.repo().resolve("training_set.parquet")).isNotEmptyFile();
    }

    @Test
    @Order(2)
    void aRepeatedBackfillChangesNothing() throws Exception {
        List<String> features = stack.contents(VIEW);
        List<String> customers = stack.contents("customer_demographics");
        Map<String, String> online = RedisDump.of(stack.endpoints());
        assertThat(features).hasSizeGreaterThan(1000);
        assertThat(online).isNotEmpty();

        airflow.backfill(days().get(0), days().get(DAYS - 1), true);
        computeDay(days().get(0));
        List<LocalDate> backwards = new ArrayList<>(days());
        Collections.reverse(backwards);
        backwards.forEach(this::computeDay);
        stack.larder().run("materialize-incremental", "now");

        assertThat(stack.contents(VIEW)).isEqualTo(features);
        assertThat(stack.contents("customer_demographics")).isEqualTo(customers);
        assertThat(RedisDump.of(stack.endpoints())).isEqualTo(online);
    }

    @Test
    @Order(3)
    void twoRunsOfOneIntervalAtOnceLeaveWhatOneRunLeaves() throws Exception {
        changeAmounts(1);
        stack.larder().run("ingest");
        ExecutorService both = Executors.newFixedThreadPool(2);
        try {
            String end = today() + "T00:00:00Z";
            List<Future<LarderProcess.Outcome>> runs = List.of(
                    both.submit(() -> stack.larder().tryRun("compute", "--to", end)),
                    both.submit(() -> stack.larder().tryRun("compute", "--to", end)));
            List<LarderProcess.Outcome> outcomes = new ArrayList<>();
            for (Future<LarderProcess.Outcome> run : runs) {
                outcomes.add(run.get());
            }
            assertThat(outcomes).anyMatch(outcome -> outcome.exitCode() == 0);
            assertThat(outcomes).noneMatch(outcome -> outcome.output().contains("Exception"));
        } finally {
            both.shutdown();
        }
        List<String> afterBoth = stack.contents(VIEW);
        repair();
        assertThat(stack.contents(VIEW)).isEqualTo(afterBoth);
    }

    @Test
    @Order(4)
    void aFailedTaskFailsTheRunAndItsRetryRepairsIt() throws Exception {
        LocalDate day = days().get(DAYS - 1);
        airflow.test("gen_data_daily", day);
        changeAmounts(2);
        stack.kill(Part.MINIO);

        LarderProcess.Outcome failed = airflow.tryTest("gen_lxw_fts", day);
        assertThat(failed.exitCode()).isNotZero();
        assertThat(failed.output()).contains("error LAKE_UNAVAILABLE");

        stack.startAgain();
        airflow.test("gen_lxw_fts", day);
        repair();
    }

    // ---- faults -----------------------------------------------------------------------------------------------------

    @Test
    @Order(10)
    void sparkKilledBetweenFilesAndCommit() throws Exception {
        List<String> before = stack.contents(VIEW);
        changeAmounts(3);
        stack.larder().run("ingest");

        try (CatalogLock lock = stack.holdCommits(VIEW)) {
            Process compute = stack.larder().start(stack.folder().resolve("killed.out"), "compute", "--view", VIEW);
            lock.awaitCommit(compute);
            killAll(compute);
            lock.dropWaitingCommits();
        }

        assertThat(stack.contents(VIEW)).isEqualTo(before);
        repair();
        assertThat(stack.contents(VIEW)).isNotEqualTo(before);
    }

    @Test
    @Order(11)
    void storageGoneDuringAWrite() throws Exception {
        changeAmounts(4);
        stack.larder().run("ingest");
        List<String> before = stack.contents(VIEW);

        Path output = stack.folder().resolve("storage-gone.out");
        Process compute = stack.larder().start(output, "compute", "--view", VIEW);
        awaitNewFile(compute, output);
        stack.kill(Part.MINIO);
        assertThat(compute.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(compute.exitValue()).isNotZero();
        assertThat(Files.readString(output)).contains("error LAKE_UNAVAILABLE").doesNotContain("\tat ");

        stack.startAgain();
        assertThat(stack.contents(VIEW)).isEqualTo(before);
        repair();
    }

    @Test
    @Order(12)
    void kafkaRestartedDuringIngest() throws Exception {
        changeAmounts(5);
        Path output = stack.folder().resolve("kafka-restarted.out");
        Process ingest = stack.larder().start(output, "ingest");
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !ingest.isAlive() || Files.readString(output).contains("wait for the change log"));
        stack.kill(Part.KAFKA);
        stack.startAgain();

        assertThat(ingest.waitFor(10, TimeUnit.MINUTES)).isTrue();
        if (ingest.exitValue() != 0) {
            assertThat(Files.readString(output))
                    .containsPattern("error [A-Z_]+: ")
                    .doesNotContain("\tat ");
        }
        stack.larder().run("connect", "--restart");
        repair();
    }

    @Test
    @Order(13)
    void connectSendsOldPositionsAgainAtNewOffsets() throws Exception {
        long sentTwice = 0;
        for (int attempt = 0; attempt < 5 && sentTwice == 0; attempt++) {
            ChangeTopic topic = ChangeTopic.of(stack.endpoints(), "banking.public.transactions");
            long before = topic.end();
            int changed = changeAmounts(6 + attempt);
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> topic.end() >= before + changed);
            stack.kill(Part.CONNECT);
            stack.startAgain();
            stack.larder().run("connect");
            // The log is caught up with when this returns, so whatever is sent again has been sent.
            stack.larder().run("ingest");
            sentTwice = topic.end() - before - changed;
        }
        assertThat(sentTwice).as("events that Connect sent again").isPositive();
        repair();
    }

    @Test
    @Order(14)
    void redisGoneDuringMaterialize() throws Exception {
        changeAmounts(20);
        stack.larder().run("ingest");
        stack.larder().run("compute");

        Path output = stack.folder().resolve("redis-gone.out");
        Process materialize = stack.larder().start(output, "materialize-incremental", "now");
        RedisDump.awaitLease(stack.endpoints(), materialize);
        stack.kill(Part.REDIS);
        assertThat(materialize.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(materialize.exitValue()).isEqualTo(1);
        assertThat(Files.readString(output))
                .contains("error ONLINE_STORE_UNAVAILABLE")
                .doesNotContain("\tat ");

        stack.startAgain();
        stack.larder().run("materialize-incremental", "now");
        stack.everythingAgreesWithTheSource(Instant.now());
    }

    @Test
    @Order(15)
    void redisFlushedIsNoticedAndFilledAgain() throws Exception {
        Map<String, String> online = RedisDump.of(stack.endpoints());
        RedisDump.flush(stack.endpoints());
        assertThat(RedisDump.of(stack.endpoints())).isEmpty();

        stack.larder().run("materialize-incremental", "now");

        assertThat(RedisDump.of(stack.endpoints()).keySet()).isEqualTo(online.keySet());
        stack.everythingAgreesWithTheSource(Instant.now());
    }

    // ---- readers ----------------------------------------------------------------------------------------------------

    /** The sum over one day tells the old rows from the new ones, and both from a mixture of them. */
    @Test
    @Order(20)
    void readersSeeAnIntervalBeforeOrAfterButNeverBetween() throws Exception {
        LocalDate day = changedDay();
        String query = ("select count(*), count(distinct user_id), sum(cast(total_amount_l1w as double)) "
                        + "from features_transactions_last_week where day = date '%s'")
                .formatted(day);
        for (int overwrite = 1; overwrite <= OVERWRITES; overwrite++) {
            changeAmounts(30 + overwrite);
            stack.larder().run("ingest");
            String before = only(stack.trino(query));
            AtomicBoolean done = new AtomicBoolean();
            ExecutorService reader = Executors.newSingleThreadExecutor();
            try {
                Future<List<String>> reads = reader.submit(() -> {
                    List<String> seen = new ArrayList<>();
                    while (!done.get()) {
                        seen.add(only(stack.trino(query)));
                    }
                    return seen;
                });
                int between = overwriteAndReadBeforeTheCommit(day, query, before);
                done.set(true);
                String after = only(stack.trino(query));
                List<String> seen = reads.get();
                System.out.printf(
                        "overwrite %d: %d reads, %d more between files and commit, before %s, after %s%n",
                        overwrite, seen.size(), between, before, after);
                assertThat(after).isNotEqualTo(before);
                assertThat(seen).as("what readers saw").allMatch(read -> read.equals(before) || read.equals(after));
            } finally {
                done.set(true);
                reader.shutdown();
            }
        }
        repair();
    }

    /** How many reads there were while all files were written and none was committed. */
    private int overwriteAndReadBeforeTheCommit(LocalDate day, String query, String before) throws Exception {
        Path output = stack.folder().resolve("overwrite.out");
        Process compute;
        int reads = 0;
        try (CatalogLock lock = stack.holdCommits(VIEW)) {
            compute = stack.larder().start(output, computeOf(day));
            lock.awaitCommit(compute);
            for (; reads < READS_WITHIN_EACH; reads++) {
                assertThat(only(stack.trino(query))).isEqualTo(before);
            }
        }
        assertThat(compute.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(compute.exitValue()).as(Files.readString(output)).isZero();
        return reads;
    }

    // ---- helpers ----------------------------------------------------------------------------------------------------

    private String entities() throws SQLException {
        String at = today() + "T00:00:00Z";
        return stack.source().ids("select distinct user_id from transactions order by 1 limit 50").stream()
                .map(user -> user + "," + at + "\n")
                .collect(Collectors.joining("", "user_id,event_timestamp\n", ""));
    }

    /** When the test began, should a night fall meanwhile. */
    private LocalDate today() {
        return stack.firstAirflowDay().plusDays(DAYS);
    }

    /** Recent enough for its amounts to be part of the latest rows. */
    private LocalDate changedDay() {
        return today().minusDays(3);
    }

    private List<LocalDate> days() {
        return stack.firstAirflowDay().datesUntil(today()).toList();
    }

    private int changeAmounts(int by) throws SQLException {
        LocalDate day = changedDay();
        int changed = stack.source()
                .execute(("update transactions set amount = amount + %d where transaction_id %% 3 = 0"
                                + " and time >= '%s' and time < '%s'")
                        .formatted(by, day, day.plusDays(1)));
        assertThat(changed).isGreaterThan(10);
        return changed;
    }

    private void computeDay(LocalDate day) {
        stack.larder().run(computeOf(day));
    }

    /** The stamp at the end of the day, and no other. */
    private static String[] computeOf(LocalDate day) {
        return new String[] {"compute", "--from", day + "T00:00:00Z", "--to", day.plusDays(1) + "T00:00:00Z"};
    }

    /** What a person does after any failure: the same commands again. Midnight may fall between them. */
    private void repair() throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        stack.larder().run("ingest");
        stack.larder().run("compute", "--to", now.toString());
        stack.larder().run("materialize-incremental", "now");
        stack.everythingAgreesWithTheSource(now);
    }

    private void awaitNewFile(Process compute, Path output) throws IOException {
        try (LakeFiles files = LakeFiles.of(stack.endpoints())) {
            long before = files.ofView(VIEW);
            Awaitility.await()
                    .atMost(Duration.ofMinutes(3))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> files.ofView(VIEW) > before || !compute.isAlive());
        }
        assertThat(compute.isAlive())
                .as("has written a file and not committed: " + Files.readString(output))
                .isTrue();
    }

    private static void killAll(Process process) throws InterruptedException {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        process.waitFor();
    }

    private static String only(List<String> rows) {
        assertThat(rows).hasSize(1);
        return rows.get(0);
    }
}
