package dev.larder.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.larder.progress.Progress;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** The full stack through its life; the methods build on each other because a start takes half a minute. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class FullStackTest {
    private static final StackOptions OPTIONS =
            StackOptions.fullForTests().without(Part.AIRFLOW).withTrinoHeapMegabytes(512);
    private static final String CONNECTOR =
            """
            {"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "topic.prefix": "kept",
             "database.hostname": "127.0.0.1", "database.port": "%s", "database.user": "postgres",
             "database.password": "any", "database.dbname": "banking", "plugin.name": "pgoutput"}
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static StackEndpoints endpoints;

    @BeforeAll
    static void start() {
        Optional<String> missing = NativeTools.missing(Set.of(Part.values()));
        if (System.getenv("CI") == null) {
            assumeTrue(missing.isEmpty(), missing.orElse(""));
        }
        endpoints = start(OPTIONS);
    }

    @AfterAll
    static void stop() {
        EmbeddedStack.stop(folder);
    }

    private static StackEndpoints start(StackOptions options) {
        return EmbeddedStack.start(folder, Stacks.classPath(), options, Progress.none());
    }

    @Test
    @Order(1)
    void redisKeepsWhatIsSet() throws Exception {
        assertThat(redis("SET kept 7")).isEqualTo("+OK");
        assertThat(redis("CONFIG GET appendonly")).isEqualTo("*2");
    }

    @Test
    @Order(2)
    void minioKeepsObjects() {
        try (S3Client s3 = s3()) {
            s3.createBucket(request -> request.bucket("kept"));
            s3.putObject(request -> request.bucket("kept").key("object"), RequestBody.fromString("content"));
        }
        assertThat(object()).isEqualTo("content");
    }

    @Test
    @Order(3)
    void theCatalogsTablesBelongToItsOwnUser() throws Exception {
        PostgresEndpoint catalog = endpoints.catalog();
        try (Connection connection = DriverManager.getConnection(catalog.jdbcUrl(), catalog.user(), "any");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(iceberg_type) FROM iceberg_tables")) {
            rows.next();
            assertThat(rows.getInt(1)).isZero();
        }
    }

    @Test
    @Order(4)
    void trinoReachesTheCatalogAndTheSource() throws Exception {
        assertThat(trino("SELECT 1")).contains("[[1]]");
        assertThat(trino("SHOW SCHEMAS FROM lakehouse")).contains("information_schema");
        assertThat(trino("SHOW SCHEMAS FROM source")).contains("public");
    }

    @Test
    @Order(5)
    void connectTakesAConnector() throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(endpoints.connect().url().resolve("/connectors/kept/config"))
                                .header("Content-Type", "application/json")
                                .PUT(HttpRequest.BodyPublishers.ofString(CONNECTOR.formatted(
                                        Integer.toString(endpoints.postgres().port()))))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    }

    @Test
    @Order(6)
    void nothingListensBeyondThisMachine() {
        Set<String> addresses = ListeningAddresses.of(processes());

        assertThat(addresses).allMatch(ListeningAddresses::isLoopback);
        if (System.getProperty("os.name").equals("Linux")) {
            assertThat(addresses).hasSizeGreaterThanOrEqualTo(OPTIONS.parts().size());
        }
    }

    @Test
    @Order(7)
    void theEnvironmentNamesEveryPart() {
        assertThat(endpoints.environment())
                .containsEntry("LARDER_REDIS", "127.0.0.1:" + endpoints.ports().get(Part.REDIS))
                .containsEntry("LARDER_CATALOG_DATABASE", "iceberg")
                .containsEntry("LARDER_POSTGRES_DATABASE", "banking")
                .containsKeys(
                        "LARDER_BUCKET",
                        "LARDER_S3_ENDPOINT",
                        "LARDER_S3_PATH_STYLE",
                        "AWS_REGION",
                        "AWS_ACCESS_KEY_ID",
                        "AWS_SECRET_ACCESS_KEY",
                        "LARDER_KAFKA",
                        "LARDER_CONNECT",
                        "LARDER_TRINO");
    }

    @Test
    @Order(8)
    void killedPartsComeBackWithTheirDataOnTheirPorts() throws Exception {
        List<Part> killed = List.of(Part.TRINO, Part.MINIO, Part.REDIS, Part.CONNECT);
        long postgres = EmbeddedStack.pid(folder, Part.POSTGRES).orElseThrow();
        killed.forEach(part -> EmbeddedStack.kill(folder, part));
        assertThat(EmbeddedStack.running(folder, Set.of(Part.REDIS))).isEmpty();

        assertThat(start(OPTIONS)).isEqualTo(endpoints);

        assertThat(EmbeddedStack.pid(folder, Part.POSTGRES)).contains(postgres);
        assertThat(redis("GET kept")).isEqualTo("$1");
        assertThat(object()).isEqualTo("content");
        assertThat(trino("SELECT 1")).contains("[[1]]");
        assertThat(get(endpoints.connect().url().resolve("/connectors"))).contains("kept");
    }

    @Test
    @Order(9)
    void airflowJoinsTheStackThatRuns() throws Exception {
        long trino = EmbeddedStack.pid(folder, Part.TRINO).orElseThrow();

        endpoints = start(StackOptions.forTests().withParts(Part.AIRFLOW));

        assertThat(EmbeddedStack.pid(folder, Part.TRINO)).contains(trino);
        assertThat(airflow("variables", "set", "kept", "7")).contains("created");
        assertThat(ListeningAddresses.of(processes())).allMatch(ListeningAddresses::isLoopback);
    }

    @Test
    @Order(10)
    void aKilledAirflowLeavesNothingAndComesBack() throws Exception {
        List<Long> before = airflowProcesses();
        assertThat(before).hasSizeGreaterThan(3);

        EmbeddedStack.kill(folder, Part.AIRFLOW);

        assertThat(before).noneMatch(Stacks::isAlive);
        assertThat(start(StackOptions.forTests().withParts(Part.AIRFLOW))).isEqualTo(endpoints);
        assertThat(airflow("variables", "get", "kept")).contains("7");
    }

    @Test
    @Order(11)
    void stopLeavesNoProcessBehind() {
        List<Long> all = processes().toList();
        assertThat(all).hasSizeGreaterThan(Part.values().length);

        EmbeddedStack.stop(folder);

        assertThat(all).noneMatch(Stacks::isAlive);
        assertThat(EmbeddedStack.running(folder, Set.of()).orElseThrow().ports())
                .isEmpty();
    }

    private static Stream<Long> processes() {
        return Stream.of(Part.values())
                .flatMap(part -> EmbeddedStack.pid(folder, part).stream())
                .flatMap(pid -> Stream.concat(Stream.of(pid), descendants(pid).stream()));
    }

    private static List<Long> airflowProcesses() {
        long pid = EmbeddedStack.pid(folder, Part.AIRFLOW).orElseThrow();
        List<Long> all = new ArrayList<>(descendants(pid));
        all.add(pid);
        return all;
    }

    private static List<Long> descendants(long pid) {
        return ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants)
                .map(ProcessHandle::pid)
                .toList();
    }

    /** The first line of the answer. */
    private static String redis(String command) throws IOException {
        RedisEndpoint redis = endpoints.redis().orElseThrow();
        try (Socket socket = new Socket(redis.host(), redis.port())) {
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            byte[] answer = new byte[256];
            int length = socket.getInputStream().read(answer);
            String text = new String(answer, 0, length, StandardCharsets.US_ASCII);
            return text.substring(0, text.indexOf('\r'));
        }
    }

    private static S3Client s3() {
        MinioEndpoint minio = endpoints.minio().orElseThrow();
        return S3Client.builder()
                .endpointOverride(minio.url())
                .forcePathStyle(true)
                .region(Region.of(MinioEndpoint.REGION))
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(minio.accessKey(), minio.secretKey())))
                .build();
    }

    private static String object() {
        try (S3Client s3 = s3()) {
            return s3.getObjectAsBytes(request -> request.bucket("kept").key("object"))
                    .asUtf8String();
        }
    }

    /** All pages of the answer. */
    private static String trino(String query) throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        URI statements = endpoints.trino().orElseThrow().url().resolve("/v1/statement");
        StringBuilder pages = new StringBuilder(http.send(
                        HttpRequest.newBuilder(statements)
                                .header("X-Trino-User", "test")
                                .POST(HttpRequest.BodyPublishers.ofString(query))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body());
        Pattern next = Pattern.compile("\"nextUri\":\"([^\"]+)\"");
        Matcher found = next.matcher(pages);
        while (found.find()) {
            String page = get(URI.create(found.group(1)));
            pages.append(page);
            found = next.matcher(page);
        }
        if (pages.indexOf("\"errorName\"") >= 0) {
            fail(query + ": " + pages);
        }
        return pages.toString();
    }

    private static String get(URI address) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static String airflow(String... arguments) throws Exception {
        Process process = AirflowCommand.of(endpoints)
                .process(arguments)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
