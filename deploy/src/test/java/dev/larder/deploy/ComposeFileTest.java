package dev.larder.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ComposeFileTest {
    private static final Set<String> ONCE = Set.of("setup", "connector", "larder");
    private static final Pattern PINNED = Pattern.compile("[a-z/-]+:[a-z-]*\\d+(\\.\\d+)*[\\w.-]*");
    /** Megabytes that a JVM takes beside its heap, measured and rounded up: a command or server of ours, or of Kafka's. */
    private static final long BESIDE_HEAP = 112;
    /** The same of the feature server, while 32 connections ask for 25,000 values each. */
    private static final long BESIDE_HEAP_OF_THE_SERVER = 160;
    /** The same of Spark. */
    private static final long BESIDE_HEAP_OF_SPARK = 460;
    /** The same of Trino, with all plugins of its image. */
    private static final long BESIDE_HEAP_OF_TRINO = 600;
    /** What Airflow's own processes take in the scheduler's container while a task runs. */
    private static final long AIRFLOW_WITH_A_TASK = 350;

    private final Compose full = Compose.with("full");
    private final Compose lite = Compose.with("lite");
    private final Compose all = Compose.with("full", "tools");

    @TempDir
    private Path folder = Path.of("");

    static List<String> secrets() {
        return Project.all(Project.text(".env.example"), "^(\\w+)=$");
    }

    @Test
    void theProfilesStartTheirParts() {
        assertThat(lite.names())
                .containsExactlyInAnyOrder(
                        "postgres", "kafka", "connect", "redis", "minio", "setup", "connector", "feature-server");
        Set<String> more = new TreeSet<>(full.names());
        more.removeAll(lite.names());
        assertThat(more)
                .containsExactlyInAnyOrder("trino", "airflow-api-server", "airflow-scheduler", "airflow-dag-processor");
        assertThat(Project.one(".env.example", "^COMPOSE_PROFILES=(.*)$")).isEqualTo("full");
    }

    @Test
    void theParserIsOfTheVersionThatIsPinned() {
        String version = Project.one("deploy/checks/go.mod", "github.com/compose-spec/compose-go/v2 (v\\S+)$");

        Command built = Command.run(Project.ROOT, Map.of(), "go", "version", "-m", Compose.PROGRAM.toString());

        assertThat(built.output()).contains("github.com/compose-spec/compose-go/v2\t" + version + "\t");
    }

    @Test
    void theParserRefusesAnUnknownKey() throws IOException {
        Path file = folder.resolve("docker-compose.yaml");
        Files.writeString(
                file, Project.text("docker-compose.yaml").replaceFirst("mem_limit: 288m", "memory_limit: 288m"));

        Command command = Compose.parse(file, Compose.secrets("x"), "full");

        assertThat(command.exitCode()).isEqualTo(1);
        assertThat(command.errors()).contains("memory_limit");
    }

    @ParameterizedTest
    @MethodSource("secrets")
    void aMissingSecretIsNamed(String secret) {
        String environment = Compose.secrets("x").replaceFirst("(?m)^" + secret + "=.*$", "");

        Command command = Compose.parse(Project.ROOT.resolve("docker-compose.yaml"), environment, "lite");

        assertThat(command.exitCode()).isEqualTo(1);
        assertThat(command.errors()).contains(secret).contains("Copy .env.example to .env");
    }

    @Test
    void everyVariableIsInTheExampleOfDotEnv() {
        Set<String> used = new TreeSet<>(Project.all(Project.text("docker-compose.yaml"), "\\$\\{(\\w+)"));
        Set<String> explained = new TreeSet<>(Project.all(Project.text(".env.example"), "^(\\w+)="));

        explained.remove("COMPOSE_PROFILES");
        assertThat(explained).isEqualTo(used);
    }

    @Test
    void theDefaultPortsAreThoseOfTheExample() {
        Map<String, String> defaults = Pattern.compile("\\$\\{(\\w+):-(\\d+)}")
                .matcher(Project.text("docker-compose.yaml"))
                .results()
                .collect(Collectors.toMap(m -> m.group(1), m -> m.group(2), (a, b) -> a.equals(b) ? a : a + "/" + b));

        assertThat(defaults).isNotEmpty();
        defaults.forEach((name, value) ->
                assertThat(Project.one(".env.example", "^" + name + "=(.*)$")).isEqualTo(value));
    }

    @Test
    void whateverIsSecretComesFromDotEnv() {
        Pattern secret = Pattern.compile(".*(PASSWORD|SECRET|FERNET|ACCESS_KEY|AUTH|SQL_ALCHEMY_CONN|_REDIS).*");
        Pattern nothingSecret = Pattern.compile("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS");
        List<String> literal = new ArrayList<>();

        all.names().forEach(service -> all.environment(service).forEach((name, value) -> {
            if (secret.matcher(name).matches()
                    && !nothingSecret.matcher(name).matches()
                    && !value.contains(Compose.SECRET)) {
                literal.add(service + ": " + name);
            }
        }));

        assertThat(literal).isEmpty();
        assertThat(all.environment("minio"))
                .contains(entry("MINIO_ROOT_USER", Compose.SECRET), entry("MINIO_ROOT_PASSWORD", Compose.SECRET));
        assertThat(Project.text(".gitignore").lines()).contains(".env");
        assertThat(Project.text(".dockerignore").lines()).contains(".env");
    }

    @Test
    void theMemoryOfAProfileAddsUp() {
        assertThat(sum(full)).isLessThanOrEqualTo(7 * 1024);
        assertThat(sum(lite) + Compose.megabytes(all.service("larder"))).isLessThanOrEqualTo(4 * 1024);
        assertThat(all.services())
                .allSatisfy((name, service) ->
                        assertThat(Compose.megabytes(service)).as(name).isPositive());
    }

    @Test
    void whateverRunsInAContainerFitsItsLimit() {
        Map<String, Long> needed = Map.of(
                "kafka", BESIDE_HEAP + heap(all.environment("kafka").get("KAFKA_HEAP_OPTS")),
                "connect", BESIDE_HEAP + heap(all.environment("connect").get("KAFKA_HEAP_OPTS")),
                "trino", BESIDE_HEAP_OF_TRINO + heap(Project.text("trino/etc/jvm.config")),
                "feature-server",
                        BESIDE_HEAP_OF_THE_SERVER
                                + megabytes(
                                        Project.one("larder", "heap=-Xmx\\$\\{LARDER_MEMORY:-(\\d+m)} ;;$\\s+\\*\\)")),
                "setup", command("setup"),
                "connector", command("connector"),
                "larder", command("larder") + spark("larder"),
                "airflow-scheduler", command("airflow-scheduler") + spark("airflow-scheduler") + AIRFLOW_WITH_A_TASK);

        assertThat(needed)
                .allSatisfy((name, megabytes) ->
                        assertThat(megabytes).as(name).isLessThanOrEqualTo(Compose.megabytes(all.service(name))));
        assertThat(megabytes(Project.one("deploy/redis/redis.conf", "^maxmemory (\\d+m)b$")))
                .isLessThan(Compose.megabytes(all.service("redis")));
        assertThat(megabytes(String.valueOf(all.environment("minio").get("GOMEMLIMIT"))
                        .replace("MiB", "m")))
                .isLessThan(Compose.megabytes(all.service("minio")));
    }

    @Test
    void whatTrinoMayReserveLeavesRoomInItsContainer() {
        long caps = heap(Project.text("trino/etc/jvm.config"));
        for (String cap : List.of("MaxMetaspaceSize", "ReservedCodeCacheSize", "MaxDirectMemorySize")) {
            caps += megabytes(Project.one("trino/etc/jvm.config", "^-XX:" + cap + "=(\\d+)M$") + "m");
        }

        assertThat(caps).isLessThan(Compose.megabytes(all.service("trino")) * 9 / 10);
    }

    private long command(String service) {
        return BESIDE_HEAP + megabytes(all.environment(service).get("LARDER_MEMORY"));
    }

    private long spark(String service) {
        return BESIDE_HEAP_OF_SPARK + megabytes(all.environment(service).get("LARDER_SPARK_MEMORY"));
    }

    private static long sum(Compose compose) {
        return compose.services().values().stream()
                .mapToLong(Compose::megabytes)
                .sum();
    }

    private static long heap(@Nullable String flags) {
        List<String> heaps = Project.all(String.valueOf(flags), "-Xmx(\\d+[mg])\\b");
        assertThat(heaps).as(String.valueOf(flags)).hasSize(1);
        return megabytes(heaps.get(0));
    }

    private static long megabytes(@Nullable String size) {
        String text = String.valueOf(size);
        long number = Long.parseLong(text.substring(0, text.length() - 1));
        return text.endsWith("g") ? number * 1024 : number;
    }

    @Test
    void nothingIsOpenBeyondThisMachine() {
        Set<String> open = new TreeSet<>();
        all.services().forEach((name, service) -> {
            for (JsonNode port : service.path("ports")) {
                assertThat(port.path("host_ip").asText()).as(name).isEqualTo("127.0.0.1");
                open.add(name);
            }
            assertThat(service.path("network_mode").isMissingNode()).as(name).isTrue();
            assertThat(service.path("privileged").asBoolean()).as(name).isFalse();
        });

        assertThat(open)
                .containsExactlyInAnyOrder(
                        "feature-server", "postgres", "redis", "minio", "trino", "airflow-api-server");
    }

    @Test
    void everyImageIsPinned() {
        assertThat(all.services())
                .allSatisfy((name, service) ->
                        assertThat(service.path("image").asText()).as(name).matches(PINNED));
        List<String> stages = Project.all(Project.text("deploy/images/Dockerfile"), "^FROM .* AS (\\S+)$");
        assertThat(Project.all(Project.text("deploy/images/Dockerfile"), "^FROM (\\S+)").stream()
                        .filter(image -> !stages.contains(image)))
                .isNotEmpty()
                .allSatisfy(image -> assertThat(image).matches(PINNED));
        assertThat(all.services().values().stream()
                        .map(service -> service.path("build").path("target").asText())
                        .filter(target -> !target.isEmpty()))
                .isNotEmpty()
                .allSatisfy(target -> assertThat(stages).contains(target));
    }

    @Test
    void eachImageOfOursIsBuiltForOneServiceAndNeverPulled() {
        Map<String, List<String>> services = all.names().stream()
                .filter(name -> all.service(name).path("image").asText().startsWith("larder"))
                .collect(Collectors.groupingBy(
                        name -> all.service(name).path("image").asText()));
        assertThat(services.keySet())
                .containsExactlyInAnyOrder(
                        "larder:0.1.0", "larder-airflow:0.1.0", "larder-connect:0.1.0", "larder-minio:0.1.0");
        services.forEach((image, users) -> {
            assertThat(users.stream().filter(name -> isBuilt(all.service(name))))
                    .as(image)
                    .hasSize(1);
            assertThat(users.stream().filter(name -> !isBuilt(all.service(name))))
                    .allSatisfy(name -> assertThat(
                                    all.service(name).path("pull_policy").asText())
                            .as(name)
                            .isEqualTo("never"));
        });
        // Whichever profile is started, what it uses is built.
        for (Compose profile : List.of(full, lite, Compose.with("lite", "tools"))) {
            assertThat(images(profile, service -> true).filter(image -> image.startsWith("larder")))
                    .isSubsetOf(images(profile, ComposeFileTest::isBuilt).toList());
        }
    }

    private static boolean isBuilt(JsonNode service) {
        return !service.path("build").path("target").asText().isEmpty();
    }

    private static Stream<String> images(Compose compose, Predicate<JsonNode> which) {
        return compose.services().values().stream().filter(which).map(service -> service.path("image")
                .asText());
    }

    @Test
    void trainingSetsLieInAVolumeWhereTheDemoWritesThem() {
        String data = Project.one("deploy/images/Dockerfile", "^ +LARDER_DATA=(\\S+)$");
        assertThat(Project.text("cli/src/main/java/dev/larder/cli/DemoCommand.java"))
                .contains("resolve(\"entities.csv\")", "resolve(\"training_set.parquet\")");
        for (String service :
                full.names().stream().filter(name -> name.startsWith("airflow")).toList()) {
            assertThat(full.environment(service))
                    .as(service)
                    .containsEntry("LARDER_TRAINING_ENTITIES", data + "/entities.csv")
                    .containsEntry("LARDER_TRAINING_SET", data + "/training_set.parquet");
            assertThat(StreamSupport.stream(
                                    full.service(service).path("volumes").spliterator(), false)
                            .filter(volume -> volume.path("target").asText().equals(data))
                            .map(volume -> volume.path("type").asText()))
                    .as(service)
                    .containsExactly("volume");
        }
    }

    @Test
    void kafkaWritesNoLogInItsContainer() {
        // Its start script adds -loggc, a log of the garbage collector, unless this variable says otherwise.
        assertThat(full.environment("kafka").get("EXTRA_ARGS")).isNotNull().doesNotContain("-loggc");
        assertThat(full.environment("kafka").get("KAFKA_LOG4J_OPTS")).endsWith("/tools-log4j2.yaml");
        assertThat(full.environment("connect").get("KAFKA_LOG4J_OPTS")).endsWith("/tools-log4j2.yaml");
    }

    @Test
    void everyServiceLimitsItsLogStaysUpAndSaysWhetherItIsWell() {
        full.services().forEach((name, service) -> {
            assertThat(service.path("logging").path("options").path("max-size").asText())
                    .as(name)
                    .isEqualTo("10m");
            assertThat(Compose.words(service.path("security_opt"))).as(name).contains("no-new-privileges:true");
            assertThat(fieldNames(service.path("networks"))).as(name).containsExactly("larder");
            if (!ONCE.contains(name)) {
                assertThat(service.path("restart").asText()).as(name).isEqualTo("unless-stopped");
                boolean ofImage = name.equals("minio")
                        && Project.text("deploy/images/Dockerfile").contains("HEALTHCHECK");
                assertThat(ofImage || service.path("healthcheck").path("test").size() > 1)
                        .as(name)
                        .isTrue();
            }
        });
    }

    @Test
    void partsStartAfterWhatTheyNeed() {
        assertThat(conditions("connect")).containsEntry("kafka", "service_healthy");
        assertThat(conditions("setup"))
                .containsEntry("postgres", "service_healthy")
                .containsEntry("minio", "service_healthy")
                .containsEntry("redis", "service_healthy");
        assertThat(conditions("connector"))
                .containsEntry("setup", "service_completed_successfully")
                .containsEntry("connect", "service_started");
        assertThat(conditions("feature-server"))
                .containsEntry("redis", "service_healthy")
                .containsEntry("setup", "service_completed_successfully");
        assertThat(full.service("feature-server")
                        .path("depends_on")
                        .path("connector")
                        .path("required")
                        .asBoolean(true))
                .as("the server serves without the connector")
                .isFalse();
        assertThat(conditions("trino")).containsEntry("setup", "service_completed_successfully");
        assertThat(conditions("airflow-scheduler")).containsEntry("airflow-api-server", "service_healthy");
        assertThat(conditions("airflow-dag-processor")).containsEntry("airflow-api-server", "service_healthy");
        // A container that runs once must be awaited by another, or `up --wait` takes its end for a failure.
        Set<String> awaited = new LinkedHashSet<>();
        full.names().forEach(name -> conditions(name).forEach((other, condition) -> {
            if (condition.equals("service_completed_successfully")) {
                awaited.add(other);
            }
        }));
        assertThat(awaited).containsExactlyInAnyOrder("setup", "connector");
    }

    private Map<String, String> conditions(String service) {
        JsonNode needs = full.service(service).path("depends_on");
        return fieldNames(needs).stream()
                .collect(Collectors.toMap(
                        name -> name, name -> needs.path(name).path("condition").asText()));
    }

    @Test
    void configurationIsMountedReadOnlyAndIsThere() {
        Set<String> mounted = new TreeSet<>();
        all.services().forEach((name, service) -> {
            for (JsonNode volume : service.path("volumes")) {
                if (volume.path("type").asText().equals("bind")) {
                    String source = volume.path("source").asText();
                    assertThat(volume.path("read_only").asBoolean()).as(source).isTrue();
                    assertThat(Path.of(source)).exists();
                    mounted.add(Project.ROOT.relativize(Path.of(source)).toString());
                } else {
                    assertThat(fieldNames(all.root().path("volumes")))
                            .contains(volume.path("source").asText());
                }
            }
            for (JsonNode file : service.path("env_file")) {
                mounted.add(Project.ROOT
                        .relativize(Path.of(file.path("path").asText()))
                        .toString());
            }
        });

        assertThat(mounted)
                .contains(
                        "deploy/kafka/server.properties",
                        "deploy/kafka/kafka.env",
                        "deploy/connect/worker.properties",
                        "deploy/connect/connect.env",
                        "deploy/redis/redis.conf",
                        "deploy/postgres/postgresql.conf",
                        "deploy/postgres/init.sql",
                        "deploy/airflow/airflow.env",
                        "trino/etc",
                        "airflow/dags",
                        "feature_repo");
    }

    @Test
    void everyVariableThatTheSettingsNameIsSet() {
        List<String> ours = Project.all(
                Project.text("feature_repo/banking/feature_store.stack.yaml").replaceAll("(?m)#.*$", ""),
                "\\$\\{(\\w+)}");
        assertThat(ours).contains("LARDER_BUCKET", "LARDER_REDIS", "LARDER_CATALOG_PASSWORD");
        for (String service : List.of("setup", "connector", "feature-server", "larder", "airflow-scheduler")) {
            assertThat(all.environment(service)).as(service).containsKeys(ours.toArray(String[]::new));
        }
        assertThat(all.environment("trino")).containsKeys(trinoVariables().toArray(String[]::new));
        assertThat(all.environment("airflow-scheduler"))
                .containsEntry("LARDER_REPO", "/opt/larder/feature_repo/banking")
                .containsEntry("LARDER_FEATURE_STORE_YAML", "feature_store.stack.yaml");
    }

    private static List<String> trinoVariables() {
        try (Stream<Path> files = Files.walk(Project.ROOT.resolve("trino/etc"))) {
            List<String> variables = files.filter(Files::isRegularFile)
                    .flatMap(file ->
                            Project.all(
                                    Project.text(Project.ROOT.relativize(file).toString()), "\\$\\{ENV:(\\w+)}")
                                    .stream())
                    .toList();
            assertThat(variables).contains("LARDER_S3_ENDPOINT", "TRINO_HTTP_PORT");
            return variables;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyCommandNamesTheMountedRepository() {
        for (String service : List.of("connector", "feature-server", "larder")) {
            List<String> words = Stream.concat(
                            Compose.words(all.service(service).path("entrypoint")).stream(),
                            Compose.words(all.service(service).path("command")).stream())
                    .toList();
            assertThat(String.join(" ", words))
                    .as(service)
                    .contains("-c /opt/larder/feature_repo/banking -f feature_store.stack.yaml ");
        }
        assertThat(Compose.words(all.service("setup").path("command")).get(0))
                .contains("-c /opt/larder/feature_repo/banking -f feature_store.stack.yaml", "apply");
        assertThat(Compose.words(all.service("connector").path("command"))).endsWith("connect");
    }

    private static List<String> fieldNames(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
