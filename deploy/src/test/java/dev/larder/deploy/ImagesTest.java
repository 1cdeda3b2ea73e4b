package dev.larder.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagesTest {
    private static final String DOCKERFILE = "deploy/images/Dockerfile";
    private static final Set<String> NOT_OURS = Set.of(".git", ".larder", "target", "data");
    private static final Pattern SHELL = Pattern.compile("^#!.*[/ ](ba)?sh\\b");

    @TempDir
    private Path folder = Path.of("");

    @Test
    void theLinterAcceptsTheDockerfile() {
        Command lint = hadolint(Project.ROOT.resolve(DOCKERFILE));

        assertThat(lint.exitCode()).as(lint.output()).isZero();
    }

    @Test
    void theLinterRefusesACarelessDockerfile() throws IOException {
        Path file = folder.resolve("Dockerfile");
        Files.writeString(file, "FROM debian:latest\nRUN cd /opt && sudo apt-get install curl\n");

        Command lint = hadolint(file);

        assertThat(lint.exitCode()).isEqualTo(1);
        assertThat(lint.output()).contains("DL3007", "DL3004", "DL3003");
    }

    private static Command hadolint(Path file) {
        return Command.run(
                Project.ROOT,
                Map.of(),
                Project.linter("hadolint"),
                "--no-color",
                "--failure-threshold",
                "info",
                file.toString());
    }

    @Test
    void theScriptsPassShellcheck() throws IOException {
        List<String> scripts = scripts();
        assertThat(scripts)
                .contains(
                        "larder",
                        "setup_project.sh",
                        ".ci/run",
                        "deploy/checks/prepare.sh",
                        "deploy/compose/passwords.sh",
                        "deploy/compose/run.sh",
                        "deploy/images/answers",
                        "deploy/images/connector-health",
                        "deploy/images/layout.sh",
                        "deploy/native/airflow.sh",
                        "deploy/native/prepare.sh");
        List<String> command =
                new ArrayList<>(List.of(Project.linter("shellcheck"), "--severity=warning", "--external-sources"));
        command.addAll(scripts);

        Command lint = Command.run(Project.ROOT, Map.of(), command);

        assertThat(lint.exitCode()).as(lint.output()).isZero();
    }

    /** Every file of the project that says in its first line that a shell runs it. */
    private static List<String> scripts() throws IOException {
        List<String> scripts = new ArrayList<>();
        Files.walkFileTree(Project.ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return NOT_OURS.contains(String.valueOf(folder.getFileName()))
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile() && SHELL.matcher(firstLine(file)).find()) {
                    scripts.add(Project.ROOT.relativize(file).toString());
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return scripts;
    }

    private static String firstLine(Path file) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            char[] beginning = new char[64];
            int length = reader.read(beginning);
            return new String(beginning, 0, Math.max(0, length))
                    .lines()
                    .findFirst()
                    .orElse("");
        }
    }

    @Test
    void shellcheckRefusesACarelessScript() throws IOException {
        Path file = folder.resolve("careless.sh");
        Files.writeString(file, "#!/bin/bash\ncd $1\nif [ $x = 1 ]; then rm -rf $y/*; fi\n");

        Command lint = Command.run(
                Project.ROOT, Map.of(), Project.linter("shellcheck"), "--severity=warning", file.toString());

        assertThat(lint.exitCode()).isEqualTo(1);
    }

    @Test
    void versionsAreThoseOfTheBuildAndOfTheNativeStack() {
        String kafka = Project.one("pom.xml", "<kafka.version>(.*)</kafka.version>");
        assertThat(Project.one(DOCKERFILE, "^FROM apache/kafka:(\\S+)")).isEqualTo(kafka);
        assertThat(Compose.with("full").service("kafka").path("image").asText()).isEqualTo("apache/kafka:" + kafka);
        assertThat(Project.one(DOCKERFILE, "DEBEZIUM_VERSION=(\\S+)$"))
                .isEqualTo(Project.one("pom.xml", "<debezium.version>(.*)</debezium.version>"));
        assertThat(Project.one(DOCKERFILE, "MINIO_VERSION=(\\S+)$"))
                .isEqualTo(Project.one("deploy/native/prepare.sh", "^minio_version=(\\S+)$"));
        assertThat(Compose.with("full").service("trino").path("image").asText())
                .isEqualTo("trinodb/trino:" + Project.one("deploy/native/prepare.sh", "^trino_version=(\\d+)$"));
        assertThat(Project.one(DOCKERFILE, "^FROM apache/airflow:slim-([\\d.]+)-python"))
                .isEqualTo(Project.one("airflow/requirements.txt", "^apache-airflow==(\\S+)$"));
        assertThat(Project.one("testing/servers/pom.xml", "<postgres.binaries.version>(\\d+)\\."))
                .isEqualTo(Compose.with("lite")
                        .service("postgres")
                        .path("image")
                        .asText()
                        .replaceAll("postgres:(\\d+)\\..*", "$1"));
    }

    @Test
    void noImageRunsAsRoot() {
        for (String target : targets()) {
            List<String> users = Project.all(stage(target), "^USER (\\S+)$");
            assertThat(users).as(target).isNotEmpty();
            // A number, which an engine can tell from root's.
            assertThat(users.get(users.size() - 1)).as(target).matches("[1-9]\\d*:\\d+");
        }
    }

    /** What compose builds. */
    private static List<String> targets() {
        List<String> targets = Compose.with("full").services().values().stream()
                .map(service -> service.path("build").path("target").asText())
                .filter(target -> !target.isEmpty())
                .toList();
        assertThat(targets).containsExactlyInAnyOrder("larder", "larder-airflow", "larder-connect", "minio");
        return targets;
    }

    @Test
    void librariesAndOurJarsAreLayersOfTheirOwnAndOursComeLast() {
        for (String target : List.of("larder", "larder-airflow")) {
            List<String> steps = Project.all(stage(target), "^(RUN|COPY|ADD)\\b.*$");
            List<String> copies = Project.all(stage(target), "^COPY --from=build (.*)$");
            assertThat(copies)
                    .as(target)
                    .containsExactly("/opt/larder/lib /opt/larder/lib", "/opt/larder/app /opt/larder/app");
            assertThat(Project.all(stage(target), "(?s)^COPY --from=build /opt/larder/lib [^\n]*\n(.*)")
                            .get(0)
                            // Makes a file of ours of all files of ours.
                            .replace("\nRUN larder rehearse\n", "\n"))
                    .as("after the libraries, %s of %d steps", target, steps.size())
                    .startsWith("COPY --from=build /opt/larder/app /opt/larder/app\n")
                    .doesNotContain("\nRUN", "\nCOPY", "\nADD");
        }
    }

    @Test
    void theImagesAreBuiltWithTheTestJarsThatModulesNeed() throws IOException {
        try (Stream<Path> files = Files.walk(Project.ROOT, 3)) {
            assertThat(files.filter(file -> file.endsWith("pom.xml"))
                            .map(file ->
                                    Project.text(Project.ROOT.relativize(file).toString()))
                            .filter(pom -> pom.contains("<type>test-jar</type>")))
                    .as("modules whose tests use another's")
                    .isNotEmpty();
        }
        // With maven.test.skip there would be no such jar, and a clean repository has none either.
        assertThat(Project.all(Project.text(DOCKERFILE), "^ *(mvn .*) package .*$"))
                .singleElement()
                .asString()
                .contains(" -DskipTests ")
                .doesNotContain("maven.test.skip");
    }

    /** The lines of one stage, without those of the stages it builds on. */
    private static String stage(String name) {
        return Stream.of(Project.text(DOCKERFILE).split("(?m)^(?=FROM )"))
                .filter(stage -> stage.lines().findFirst().orElse("").endsWith(" AS " + name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatTheImageCarriesRunsByItself() throws IOException {
        Path installed = folder.resolve("opt/larder");
        Command layout = Command.run(
                folder,
                Map.of(),
                Project.ROOT.resolve("deploy/images/layout.sh").toString(),
                installed.toString());
        assertThat(layout.exitCode()).as(layout.errors()).isZero();
        // What we write is apart from what we only use.
        assertThat(jars(installed.resolve("lib"))).hasSizeGreaterThan(50).noneMatch(jar -> jar.startsWith("larder-"));
        assertThat(jars(installed.resolve("app"))).isNotEmpty().allMatch(jar -> jar.startsWith("larder-"));
        // No class path leads out of the folder.
        for (String module : List.of("cli", "feature-server", "materializer")) {
            String classpath = Files.readString(installed.resolve("app/" + module + "/target/classpath"))
                    .strip();
            assertThat(classpath.split(":")).hasSizeGreaterThan(5).allSatisfy(jar -> {
                assertThat(jar).startsWith(installed.toString());
                assertThat(Path.of(jar)).exists();
            });
        }
        // As compose mounts it: definitions that may not be written, the data elsewhere.
        Path repo = folder.resolve("repo");
        Files.createDirectory(repo);
        for (String file :
                List.of("entities.yaml", "sources.yaml", "views.yaml", "services.yaml", "feature_store.yaml")) {
            Files.copy(Project.ROOT.resolve("feature_repo/banking").resolve(file), repo.resolve(file));
        }
        // What an embedded run has left there is no definition.
        Files.createDirectories(repo.resolve("data/stack"));
        Files.writeString(repo.resolve("data/stack/left.yaml"), "kind: Nothing\n");
        Map<String, String> environment = Map.of(
                "LARDER_DATA",
                folder.resolve("data").toString(),
                "LARDER_JAVA",
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "LARDER_MEMORY",
                "96m");
        String larder = installed.resolve("app/larder").toString();

        Command validate = Command.run(folder, environment, larder, "-c", repo.toString(), "validate");
        Command status = Command.run(folder, environment, larder, "-c", repo.toString(), "status");
        Command rehearse = Command.run(folder, environment, larder, "rehearse");
        // Which classes come from where.
        Path loaded = folder.resolve("loaded.log");
        Map<String, String> told = new HashMap<>(environment);
        told.put("JAVA_TOOL_OPTIONS", "-Xlog:class+load:file=" + loaded);
        Command serve = Command.run(folder, told, larder, "-c", repo.toString(), "serve", "--help");

        assertThat(validate.exitCode()).as(validate.errors()).isZero();
        assertThat(status.output()).contains(folder.resolve("data").toString());
        assertThat(serve.output()).contains("--port");
        assertThat(rehearse.exitCode()).as(rehearse.errors()).isZero();
        assertThat(Files.readString(loaded))
                .containsPattern("dev\\.larder\\.model\\.LarderException source: shared objects file \\(top\\)");
    }

    private static List<String> jars(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(".jar"))
                    .toList();
        }
    }

    @Test
    void theHealthCheckTellsAnAnswerFromAnError() throws IOException {
        assertThat(check("answers", "HTTP/1.1 200 OK\r\n\r\n{}", "/health").exitCode())
                .isZero();
        assertThat(check("answers", "HTTP/1.1 503 Service Unavailable\r\n\r\n{}", "/health")
                        .exitCode())
                .isNotZero();
    }

    @Test
    void aFailedConnectorMakesConnectUnhealthyAndIsNamed() throws IOException {
        String running = "HTTP/1.1 200 OK\r\n\r\n{\"banking\":{\"status\":{\"tasks\":[{\"state\":\"RUNNING\"}]}}}";
        String failed =
                "HTTP/1.1 200 OK\r\n\r\n{\"banking\":{\"status\":{\"tasks\":[{\"id\":0,\"state\":\"FAILED\",\"trace\":\"java.lang.Error: no slot\\n\\tat a.B.c\"}]}}}";

        assertThat(check("connector-health", running).exitCode()).isZero();
        assertThat(check("connector-health", "HTTP/1.1 200 OK\r\n\r\n{}").exitCode())
                .isZero();
        assertThat(check("connector-health", failed)).isEqualTo(new Command(1, "java.lang.Error: no slot\n", ""));
        assertThat(check("connector-health", "HTTP/1.1 409 Conflict\r\n\r\n{}").exitCode())
                .isEqualTo(1);
    }

    private static Command check(String script, String response, String... more) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> served = CompletableFuture.runAsync(() -> answerOnce(server, response));
            List<String> command =
                    new ArrayList<>(List.of("deploy/images/" + script, Integer.toString(server.getLocalPort())));
            command.addAll(List.of(more));
            Command ended = Command.run(Project.ROOT, Map.of(), command);
            served.join();
            return ended;
        }
    }

    private static void answerOnce(ServerSocket server, String response) {
        try (Socket socket = server.accept();
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
                OutputStream out = socket.getOutputStream()) {
            assertThat(in.readLine()).startsWith("GET /");
            // Read to its end: what is left unread would cut the answer off.
            assertThat(in.lines().takeWhile(line -> !line.isEmpty())).isNotEmpty();
            out.write(response.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
