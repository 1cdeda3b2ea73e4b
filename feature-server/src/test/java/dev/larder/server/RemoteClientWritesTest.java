package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.server.TestServer.Answer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Feast's SDK writes through an online store of type {@code remote}: as it was recorded, and by itself. */
final class RemoteClientWritesTest {
    private static final Path SCRIPT = Path.of(
            Objects.requireNonNull(System.getProperty("larder.root"), "larder.root"),
            "feature-server/src/test/python/remote_writes.py");

    @TempDir
    private Path folder = Path.of("");

    /** Feast's server fails on two of the four: times of unequal precision, and features left out. */
    @Test
    void allThatWasRecordedIsTaken() throws IOException {
        Set<String> calls = new TreeSet<>();
        try (TestServer server = TestServer.strict(TestServer.goldenRepo(folder));
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(TestServer.golden("remote_client.jsonl"), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode recorded = TestServer.JSON.readTree(line);
                for (JsonNode exchange : recorded.path("http")) {
                    String path = exchange.path("path").asText();
                    if (path.equals("/write-to-online-store")) {
                        calls.add(recorded.path("call").asText());
                        assertThat(server.post(path, exchange.path("json").toString()))
                                .isEqualTo(new Answer(200, "application/json", "null"));
                    }
                }
            }
            assertThat(calls)
                    .containsExactly(
                            "online_write_batch (what materialize calls)",
                            "push",
                            "write_to_online_store",
                            "write_to_online_store uniform timestamps");

            JsonNode pushed = server.ask(Map.of(
                            "features",
                            List.of("driver_pushed:score"),
                            "entities",
                            Map.of("driver_id", List.of(4001, 4002, 4005))))
                    .json()
                    .at("/results/1");
            assertThat(pushed.path("values")).isEqualTo(json("[1.5, null, 0.5]"));
            assertThat(pushed.path("event_timestamps"))
                    .isEqualTo(json("[\"2024-03-02T12:00:00Z\", \"2024-03-02T12:00:00Z\", \"2024-03-02T12:00:00Z\"]"));
            JsonNode basic = server.ask(Map.of(
                            "features",
                            List.of("driver_basic:f_int64", "driver_basic:l_ts", "driver_basic:f_bytes"),
                            "entities",
                            Map.of("driver_id", List.of(4004))))
                    .json();
            assertThat(basic.at("/results/1/values")).isEqualTo(json("[9007199254740993]"));
            assertThat(basic.at("/results/2/values")).isEqualTo(json("[[1709380800]]"));
            assertThat(basic.at("/results/3/statuses")).isEqualTo(json("[\"NOT_FOUND\"]"));
        }
    }

    @Test
    void theSdkWritesAndReads() throws IOException, InterruptedException {
        Path python = python();
        try (TestServer server = TestServer.strict(TestServer.goldenRepo(folder))) {
            JsonNode out =
                    run(python, folder.resolve("registry.db"), server.uri().toString());

            assertThat(out.path("pushed"))
                    .isEqualTo(json("{\"driver_id\": [4001, 4002, 4005], \"score\": [1.5, null, 0.5]}"));
            assertThat(out.at("/basic/f_int64")).isEqualTo(json("[9007199254740993]"));
            assertThat(out.at("/basic/f_float")).isEqualTo(json("[0.5]"));
            assertThat(out.at("/basic/f_string")).isEqualTo(json("[\"naïve-日本\"]"));
            assertThat(out.at("/basic/f_bool")).isEqualTo(json("[true]"));
            assertThat(out.at("/basic/f_ts")).isEqualTo(json("[1709294400]"));
            assertThat(out.at("/basic/l_int64")).isEqualTo(json("[[1, 2]]"));
            assertThat(out.at("/basic/l_string")).isEqualTo(json("[[\"a\", \"\"]]"));
            assertThat(out.at("/basic/l_ts")).isEqualTo(json("[[1709294400]]"));
            assertThat(out.at("/rich/r_uuid")).isEqualTo(json("[\"f47ac10b-58cc-4372-a567-0e02b2c3d479\"]"));
            assertThat(out.at("/rich/r_json")).isEqualTo(json("[\"{\\\"a\\\":[1,{\\\"b\\\":null}]}\"]"));
            assertThat(out.at("/rich/r_map")).isEqualTo(json("[{\"a\": 1, \"n\": {\"k\": [1.5]}}]"));
            assertThat(out.at("/rich/r_struct")).isEqualTo(json("[{\"a\": 1, \"b\": \"x\"}]"));
            assertThat(server.ask(Map.of(
                                    "features",
                                    List.of("driver_rich:r_list_list"),
                                    "entities",
                                    Map.of("driver_id", List.of(4004))))
                            .json()
                            .at("/results/1/values"))
                    .isEqualTo(json("[[[1, 2], [3]]]"));
            assertThat(out.path("refused").asText())
                    .isEqualTo(
                            "Feature view driver_pushed, column score, row 0: \"x\" cannot be read as Float64 (accepted: a number)");
        }
    }

    /** In CI Feast must be there; on a user's machine a test that needs it is skipped and says what is missing. */
    private static Path python() {
        String python = System.getenv("LARDER_FEAST_PYTHON");
        boolean there = python != null && Files.isExecutable(Path.of(python));
        if (System.getenv("CI") == null) {
            assumeTrue(there, "Feast is missing: run the tests with ./setup_project.sh test, which prepares it");
        }
        assertThat(there).as("LARDER_FEAST_PYTHON names a Python with Feast").isTrue();
        return Path.of(String.valueOf(python));
    }

    private JsonNode run(Path python, Path registry, String url) throws IOException, InterruptedException {
        Path errors = folder.resolve("feast.err");
        Path answer = folder.resolve("feast.json");
        ProcessBuilder builder = new ProcessBuilder(python.toString(), SCRIPT.toString(), registry.toString(), url)
                .redirectOutput(answer.toFile())
                .redirectError(errors.toFile());
        builder.environment().putAll(Map.of("TZ", "UTC", "FEAST_USAGE", "False", "PYTHONWARNINGS", "ignore"));
        Process process = builder.start();
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
        List<String> lines = Files.readAllLines(answer);
        return json(lines.get(lines.size() - 1));
    }

    private static JsonNode json(String text) {
        return new Answer(200, "", text).json();
    }
}
