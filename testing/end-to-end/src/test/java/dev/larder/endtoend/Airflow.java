package dev.larder.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.servers.AirflowCommand;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * The DAGs on the full stack: one at a time by {@code airflow dags test}, which needs no server, and by the stack's own Airflow with
 * its scheduler, whose runs do not mix with the former.
 */
final class Airflow {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration LIMIT = Duration.ofMinutes(60);

    private final FullStack stack;
    private final AirflowCommand alone;
    private final AirflowCommand served;

    private Airflow(FullStack stack, AirflowCommand alone, AirflowCommand served) {
        this.stack = stack;
        this.alone = alone;
        this.served = served;
    }

    static Airflow of(FullStack stack) throws IOException, InterruptedException {
        Map<String, String> variables = new HashMap<>(stack.airflowVariables());
        variables.put("LARDER_START_DATE", "2020-01-01");
        AirflowCommand alone = AirflowCommand.alone(stack.folder().resolve("airflow-alone"), variables);
        Airflow airflow = new Airflow(stack, alone, AirflowCommand.of(stack.endpoints()));
        assertThat(airflow.run(alone, "db", "migrate").exitCode())
                .as("airflow db migrate")
                .isZero();
        return airflow;
    }

    /** The run of a day's interval. */
    void test(String dag, LocalDate day) throws IOException, InterruptedException {
        assertThat(tryTest(dag, day).exitCode())
                .as("airflow dags test " + dag + " of " + day)
                .isZero();
    }

    /** The date that it is given is the end of the interval, as that of a run by hand. */
    LarderProcess.Outcome tryTest(String dag, LocalDate day) throws IOException, InterruptedException {
        return run(alone, "dags", "test", dag, day.plusDays(1).toString());
    }

    /**
     * Has the scheduler make up for days, data first, and waits for these runs and for those that the new features trigger.
     *
     * @param again whether days are run again that have run
     */
    void backfill(LocalDate first, LocalDate last, boolean again) throws IOException, InterruptedException {
        for (String dag : List.of("gen_data_daily", "gen_lxw_fts", "materialize_online", "export_training_set")) {
            assertThat(run(served, "dags", "unpause", "--yes", dag).exitCode()).isZero();
        }
        for (String dag : List.of("gen_data_daily", "gen_lxw_fts")) {
            assertThat(run(
                                    served,
                                    "backfill",
                                    "create",
                                    "--dag-id",
                                    dag,
                                    "--from-date",
                                    first.toString(),
                                    "--to-date",
                                    last.toString(),
                                    "--max-active-runs",
                                    "1",
                                    "--reprocess-behavior",
                                    again ? "completed" : "none")
                            .exitCode())
                    .isZero();
            awaitSuccess(dag);
        }
        String computed = latest(get("/api/v2/dags/gen_lxw_fts/dagRuns/~/taskInstances?limit=1000&task_ids=compute")
                .findValuesAsText("end_date"));
        for (String dag : List.of("materialize_online", "export_training_set")) {
            Awaitility.await("a run of " + dag + " after the last features")
                    .atMost(Duration.ofMinutes(3))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> latest(runs(dag).findValuesAsText("queued_at")).compareTo(computed) >= 0);
            awaitSuccess(dag);
        }
    }

    /** Of times in UTC as Airflow writes them. */
    private static String latest(List<String> times) {
        return times.stream().max(Comparator.naturalOrder()).orElse("");
    }

    private void awaitSuccess(String dag) {
        Awaitility.await("runs of " + dag)
                .atMost(LIMIT)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    List<String> states = runs(dag).findValuesAsText("state");
                    assertThat(states).doesNotContain("failed");
                    return !states.isEmpty() && states.stream().allMatch("success"::equals);
                });
    }

    private JsonNode runs(String dag) throws IOException, InterruptedException {
        return get("/api/v2/dags/" + dag + "/dagRuns?limit=1000").path("dag_runs");
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        String token = ask(HttpRequest.newBuilder(url("/auth/token")).build())
                .path("access_token")
                .asText();
        return ask(HttpRequest.newBuilder(url(path))
                .header("Authorization", "Bearer " + token)
                .build());
    }

    private static JsonNode ask(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 201);
        return Answer.JSON.readTree(response.body());
    }

    private URI url(String path) {
        return stack.endpoints().airflow().orElseThrow().url().resolve(path);
    }

    private LarderProcess.Outcome run(AirflowCommand airflow, String... words)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile(stack.folder(), "airflow", ".out");
        Process process = airflow.process(words)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .as("airflow " + String.join(" ", words) + " ends")
                .isTrue();
        System.out.printf("$ airflow %s%n%s", String.join(" ", words), Files.readString(output));
        return new LarderProcess.Outcome(process.exitValue(), Files.readString(output));
    }
}
