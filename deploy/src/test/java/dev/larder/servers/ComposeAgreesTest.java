package dev.larder.servers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.deploy.Compose;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the native stack proves holds for docker-compose.yaml only while both start the same programs with the same settings. Each
 * test names the differences that are meant: addresses, folders, and little else. It lies in this package to see the parts' commands.
 */
class ComposeAgreesTest {
    private static final int PORT = 4711;

    private final Compose compose = Compose.with("full");
    private final ProjectFiles project = ProjectFiles.find();

    @TempDir
    private Path root = Path.of("");

    private StackFolder folder = StackFolder.of(Path.of(""));
    private JavaProgram java = new JavaProgram(new ServerClassPath(List.of()));

    @BeforeEach
    void makeFolder() {
        folder = StackFolder.of(root);
        folder.create(List.of(Part.values()));
        java = new JavaProgram(new ServerClassPath(List.of(root)));
    }

    @Test
    void kafkaHasTheSameSettings() throws IOException {
        KafkaPart part = new KafkaPart(folder, project, java, PORT);
        part.prepare(() -> {});

        assertThat(different(
                        folder.data(Part.KAFKA).resolve("server.properties"),
                        mounted("kafka", "deploy/kafka/server.properties")))
                .isNotEmpty()
                .isSubsetOf("controller.quorum.voters", "listeners", "advertised.listeners", "log.dirs");
        assertThat(String.join(" ", Compose.words(compose.service("kafka").path("command"))))
                .contains("kafka-server-start.sh " + target("kafka", "deploy/kafka/server.properties"));
        javaAgrees("kafka", part.command());
    }

    @Test
    void connectHasTheSameSettings() throws IOException {
        ConnectPart part = new ConnectPart(
                folder,
                project,
                java,
                Answers.create(),
                PORT,
                new KafkaEndpoint(Ports.HOST, PORT),
                StackOptions.Kind.FULL);
        part.prepare(() -> {});

        assertThat(different(
                        folder.data(Part.CONNECT).resolve("worker.properties"),
                        mounted("connect", "deploy/connect/worker.properties")))
                .isNotEmpty()
                .isSubsetOf(
                        "bootstrap.servers", "listeners", "rest.advertised.host.name", "offset.storage.file.filename");
        assertThat(Compose.words(compose.service("connect").path("command")))
                .containsExactly(
                        "/opt/kafka/bin/connect-distributed.sh", target("connect", "deploy/connect/worker.properties"));
        assertThat(part.command()).contains("org.apache.kafka.connect.cli.ConnectDistributed");
        javaAgrees("connect", part.command());
    }

    @Test
    void redisHasTheSameSettings() throws IOException {
        RedisPart part = new RedisPart(folder, project, Path.of("redis-server"), PORT);
        part.prepare(() -> {});

        assertThat(part.command()).hasSize(2);
        // Redis's lines are "name value"; the later of two with one name counts, as in a file of properties.
        assertThat(different(Path.of(part.command().get(1)), mounted("redis", "deploy/redis/redis.conf")))
                .isNotEmpty()
                .isSubsetOf("bind", "port", "dir");
        assertThat(String.join(" ", Compose.words(compose.service("redis").path("command"))))
                .contains("redis-server " + target("redis", "deploy/redis/redis.conf") + " --requirepass ");
        assertThat(lineOf("deploy/redis/redis.conf", "port")).isEqualTo("port 6379");
        assertThat(compose.mounts("redis")).hasSize(1);
    }

    @Test
    void minioHasTheSameCommandAndVariables() {
        MinioPart part = new MinioPart(folder, Answers.create(), Path.of("minio"), PORT);

        assertThat(withoutPlaces(part.command().subList(1, part.command().size())))
                .isEqualTo(withoutPlaces(Compose.words(compose.service("minio").path("command"))));
        Map<String, String> expected = new TreeMap<>(part.environment());
        expected.putAll(Map.of("MINIO_ROOT_USER", Compose.SECRET, "MINIO_ROOT_PASSWORD", Compose.SECRET));
        Map<String, String> actual = new TreeMap<>(compose.environment("minio"));
        assertThat(actual.remove("GOMEMLIMIT")).isNotNull();
        assertThat(actual).isEqualTo(expected);
    }

    /** Addresses and folders as PLACE. */
    private static List<String> withoutPlaces(List<String> words) {
        return words.stream()
                .map(word -> word.contains("/") || word.contains(":") ? "PLACE" : word)
                .toList();
    }

