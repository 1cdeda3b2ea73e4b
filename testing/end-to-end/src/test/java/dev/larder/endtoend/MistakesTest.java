package dev.larder.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.endtoend.LarderProcess.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user reads after a mistake: one sentence with the way out, an exit code that is not 0, no stack trace. */
class MistakesTest {
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    @TempDir
    Path folder = Path.of("");

    @Test
    void aStepBeforeTheOneItNeedsNamesThatOne() throws IOException {
        LarderProcess larder = new LarderProcess(JAVA_HOME, repository());

        assertFails(larder.tryRun("ingest"), "error STEP_MISSING: ", "larder start");
        assertFails(larder.tryRun("generate"), "error STEP_MISSING: ", "larder start");
        assertFails(larder.tryRun("compute"), "error STEP_MISSING: ", "larder ingest");
        assertFails(larder.tryRun("materialize-incremental", "now"), "error STEP_MISSING: ", "larder apply");
        larder.run("apply");
        assertFails(larder.tryRun("materialize-incremental", "now"), "error STEP_MISSING: ", "larder compute");
        Path entities = Files.writeString(folder.resolve("e.csv"), "user_id,event_timestamp\n1,2026-11-01\n");
        assertFails(
                larder.tryRun(
                        "training-set",
                        "--entities",
                        entities.toString(),
                        "--feature-service",
                        "user_risk",
                        "--out",
                        "t.csv"),
                "error STEP_MISSING: ",
                "larder compute");
    }

    @Test
    void anUnknownNameIsAnsweredWithThoseThatExist() throws IOException {
        LarderProcess larder = new LarderProcess(JAVA_HOME, repository());
        Path entities = Files.writeString(folder.resolve("e.csv"), "user_id,event_timestamp\n1,2026-11-01\n");

        assertFails(
                larder.tryRun("preview", "transaction_last_week", "--entity", "1"),
                "error FEATURE_VIEW_NOT_FOUND: ",
                "customer_demographics, transactions_last_week");
        assertFails(
                larder.tryRun(
                        "training-set",
                        "--entities",
                        entities.toString(),
                        "--feature-service",
                        "risk",
                        "--out",
                        "t.csv"),
                "error FEATURE_SERVICE_NOT_FOUND: Feature service risk does not exist in project banking (known: user_risk)");
        assertFails(
                larder.tryRun(
                        "training-set",
                        "--entities",
                        entities.toString(),
                        "--features",
                        "customer_demographics:height",
                        "--out",
                        "t.csv"),
                "error FEATURE_NOT_FOUND: ",
                "(known: age, gender, location, occupation)");
    }

    @Test
    void brokenYamlIsReportedAtItsLineAllMistakesAtOnce() throws IOException {
        Path repo = repository();
        Path views = repo.resolve("views.yaml");
        Files.writeString(
                views,
                Files.readString(views)
                        .replace("function: count_distinct, column: vendor", "function: count_distinkt, column: vendor")
                        .replace("function: sum, column: amount", "function: sum, column: amuont"));
        Outcome outcome = new LarderProcess(JAVA_HOME, repo).tryRun("validate");

        assertFails(outcome, "error DEFINITION_INVALID: ", "views.yaml:", "count_distinkt", "amuont");
        assertThat(outcome.output().lines().filter(line -> line.contains("views.yaml:")))
                .hasSize(2);
    }

    @Test
    void yamlThatDoesNotParseIsReportedAtItsLine() throws IOException {
        Path repo = repository();
        Files.writeString(repo.resolve("broken.yaml"), "kind: Entity\nname: [card\n");
        assertFails(
                new LarderProcess(JAVA_HOME, repo).tryRun("validate"), "error DEFINITION_INVALID: ", "broken.yaml:");
    }

