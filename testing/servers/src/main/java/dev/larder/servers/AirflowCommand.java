package dev.larder.servers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Airflow's command line with the settings of deploy/airflow/airflow.env and the DAGs of airflow/dags; the tasks find the
 * command larder in their PATH, and run it on the banking example unless told otherwise.
 *
 * @param executable the program airflow
 * @param environment what the process has beside the variables of ours
 */
public record AirflowCommand(Path executable, Map<String, String> environment) {
    private static final String FERNET_KEY = "fernet-key";
    private static final String API_KEY = "api-key";

    public AirflowCommand {
        environment = Map.copyOf(environment);
    }

    /**
     * For commands that need no server, as {@code dags test}: its database is a file in its home, made by {@code db migrate}.
     *
     * @param home its AIRFLOW_HOME; it is made if need be
     * @param variables what the tasks find in their environment
     * @throws dev.larder.model.LarderException {@code STEP_MISSING} if Airflow has not been prepared
     */
    public static AirflowCommand alone(Path home, Map<String, String> variables) {
        return in(home.toAbsolutePath(), "sqlite:///" + home.toAbsolutePath().resolve("airflow.db"), variables);
    }

    /**
     * The command line of the Airflow that runs in this stack, for {@code backfill create} and the like.
     *
     * @throws IllegalStateException if it does not run
     */
    public static AirflowCommand of(StackEndpoints endpoints) {
        AirflowEndpoint airflow =
                endpoints.airflow().orElseThrow(() -> new IllegalStateException("Airflow does not run in this stack."));
        return served(airflow, endpoints);
    }

    static AirflowCommand served(AirflowEndpoint airflow, StackEndpoints endpoints) {
        Map<String, String> variables = new LinkedHashMap<>(endpoints.environment());
        String url = airflow.url().toString();
        variables.put("AIRFLOW__API__HOST", airflow.url().getHost());
        variables.put("AIRFLOW__API__PORT", Integer.toString(airflow.url().getPort()));
        variables.put("AIRFLOW__API__BASE_URL", url);
        variables.put("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", url + "/execution/");
        return in(
                airflow.home(),
                "postgresql+psycopg2://%1$s@%2$s:%3$s/%1$s"
                        .formatted(
                                PostgresPart.AIRFLOW,
                                endpoints.postgres().host(),
                                Integer.toString(endpoints.postgres().port())),
                variables);
    }

    private static AirflowCommand in(Path home, String database, Map<String, String> more) {
        ProjectFiles project = ProjectFiles.find();
        Path executable = NativeTools.find(Part.AIRFLOW, project);
        try {
            Files.createDirectories(home);
        } catch (IOException e) {
            throw StackFolder.unusable(home, "created", e);
        }
        Secrets secrets = Secrets.keptIn(home.resolve("credentials"), FERNET_KEY, API_KEY);
        Map<String, String> all = new LinkedHashMap<>(project.variables("deploy/airflow/airflow.env"));
        all.put("LARDER_JAVA", JavaProgram.java().toString());
        all.put("LARDER_REPO", project.root().resolve("feature_repo/banking").toString());
        all.put("LARDER_FEATURE_STORE_YAML", "feature_store.stack.yaml");
        all.put("AIRFLOW_HOME", home.toString());
        all.put(
                "AIRFLOW__CORE__DAGS_FOLDER",
                project.root().resolve("airflow/dags").toString());
        all.put("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", database);
        all.put("AIRFLOW__CORE__FERNET_KEY", secrets.get(FERNET_KEY));
        all.put("AIRFLOW__API__SECRET_KEY", secrets.get(API_KEY));
        all.put("AIRFLOW__API_AUTH__JWT_SECRET", secrets.get(API_KEY));
        all.put(
                "PATH",
                String.join(
                        File.pathSeparator,
                        executable.resolveSibling("").toString(),
                        project.root().toString(),
                        System.getenv().getOrDefault("PATH", "")));
        all.putAll(more);
        return new AirflowCommand(executable, all);
    }

    /** A process that is ready to be started. */
    public ProcessBuilder process(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(executable.toString());
        command.addAll(List.of(arguments));
        ProcessBuilder process = new ProcessBuilder(command);
        process.environment().putAll(environment);
        return process;
    }
}