    @Test
    void postgresReadsTheSameFiles() throws IOException {
        PostgresPart part =
                new PostgresPart(folder, project, java, RootEscape.find(), PORT, StackOptions.Kind.FULL, true);

        Map<String, String> ours = settings(part.command());
        assertThat(ours.keySet())
                .containsExactlyInAnyOrder("config_file", "listen_addresses", "unix_socket_directories", "fsync");
        assertThat(ours).containsEntry("fsync", "on");
        assertThat(Path.of(String.valueOf(ours.get("config_file"))))
                .isEqualTo(project.root().resolve("deploy/postgres/postgresql.conf"));
        assertThat(settings(Compose.words(compose.service("postgres").path("command"))))
                .isEqualTo(Map.of("config_file", target("postgres", "deploy/postgres/postgresql.conf")));
        assertThat(target("postgres", "deploy/postgres/init.sql")).startsWith("/docker-entrypoint-initdb.d/");
        assertThat(compose.environment("postgres"))
                .containsEntry("POSTGRES_USER", PostgresPart.USER)
                .containsEntry("POSTGRES_DB", PostgresPart.DATABASE)
                .containsEntry("POSTGRES_INITDB_ARGS", "--encoding=UTF8 --locale=C");
        assertThat(Files.readString(project.shared("deploy/compose/passwords.sh")))
                .contains("ALTER ROLE " + PostgresPart.CATALOG + " ", "ALTER ROLE " + PostgresPart.AIRFLOW + " ");
    }

    /** What follows {@code -c}, as PostgreSQL takes it. */
    private static Map<String, String> settings(List<String> command) {
        Map<String, String> settings = new TreeMap<>();
        for (int i = 0; i + 1 < command.size(); i++) {
            if (command.get(i).equals("-c")) {
                String[] nameAndValue = command.get(i + 1).split("=", 2);
                settings.put(nameAndValue[0], nameAndValue[1]);
            }
        }
        return settings;
    }

    @Test
    void trinoHasTheSameFlagsAndFiles() throws IOException {
        TrinoPart part = new TrinoPart(
                folder,
                project,
                Answers.create(),
                root,
                Path.of("java"),
                PORT,
                0,
                endpoints().environment());

        assertThat(target("trino", "trino/etc")).isEqualTo("/etc/trino");
        assertThat(compose.service("trino").path("command").isNull()
                        || compose.service("trino").path("command").isMissingNode())
                .as("the image's own start, which reads /etc/trino")
                .isTrue();
        // The image's launcher takes the virtual machine's flags from the same file.
        List<String> flags = Files.readAllLines(project.shared("trino/etc/jvm.config")).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        assertThat(part.command().subList(1, 1 + flags.size())).isEqualTo(flags);
        for (String file : List.of("config.properties", "log.properties", "catalog")) {
            assertThat(part.command())
                    .anyMatch(word -> word.endsWith("=" + project.root().resolve("trino/etc/" + file)));
        }
        Set<String> named = new TreeSet<>();
        for (String file : List.of("config.properties", "catalog/lakehouse.properties", "catalog/source.properties")) {
            Pattern.compile("\\$\\{ENV:(\\w+)}")
                    .matcher(Files.readString(project.shared("trino/etc/" + file)))
                    .results()
                    .forEach(match -> named.add(match.group(1)));
        }
        assertThat(part.environment().keySet()).containsAll(named);
        assertThat(compose.environment("trino").keySet()).containsAll(named);
    }

    @Test
    void airflowHasTheSameProcessesAndSettings() throws IOException {
        List<String> natively = Pattern.compile("^start (.*)$", Pattern.MULTILINE)
                .matcher(Files.readString(project.shared("deploy/native/airflow.sh")))
                .results()
                .map(match -> match.group(1))
                .toList();

        assertThat(natively).containsExactly("api-server", "scheduler --skip-serve-logs", "dag-processor");
        assertThat(Compose.words(compose.service("airflow-api-server").path("command")))
                .containsExactly("bash", "-c", "airflow db migrate && exec airflow " + natively.get(0));
        assertThat(String.join(
                        " ", Compose.words(compose.service("airflow-scheduler").path("command"))))
                .isEqualTo(natively.get(1));
        assertThat(String.join(
                        " ",
                        Compose.words(compose.service("airflow-dag-processor").path("command"))))
                .isEqualTo(natively.get(2));
        Map<String, String> shared = new TreeMap<>(project.variables("deploy/airflow/airflow.env"));
        // One Spark at a time is what the scheduler's memory holds.
        assertThat(shared).containsKey("AIRFLOW__CORE__PARALLELISM");
        shared.put("AIRFLOW__CORE__PARALLELISM", "1");
        for (String service : List.of("airflow-api-server", "airflow-scheduler", "airflow-dag-processor")) {
            assertThat(compose.environment(service)).as(service).containsAllEntriesOf(shared);
        }
        assertThat(target("airflow-scheduler", "airflow/dags"))
                .isEqualTo(compose.environment("airflow-scheduler").get("AIRFLOW__CORE__DAGS_FOLDER"));
        assertThat(airflowNames(Files.readString(project.root()
                        .resolve("testing/servers/src/main/java/dev/larder/servers/AirflowCommand.java"))))
                .isNotEmpty()
                .allSatisfy(name ->
                        assertThat(compose.environment("airflow-scheduler")).containsKey(name));
    }