    @Test
    void aPortThatIsTakenIsNamedBeforeAnythingStarts() throws IOException {
        LarderProcess larder = new LarderProcess(JAVA_HOME, repository());
        larder.run("apply");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            assertFails(larder.tryRun("serve", "--port", port), "error PORT_TAKEN: ", port);
            assertFails(larder.tryRun("demo", "--port", port), "error PORT_TAKEN: ", port);
        }
        assertThat(BankingRepository.processesOf(folder)).isEmpty();
    }

    @Test
    void aServerBeforeApplySaysWhatToRun() throws Exception {
        Path log = folder.resolve("serve.log");
        int port = FeastSdk.freePort();
        Process server = new LarderProcess(JAVA_HOME, repository())
                .start(log, "serve", "--port", Integer.toString(port), "--admin-port", "0", "--grpc-port", "0");
        try {
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> Files.readString(log)
                    .contains("Larder serves"));
            assertThat(Files.readString(log)).contains("larder apply").doesNotContain("\tat ");
            Answer answer = Answer.ask(
                    "http://127.0.0.1:" + port,
                    Answer.JSON.readTree("{\"feature_service\":\"user_risk\",\"entities\":{\"user_id\":[1]}}"));
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body().toString()).contains("larder apply");
        } finally {
            server.destroy();
            assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aServerBeforeMaterializationAnswersNotFoundForEveryone() throws Exception {
        LarderProcess larder = new LarderProcess(JAVA_HOME, repository());
        larder.run("apply");
        try (LarderServer server = LarderServer.start(larder, folder, "strict")) {
            Answer answer = Answer.ask(
                    server.url(),
                    Answer.JSON.readTree("{\"feature_service\":\"user_risk\",\"entities\":{\"user_id\":[1]}}"));
            assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
            assertThat(answer.status("num_transactions_l1w", 0)).isEqualTo("NOT_FOUND");
            assertThat(answer.value("num_transactions_l1w", 0).isNull()).isTrue();
        }
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws IOException {
        Path repo = repository();
        // Root may write anywhere, so the folder is made impossible instead of forbidden: its parent is a file.
        Path file = Files.writeString(folder.resolve("occupied"), "");
        Path config = repo.resolve("feature_store.yaml");
        Files.writeString(
                config, Files.readString(config).replaceAll("(?m)^  data: data", "  data: " + file + "/data"));
        assertFails(new LarderProcess(JAVA_HOME, repo).tryRun("start"), "error PATH_UNUSABLE: ", file.toString());
    }

    @Test
    void noRepositoryIsAnsweredWithHowToMakeOne() {
        assertFails(
                new LarderProcess(JAVA_HOME, folder.resolve("nowhere")).tryRun("validate"), "error ", "larder init");
    }

    @Test
    void aJdkThatIsTooOldOrMissingIsRefusedWithTheWayOut() throws Exception {
        Path old = folder.resolve("old-jdk");
        script(old.resolve("bin/java"), "#!/bin/sh\necho 'openjdk version \"11.0.22\" 2024-01-16' >&2\n");
        Outcome tooOld = script(
                List.of("./larder", "help"),
                Map.of("LARDER_JAVA", old.resolve("bin/java").toString()));
        assertFails(tooOld, "error JDK_TOO_OLD: ", "11.0", "expected: 17 or newer");
        Outcome setup = script(List.of("./setup_project.sh", "build"), Map.of("JAVA_HOME", old.toString()));
        assertFails(setup, "error JDK_TOO_OLD: ", "Java 11", "expected: 17 or newer", old.toString());
        Outcome none = script(
                List.of("./larder", "help"),
                Map.of("LARDER_JAVA", folder.resolve("no/java").toString()));
        assertFails(none, "error JDK_MISSING: ", "expected: JDK 17 or newer");
    }

    @Test
    void setupNamesWhatItUnderstands() throws Exception {
        assertFails(
                script(List.of("./setup_project.sh", "bild"), Map.of()),
                "error ARGUMENT_INVALID: 'bild'",
                "expected: build");
    }

    private static void assertFails(Outcome outcome, String... parts) {
        assertThat(outcome.exitCode()).as(outcome.output()).isNotZero();
        assertThat(outcome.output()).contains(parts).doesNotContain("\tat ", "Exception in thread");
    }

    private Outcome script(List<String> command, Map<String, String> environment) throws Exception {
        Path output = Files.createTempFile(folder, "script", ".out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(LarderProcess.ROOT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), Files.readString(output));
    }

    private static void script(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private Path repository() throws IOException {
        return BankingRepository.copyInto(folder);
    }
}
