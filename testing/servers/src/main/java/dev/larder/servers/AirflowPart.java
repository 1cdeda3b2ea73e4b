package dev.larder.servers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Airflow's API server, scheduler and DAG processor, with its own database on the stack's PostgreSQL.
 *
 * @param others where the parts are that its tasks use
 * @param variables what its tasks find in their environment besides
 */
record AirflowPart(
        StackFolder folder,
        ProjectFiles project,
        Answers answers,
        int port,
        StackEndpoints others,
        Map<String, String> variables)
        implements StackPart {
    private static final Pattern HEALTHY = Pattern.compile("\"(scheduler|dag_processor)\":\\{\"status\":\"healthy\"");

    static AirflowEndpoint endpoint(StackFolder folder, int port) {
        return new AirflowEndpoint(StackEndpoints.url(port), folder.data(Part.AIRFLOW));
    }

    @Override
    public Part part() {
        return Part.AIRFLOW;
    }

    /** What a killed Airflow has left: its processes go on when the one that started them is gone. */
    @Override
    public void prepare(Cancellation cancellation) {
        Ending.endMarked(folder.mark(Part.AIRFLOW));
    }

    private AirflowCommand airflow() {
        return AirflowCommand.served(endpoint(folder, port), others);
    }

    @Override
    public List<String> command() {
        return List.of(
                bash().toString(),
                project.shared("deploy/native/airflow.sh").toString(),
                airflow().executable().toString());
    }

    @Override
    public Map<String, String> environment() {
        Map<String, String> all = new HashMap<>(airflow().environment());
        all.putAll(variables);
        all.put(StackFolder.MARK, folder.mark(Part.AIRFLOW));
        return all;
    }

    @Override
    public List<String> dependsOn() {
        return Stream.of(others.environment(), variables)
                .flatMap(all -> all.entrySet().stream())
                .map(Map.Entry::toString)
                .sorted()
                .toList();
    }

    private static Path bash() {
        return NativeTools.program("bash");
    }

    @Override
    public List<String> programs() {
        return List.of(NativeTools.real(bash()).toString());
    }

    @Override
    public boolean isReady(long pid) {
        return answers.ok(port, "/api/v2/monitor/health")
                .filter(health ->
                        HEALTHY.matcher(health.replaceAll("\\s", "")).results().count() == 2)
                .isPresent();
    }

    @Override
    public Duration timeToStart() {
        return Duration.ofMinutes(4);
    }
}