    private static Set<String> airflowNames(String text) {
        return Pattern.compile("\"(AIRFLOW__\\w+)\"")
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void ourProcessesGetTheSameVariables() {
        Map<String, String> ours = endpoints().environment();

        for (String service : List.of("setup", "connector", "feature-server", "airflow-scheduler", "trino")) {
            Map<String, String> theirs = compose.environment(service);
            assertThat(theirs.keySet()).as(service).containsAll(ours.keySet());
            ours.forEach((name, value) -> {
                if (!Pattern.compile("_(HOST|PORT|PASSWORD|ENDPOINT|KEY|KEY_ID|KAFKA|CONNECT|REDIS|TRINO)$")
                        .matcher(name)
                        .find()) {
                    assertThat(theirs).as(service).containsEntry(name, value);
                }
            });
        }
        Set<String> additional = compose.environment("feature-server").keySet().stream()
                .filter(name -> name.startsWith("LARDER_") || name.startsWith("AWS_"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(additional).isEqualTo(new TreeSet<>(ours.keySet()));
    }

    /** A native stack of which everything runs. */
    private static StackEndpoints endpoints() {
        Map<Part, Integer> ports = new EnumMap<>(Part.class);
        Arrays.asList(Part.values()).forEach(part -> ports.put(part, PORT));
        return new StackEndpoints(
                ports,
                Optional.of(new MinioEndpoint(URI.create("http://127.0.0.1:" + PORT), "access", "secret")),
                Optional.empty());
    }

    /** The heap and the flags of a Kafka program; natively it starts without the compiler that pays only later. */
    private void javaAgrees(String service, List<String> command) {
        List<String> natively = command.subList(0, command.indexOf("-cp")).stream()
                .skip(1)
                .filter(flag -> !flag.equals("-XX:TieredStopAtLevel=1") && !flag.startsWith("-Djava.util.logging."))
                .sorted()
                .toList();
        Map<String, String> environment = compose.environment(service);
        List<String> theirs = Arrays.stream(
                        (environment.get("KAFKA_HEAP_OPTS") + " " + environment.get("KAFKA_JVM_PERFORMANCE_OPTS"))
                                .split(" +"))
                .sorted()
                .toList();
        assertThat(theirs).isEqualTo(natively);
    }

    private Path mounted(String service, String path) {
        assertThat(compose.mounts(service)).containsKey(path);
        return project.shared(path);
    }

    private String target(String service, String path) {
        assertThat(compose.mounts(service)).containsKey(path);
        return String.valueOf(compose.mounts(service).get(path));
    }

    private String lineOf(String path, String name) throws IOException {
        return Files.readAllLines(project.shared(path)).stream()
                .filter(line -> line.startsWith(name + " "))
                .findFirst()
                .orElse("");
    }

    /** The names whose values differ between the two files, or that only one of them has. */
    private static Set<String> different(Path one, Path other) throws IOException {
        Map<String, String> first = properties(one);
        Map<String, String> second = properties(other);
        Set<String> names = new TreeSet<>(first.keySet());
        names.addAll(second.keySet());
        names.removeIf(name -> String.valueOf(first.get(name)).equals(String.valueOf(second.get(name))));
        assertThat(second).hasSizeGreaterThan(5);
        return names;
    }

    private static Map<String, String> properties(Path file) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(Files.readString(file)));
        Map<String, String> all = new TreeMap<>();
        properties.forEach((name, value) -> all.put(name.toString(), value.toString()));
        return all;
    }
}
