package dev.larder.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The newcomer's command: what it shows, that it can be repeated, and that nothing stays behind. */
class DemoTest {
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    @TempDir
    Path folder = Path.of("");

    @Test
    void endsWithAnOnlineAnswerAndTheSecondRunDoesNothingTwice() throws Exception {
        LarderProcess larder = new LarderProcess(JAVA_HOME, BankingRepository.copyInto(folder));
        String port = Integer.toString(FeastSdk.freePort());
        try {
            String first = larder.run("demo", "--users", "100", "--days", "10", "--port", port);
            assertThat(first)
                    .contains("curl -s http://127.0.0.1:" + port + "/get-online-features")
                    .contains("\"feature_names\":[\"user_id\",\"num_transactions_l1w\"")
                    .contains("PRESENT")
                    .contains("user_id,event_timestamp,label,num_transactions_l1w")
                    .contains("./setup_project.sh stop", "./setup_project.sh clean");
            assertThat(folder.resolve("banking/data/training_set.parquet")).exists();

            String second = larder.run("demo", "--users", "100", "--days", "10", "--port", port);
            assertThat(second.lines().filter(line -> line.contains("nothing new")))
                    .hasSizeGreaterThanOrEqualTo(2);
            assertThat(second.lines().filter(line -> line.contains("up to date")))
                    .hasSizeGreaterThanOrEqualTo(3);
            assertThat(second).contains("PRESENT", "all there");

            Answer answer = Answer.ask(
                    "http://127.0.0.1:" + port,
                    Answer.JSON.readTree("{\"feature_service\":\"user_risk\",\"entities\":{\"user_id\":[1]}}"));
            assertThat(answer.status()).isEqualTo(200);
        } finally {
            larder.run("stop");
        }
        assertThat(BankingRepository.processesOf(folder)).isEmpty();
        larder.run("clean", "--yes");
        assertThat(folder.resolve("banking/data")).doesNotExist();
        assertThat(folder.resolve("banking/views.yaml")).exists();
    }

    @Test
    void anInterruptInTheMiddleLeavesNoProcess() throws Exception {
        LarderProcess larder = new LarderProcess(JAVA_HOME, BankingRepository.copyInto(folder));
        Path output = folder.resolve("demo.out");
        Process demo = larder.start(
                output, "demo", "--users", "50", "--days", "8", "--port", Integer.toString(FeastSdk.freePort()));
        try {
            Awaitility.await()
                    .atMost(Duration.ofMinutes(3))
                    .until(() -> Files.readString(output).contains("ingest transactions") || !demo.isAlive());
            assertThat(demo.isAlive()).as(Files.readString(output)).isTrue();
            assertThat(new ProcessBuilder("kill", "-INT", Long.toString(demo.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(demo.exitValue()).isNotZero();
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                            BankingRepository.processesOf(folder))
                    .isEmpty());
        } finally {
            larder.run("stop");
        }
    }
}
