package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** {@code serve} as a process of its own, started as scripts start Feast's. */
@Timeout(120)
final class ServeCommandTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern SERVES = Pattern.compile("Larder serves (https?://\\S+) ");
    private static final Pattern METRICS = Pattern.compile("Metrics alone are on (http://\\S+)");

    @TempDir
    private Path folder = Path.of("");

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    /** Every option of feast serve 0.67, in its long and short forms. */
    @Test
    void optionsOfFeastServeAreTaken() throws IOException {
        TestServer.goldenRepo(folder);
        start(
                "-h 127.0.0.1 -p 0 -t http --no-access-log --no-feature-log -w -1 --worker-connections 500 --max-requests 1000 --max-requests-jitter 50 --keep-alive-timeout 5 -r 60 -m --metrics-port 0");
        String metrics = found(METRICS);
        assertThat(output())
                .contains(
                        "Larder serves ",
                        "Without meaning here: --workers, --worker-connections, --max-requests, --max-requests-jitter, --no-access-log, --no-feature-log (serve --help says why)\n");
        assertThat(get(URI.create(found(SERVES) + "/health"))).startsWith("HTTP/1.1 200 ");
        assertThat(get(URI.create(metrics))).contains("feast_feature_server_request_total");
    }

    @Test
    void aRepositoryThatWantsMetricsAloneGetsThem() throws IOException {
        TestServer.goldenRepo(folder);
        Files.writeString(
                folder.resolve("feature_store.yaml"),
                "feature_server: {type: local, metrics: {enabled: true}}\n",
                StandardOpenOption.APPEND);
        start("--port 0 --metrics-port 0");
        assertThat(get(URI.create(found(METRICS)))).contains("feast_feature_server_request_total");
    }

    @Test
    void otherSpellingsAreTakenAndSayNothingWhereNothingIsIgnored() throws IOException {
        TestServer.goldenRepo(folder);
        start("--host 127.0.0.1 --port 0 --type HTTP --registry-ttl-sec 60 --keep_alive_timeout 2.5");
        found(SERVES);
        assertThat(output().lines()).hasSize(1);
    }

    @Test
    void shortFormsOfKeyAndCertificateServeOverTls() throws Exception {
        TestServer.goldenRepo(folder);
        Certificates certificates = Certificates.make(folder);
        start("--port 0 -k " + certificates.key() + " -c " + certificates.certificate());
        assertThat(found(SERVES)).startsWith("https://127.0.0.1:");
    }

    @Test
    void optionsThatCannotBeAreNamed() {
        TestServer.goldenRepo(folder);
        assertThat(refused("--type grpc")).isEqualTo("error ARGUMENT_INVALID: --type: 'grpc' (expected: http)\n");
        assertThat(refused("--key k.pem"))
                .isEqualTo("error ARGUMENT_INVALID: --key without --cert (expected: both, to serve over TLS)\n");
        assertThat(refused("-c " + folder))
                .isEqualTo(
                        "error ARGUMENT_INVALID: --cert without --key (expected: both, to serve over TLS). -c after serve is Feast's short form of --cert; the repository's -c stands before serve.\n");
        assertThat(refused("-k nope.key -c nope.crt"))
                .isEqualTo(
                        "error PATH_UNUSABLE: --key: cannot read nope.key (NoSuchFileException). Name a PEM file that this user may read.\n");
        assertThat(refused("--max-concurrent 0"))
                .isEqualTo("error ARGUMENT_INVALID: --max-concurrent: 0 (expected: >= 1)\n");
        assertThat(refused("--max-queued -1")).isEqualTo("error ARGUMENT_INVALID: --max-queued: -1 (expected: >= 0)\n");
        assertThat(refused("--request-timeout 0"))
                .isEqualTo("error ARGUMENT_INVALID: --request-timeout: 0.0 (expected: seconds, more than 0)\n");
        assertThat(refused("--keep-alive-timeout -5"))
                .isEqualTo("error ARGUMENT_INVALID: --keep-alive-timeout: -5.0 (expected: seconds, more than 0)\n");
        assertThat(refused("--max-header-bytes 10"))
                .isEqualTo("error ARGUMENT_INVALID: --max-header-bytes: 10 (expected: >= 1024)\n");
        assertThat(refused("-m --metrics-port 70000"))
                .isEqualTo("error ARGUMENT_INVALID: --metrics-port: 70000 (expected: 0 to 65535)\n");
    }

    @Test
    void aTakenMetricsPortIsNamedWithTheWayOut() throws IOException {
        TestServer.goldenRepo(folder);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(refused("--port 0 --admin-port 0 -m --metrics-port " + taken.getLocalPort()))
                    .startsWith("error PORT_TAKEN: Cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .endsWith("or choose another port with --metrics-port (0: any free one).\n");
        }
    }

    /** Whoever has the usual ports: the first of the two servers, or another program of this machine. */
    @Test
    void twoServersNeedOnlyTwoPorts() throws IOException {
        TestServer.goldenRepo(folder);
        Process first = start(arguments("--port 0"));
        String firstUri = found(SERVES);
        start(arguments("--port 0"));
        await().atMost(PATIENCE).until(() -> !output().contains(firstUri) && output().endsWith("--admin-port)\n"));
        assertThat(first.isAlive()).isTrue();
        assertThat(get(URI.create(firstUri + "/health"))).startsWith("HTTP/1.1 200 ");
        assertThat(get(URI.create(found(SERVES) + "/health"))).startsWith("HTTP/1.1 200 ");
        Matcher serves = Pattern.compile(" and gRPC on (127\\.0\\.0\\.1:\\d+) ").matcher(output());
        assertThat(serves.find()).as(output()).isTrue();
        assertThat(output().lines().skip(1))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .isEqualTo("Port 6565 is taken: gRPC is on %s (choose a port with --grpc-port)"
                                        .formatted(serves.group(1))),
                        line -> assertThat(line)
                                .matches(
                                        "Port 8081 is taken: the admin port is on 127\\.0\\.0\\.1:\\d+ \\(choose a port with --admin-port\\)"));
    }

    @Test
    void aPortThatWasAskedForIsKeptToOrNamed() throws IOException {
        TestServer.goldenRepo(folder);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThat(refused(arguments("--port 0 --grpc-port 0 --admin-port " + port)))
                    .startsWith("error PORT_TAKEN: Cannot listen on 127.0.0.1:" + port)
                    .endsWith("or choose another port with --admin-port (0: any free one).\n");
            assertThat(refused(arguments("--port 0 --admin-port 0 --grpc-port " + port)))
                    .startsWith("error PORT_TAKEN: Cannot listen on 127.0.0.1:" + port)
                    .endsWith("or choose another port with --grpc-port (0: any free one).\n");
        }
    }

    @Test
    void aProcessThatIsAskedToEndAnswersWhatItHasTakenOn() throws Exception {
        try (RedisServers servers = TestRedis.in(Files.createDirectories(folder.resolve("redis")))) {
            RedisServer redis = servers.standalone();
            TestRedis.goldenRepo(folder, redis);
            Process process = start("--port 0");
            URI uri = URI.create(found(SERVES));
            String body = "{\"features\": [\"driver_stale:score\"], \"entities\": {\"driver_id\": [1]}}";
            try (RawConnection connection = new RawConnection(uri)) {
                assertThat(connection.post("/get-online-features", body).answer())
                        .startsWith("HTTP/1.1 200 ");
                redis.freeze();
                connection.post("/get-online-features", body);
                await().until(() ->
                        get(URI.create(uri + "/metrics")).contains("\nlarder_http_requests_in_flight 2.0\n"));
                process.destroy();
                await().during(Duration.ofSeconds(1)).until(process::isAlive);
                redis.thaw();
                assertThat(connection.answer())
                        .startsWith("HTTP/1.1 200 ")
                        .containsIgnoringCase("\r\nConnection: close\r\n");
            }
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(folder.resolve("err"))).doesNotContain("ERROR", "Exception");
        }
    }

    @Test
    void everyOptionIsInTheDocumentation() throws IOException {
        String documentation = Files.readString(Path.of(System.getProperty("larder.root"), "docs", "serving.md"));
        for (OptionSpec option :
                new CommandLine(new ServeCommand()).getCommandSpec().options()) {
            if (!option.usageHelp()) {
                assertThat(List.of(option.names()))
                        .as("in docs/serving.md")
                        .anySatisfy(name -> assertThat(documentation).contains("`" + name + "`"));
            }
        }
    }

    private Process start(String options) throws IOException {
        return start(onFreePorts(options));
    }

    private Process start(List<String> arguments) throws IOException {
        Process process = new ProcessBuilder(command(arguments))
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
        started.add(process);
        return process;
    }

    private static List<String> onFreePorts(String options) {
        return arguments(options + " --grpc-port 0" + (options.contains("--admin-port") ? "" : " --admin-port 0"));
    }

    private static List<String> arguments(String options) {
        return List.of(options.split(" ", -1));
    }

    private List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "-c",
                folder.toString(),
                "serve"));
        command.addAll(arguments);
        return command;
    }

    private String refused(String options) {
        return refused(onFreePorts(options));
    }

    /** What a start that fails writes. */
    private String refused(List<String> arguments) {
        try {
            File errors = folder.resolve("refused").toFile();
            Process process = new ProcessBuilder(command(arguments))
                    .redirectError(errors)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            started.add(process);
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            String written = Files.readString(errors.toPath());
            assertThat(process.exitValue()).as(written).isEqualTo(2);
            return written;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private String found(Pattern pattern) {
        String[] found = new String[1];
        await().atMost(PATIENCE).until(() -> {
            Matcher matcher = pattern.matcher(output());
            if (matcher.find()) {
                found[0] = matcher.group(1);
            } else {
                assertThat(started.get(started.size() - 1).isAlive())
                        .as(Files.readString(folder.resolve("err")))
                        .isTrue();
            }
            return found[0] != null;
        });
        return found[0];
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("out"));
    }

    private static String get(URI uri) throws IOException {
        String path = uri.getPath().isEmpty() ? "/" : uri.getPath();
        try (RawConnection connection = new RawConnection(uri)) {
            return connection
                    .send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")
                    .answer();
        }
    }
}
