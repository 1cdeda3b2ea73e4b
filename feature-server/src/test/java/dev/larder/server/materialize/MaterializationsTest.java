package dev.larder.server.materialize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.server.materialize.Materializations.Report;
import dev.larder.server.materialize.Materializations.State;
import dev.larder.server.metrics.ServerMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class MaterializationsTest {
    private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");
    private static final Instant END = Instant.parse("2026-11-08T00:00:00Z");

    private final Path folder;
    private final FakeLarder larder;
    private final Set<String> leased = ConcurrentHashMap.newKeySet();
    private final ServerMetrics metrics = new ServerMetrics("/get-online-features");
    private final List<Materializations> opened = new ArrayList<>();

    MaterializationsTest(@TempDir Path folder) {
        this.folder = folder;
        this.larder = FakeLarder.in(folder);
    }

    @AfterEach
    void close() {
        opened.forEach(Materializations::close);
    }

    @Test
    void someRunAtOnceAndTheOthersInTheirOrder() throws Exception {
        Materializations materializations = atOnce(2);
        larder.hold();
        CompletableFuture<Void> a = materializations.submit(of("a"));
        CompletableFuture<Void> b = materializations.submit(of("b"));
        CompletableFuture<Void> c = materializations.submit(of("c"));
        CompletableFuture<Void> d = materializations.submit(of("d"));
        Awaitility.await().until(() -> larder.calls().size() == 2);
        assertThat(states(materializations)).containsExactly("d WAITING", "c WAITING", "b RUNNING", "a RUNNING");
        larder.release();
        CompletableFuture.allOf(a, b, c, d).get();

        assertThat(larder.calls()).hasSize(4);
        assertThat(larder.calls().subList(2, 4).toString()).contains("--view=c").contains("--view=d");
        assertThat(states(materializations))
                .containsExactly("d SUCCEEDED", "c SUCCEEDED", "b SUCCEEDED", "a SUCCEEDED");
    }

    @Test
    void runsAreCountedForEachOfTheirViews() throws Exception {
        atOnce(1).submit(of("a", "b")).get();
        larder.fail("exit 3");
        assertThatThrownBy(() -> atOnce(1).submit(of("b")).get()).isInstanceOf(ExecutionException.class);

        String told = new String(metrics.scrape(null).body(), StandardCharsets.UTF_8);
        assertThat(told.lines().filter(line -> line.contains("feast_materialization_result_total{")))
                .containsExactly(
                        "feast_materialization_result_total{feature_view=\"a\",status=\"success\"} 1.0",
                        "feast_materialization_result_total{feature_view=\"b\",status=\"failure\"} 1.0",
                        "feast_materialization_result_total{feature_view=\"b\",status=\"success\"} 1.0");
        assertThat(told).contains("feast_materialization_duration_seconds_count{feature_view=\"b\"} 2\n");
        assertThat(Pattern.compile("duration_seconds_bucket\\{feature_view=\"a\",le=\"([^\"]*)\"")
                        .matcher(told)
                        .results()
                        .map(found -> found.group(1)))
                .as("Feast's buckets")
                .containsExactly(
                        "1.0", "5.0", "10.0", "30.0", "60.0", "120.0", "300.0", "600.0", "1800.0", "3600.0", "+Inf");
    }

    @Test
    void oneViewIsNeverMaterializedTwiceAtOnceAndNobodyOvertakes() throws Exception {
        Materializations materializations = atOnce(3);
        larder.hold();
        CompletableFuture<Void> first = materializations.submit(of("a", "b"));
        CompletableFuture<Void> second = materializations.submit(of("b", "c"));
        CompletableFuture<Void> third = materializations.submit(of("c"));
        CompletableFuture<Void> fourth = materializations.submit(of("d"));
        Awaitility.await().until(() -> larder.calls().size() == 2);
        assertThat(states(materializations)).containsExactly("d RUNNING", "c WAITING", "b,c WAITING", "a,b RUNNING");
        larder.release();
        CompletableFuture.allOf(first, second, third, fourth).get();

        List<String> ends = larder.ends();
        assertThat(position(ends, "--view=b --view=c"))
                .isGreaterThan(position(ends, "--view=a --view=b"))
                .isLessThan(position(ends, "END --view=c"));
    }

    private static int position(List<String> ends, String views) {
        for (int i = 0; i < ends.size(); i++) {
            if (ends.get(i).replace(END.toString(), "END").contains(views)) {
                return i;
            }
        }
        throw new AssertionError(views + " is not in " + ends);
    }

    @Test
    void whatIsBusyHereOrElsewhereIsRefusedUnlessItMayWait() throws Exception {
        Materializations materializations = atOnce(2);
        larder.hold();
        CompletableFuture<Void> first = materializations.submitUnlessBusy(of("a", "b"));
        leased.add("c");
        assertThatThrownBy(() -> materializations.submitUnlessBusy(of("b", "c", "d")))
                .isInstanceOfSatisfying(AlreadyMaterializing.class, e -> assertThat(e.featureViews())
                        .containsExactly("b", "c"))
                .hasMessage(
                        "Feature views b, c: a materialization is going on already. Wait for its end, or send force=true to run after it.");
        CompletableFuture<Void> waits = materializations.submit(of("c"));
        larder.release();
        first.get();
        Thread.sleep(700);
        assertThat(waits.isDone()).as("another process has the lease").isFalse();
        assertThat(larder.calls()).hasSize(1);
        leased.clear();
        waits.get();
        assertThat(materializations.submitUnlessBusy(of("a"))).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void afterItsEndAViewIsFreeAtOnce() throws Exception {
        Materializations materializations = atOnce(1);
        for (int i = 0; i < 20; i++) {
            materializations.submitUnlessBusy(of("a")).get();
        }
        assertThat(larder.calls()).hasSize(20);
    }

    @Test
    void aFailureIsTheCommandsOwnError() throws IOException {
        assertFailure(
                "echo 'error ONLINE_STORE_UNAVAILABLE: Redis is away.' >&2; echo '  at some.Class' >&2; exit 1",
                ErrorCode.ONLINE_STORE_UNAVAILABLE,
                "Redis is away.");
        assertFailure(
                "echo 'error DEFINITION_INVALID: 2 mistakes'; echo 'views.yaml:6: unknown'; echo 'views.yaml:7: more'; echo other; exit 2",
                ErrorCode.DEFINITION_INVALID,
                "2 mistakes\nviews.yaml:6: unknown\nviews.yaml:7: more");
        assertFailure(
                "echo 'error NOT_BUILT: cli is not built yet.'; exit 1",
                ErrorCode.PROCESS_FAILED,
                "larder materialize: NOT_BUILT: cli is not built yet.");
        assertFailure(
                "exit 3",
                ErrorCode.PROCESS_FAILED,
                "larder materialize ended with exit code 3. Its last lines: materialize  12 rows");
        assertFailure(
                "kill -9 $$",
                ErrorCode.PROCESS_FAILED,
                "larder materialize was ended by signal 9; a process that needs more memory than there is ends so. Its last lines: materialize  12 rows");
    }

    private void assertFailure(String script, ErrorCode code, String message) throws IOException {
        larder.fail(script);
        Materializations materializations = atOnce(1);
        assertThatThrownBy(() -> materializations.submit(of("a")).get())
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessage(message);
        assertThat(materializations.reports()).singleElement().satisfies(report -> {
            assertThat(report.state()).isEqualTo(State.FAILED);
            assertThat(report.failure()).hasMessage(message);
            assertThat(report.ended()).isNotNull();
        });
    }

    @Test
    void aCommandThatCannotBeStartedIsNamed() {
        Materializations materializations = new Materializations(
                new LarderCommand(folder.resolve("absent"), folder, folder.resolve("feature_store.yaml")),
                1,
                leased::contains,
                Clock.systemUTC(),
                metrics.materializations());
        assertThatThrownBy(() -> materializations.submit(of("a")).get())
                .cause()
                .hasMessageStartingWith("Cannot start " + folder.resolve("absent"))
                .hasMessageEndingWith("Name the larder command of this installation with --larder-command.");
    }

    @Test
    void stoppingEndsWhatRunsAndGivesUpWhatWaits() throws Exception {
        Materializations materializations = atOnce(1);
        larder.hold();
        CompletableFuture<Void> runs = materializations.submit(of("a"));
        CompletableFuture<Void> waits = materializations.submit(of("b"));
        Awaitility.await().until(() -> larder.calls().size() == 1);
        materializations.close();

        String message =
                "The server stops, so the materialization was ended. Run it again: what is done is not done twice.";
        assertThatThrownBy(runs::get)
                .cause()
                .isInstanceOf(CannotMaterialize.class)
                .hasMessage(message);
        assertThatThrownBy(waits::get).cause().hasMessage(message);
        assertThatThrownBy(() -> materializations.submit(of("a"))).hasMessage(message);
        assertThat(larder.calls()).hasSize(2).last().isEqualTo("ended by a signal");
    }

    @Test
    void nothingToDoIsDone() {
        assertThat(atOnce(1).submitUnlessBusy(new Materialization(List.of(), null, END)))
                .isCompleted();
        assertThat(larder.calls()).isEmpty();
    }

    private Materializations atOnce(int count) {
        Materializations materializations = new Materializations(
                new LarderCommand(larder.program(), folder, folder.resolve("feature_store.yaml")),
                count,
                leased::contains,
                Clock.systemUTC(),
                metrics.materializations());
        opened.add(materializations);
        return materializations;
    }

    private static Materialization of(String... views) {
        return new Materialization(List.of(views), START, END);
    }

    private static List<String> states(Materializations materializations) {
        return materializations.reports().stream()
                .map((Report report) -> String.join(",", report.asked().featureViews()) + " " + report.state())
                .toList();
    }
}
