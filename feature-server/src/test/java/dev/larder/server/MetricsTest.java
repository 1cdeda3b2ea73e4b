package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import dev.larder.server.TestServer.Answer;
import dev.larder.server.metrics.EndpointMetrics;
import dev.larder.server.metrics.PlanMetrics;
import dev.larder.server.metrics.ReadTimer;
import dev.larder.server.metrics.ServerMetrics;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus reads: Feast's metrics as Feast counts them, and ours. */
final class MetricsTest {
    private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)(?:\\{(.*)})? [^ ]+");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

    /** Recorded from Feast's server, and not counted by ours. */
    private static final Map<String, String> NOT_OURS = Map.of(
            "feast_materialization_result", "told after a materialization",
            "feast_materialization_duration_seconds", "told after a materialization",
            "feast_offline_store_request", "this server reads no offline store",
            "feast_offline_store_request_latency_seconds", "this server reads no offline store",
            "feast_offline_store_row_count", "this server reads no offline store");

    @TempDir
    private Path folder = Path.of("");

    @Test
    void feastsMetricsHaveFeastsNamesTypesLabelsAndBuckets() throws IOException {
        Files.createDirectories(folder.resolve("repo"));
        TestServer.goldenRepo(folder.resolve("repo"));
        // The golden registry has no view that was materialized.
        Files.copy(
                TestServer.golden("registry_after_materialize.db"),
                folder.resolve("repo/registry.db"),
                StandardCopyOption.REPLACE_EXISTING);
        Map<String, Family> feasts =
                families(new String(TestServer.golden("metrics.txt").readAllBytes(), StandardCharsets.UTF_8));
        try (TestServer server = TestServer.strict(folder.resolve("repo"))) {
            assertThat(ask(server, "driver_basic:f_int64", "[1001]").status()).isEqualTo(200);
            assertThat(server.post(
                                    "/push",
                                    "{\"push_source_name\": \"driver_push\", \"df\": {\"driver_id\": [7], \"score\": [0.5], \"event_timestamp\": [\"2024-03-01T12:00:00Z\"]}, \"to\": \"online\"}")
                            .status())
                    .isEqualTo(200);
            Map<String, Family> ours = families(server.get("/metrics").text());

            SortedSet<String> missing = new TreeSet<>(feasts.keySet());
            missing.removeAll(ours.keySet());
            assertThat(missing).containsExactlyInAnyOrderElementsOf(NOT_OURS.keySet());
            feasts.keySet().removeAll(missing);
            feasts.forEach((name, family) -> assertThat(ours.get(name)).as(name).isEqualTo(family));
        }
    }

    @Test
    void eachRequestIsCountedOnceAndEachValueByItsStatus() {
        TestServer.goldenRepo(folder);
        try (TestServer server = TestServer.strict(folder)) {
            // driver_stale:score of 1001 is 0.25; 9999 was never written.
            ask(server, "driver_stale:score", "[1001, 9999, 9999]");
            ask(server, "driver_stale:score", "[1001]");
            ask(server, "driver_stale:score\", \"driver_basic:f_int64", "[9999]");
            ask(server, "driver_stale:score", "[\"abc\"]");
            ask(server, "nope:score", "[1]");
            server.ask("{");
            server.get("/nope");

            // An answer may arrive before it is counted.
            Awaitility.await().untilAsserted(() -> {
                assertThat(
                                server.metric(
                                        "feast_feature_server_request_total{endpoint=\"/get-online-features\",status=\"success\"}"))
                        .isEqualTo(3);
                assertThat(
                                server.metric(
                                        "feast_feature_server_request_total{endpoint=\"/get-online-features\",status=\"error\"}"))
                        .isEqualTo(3);
                assertThat(server.metric("larder_http_responses_total{code=\"400\",endpoint=\"/get-online-features\"}"))
                        .isEqualTo(1);
                assertThat(server.metric("larder_http_responses_total{code=\"404\",endpoint=\"/get-online-features\"}"))
                        .isEqualTo(1);
                assertThat(server.metric("larder_http_responses_total{code=\"422\",endpoint=\"/get-online-features\"}"))
                        .isEqualTo(1);
                assertThat(server.metric("larder_http_responses_total{code=\"404\",endpoint=\"other\"}"))
                        .isEqualTo(1);
                assertThat(status(server, "driver_stale", "present")).isEqualTo(2);
                assertThat(status(server, "driver_stale", "not_found")).isEqualTo(3);
                assertThat(status(server, "driver_basic", "not_found")).isEqualTo(1);
                assertThat(server.metric("feast_online_features_request_total")).isEqualTo(3);
                assertThat(server.metric("feast_online_features_entity_count_sum"))
                        .isEqualTo(5);
                assertThat(server.metric("feast_online_features_entity_count_bucket{le=\"1.0\"}"))
                        .isEqualTo(2);
                assertThat(server.metric("feast_feature_server_online_store_read_duration_seconds_count"))
                        .isEqualTo(3);
                assertThat(latencies(server, "1-10", "1")).isEqualTo(3);
                assertThat(latencies(server, "1-10", "2")).isEqualTo(1);
                assertThat(latencies(server, "", "")).isEqualTo(2);
                assertThat(server.metric("larder_http_requests_in_flight"))
                        .as("this scrape alone")
                        .isEqualTo(1);
            });
        }
    }

    @Test
    void nullsAndOldValuesHaveTheirOwnStatuses() {
        TestServer.goldenRepo(folder);
        try (TestServer server = TestServer.start(
                TestServer.config(folder, HttpLimits.DEFAULT, null, null), TestServer.WHEN_FRESH.plusSeconds(7_200))) {
            ask(server, "driver_stale:score", "[1001]");
            ask(server, "driver_basic:f_int64", "[1002, 1003]");

            assertThat(status(server, "driver_stale", "outside_max_age")).isEqualTo(1);
            assertThat(status(server, "driver_basic", "null_value") + status(server, "driver_basic", "present"))
                    .isEqualTo(2);
            assertThat(status(server, "driver_basic", "null_value")).isPositive();
        }
    }

    @Test
    void theProcessAndTheRegistryAreTold() throws IOException {
        TestServer.goldenRepo(folder);
        try (TestServer server = TestServer.strict(folder)) {
            String pid = Long.toString(ProcessHandle.current().pid());
            assertThat(server.metric("feast_feature_server_cpu_usage{pid=\"" + pid + "\"}"))
                    .isNotNegative();
            assertThat(server.metric("feast_feature_server_memory_usage{pid=\"" + pid + "\"}"))
                    .isBetween(0.0, 100.0);
            assertThat(server.metric("jvm_memory_used_bytes{area=\"heap\"}")).isPositive();
            assertThat(server.metric("jvm_threads_current")).isPositive();
            assertThat(server.metric("process_cpu_seconds_total")).isPositive();
            assertThat(server.get("/metrics").text()).contains("\njvm_gc_collection_seconds_count{");
            assertThat(
                            server.metric(
                                    "larder_registry_version{project=\"golden\",version=\"f781220f-726f-4d76-918b-837f87a4aaa2\"}"))
                    .isEqualTo(1);
            assertThat(server.metric("larder_registry_age_seconds"))
                    .isCloseTo(TestServer.WHEN_FRESH.getEpochSecond() - 1795248077.617129, within(1e-6));
            assertThat(server.metric("larder_registry_stale")).isZero();
            assertThat(server.metric("larder_registry_refresh_failures_total")).isZero();

            Registries.replace(folder.resolve("registry.db"), new byte[] {1, 2, 3});
            server.refreshRegistry();
            assertThat(server.metric("larder_registry_stale")).isEqualTo(1);
            assertThat(server.metric("larder_registry_refresh_failures_total")).isPositive();
        }
    }

    @Test
    void metricsAreToldBeforeAnythingIsApplied() {
        try (TestServer server = TestServer.strict(TestServer.repo(folder))) {
            Answer metrics = server.get("/metrics");
            assertThat(metrics.status()).isEqualTo(200);
            assertThat(metrics.contentType()).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
            assertThat(metrics.text())
                    .doesNotContain("larder_registry_version{")
                    .contains("larder_registry_stale 0.0", "larder_registry_refresh_failures_total 0.0");
        }
    }

    @Test
    void callersThatAcceptOpenMetricsGetIt() {
        TestServer.goldenRepo(folder);
        try (TestServer server = TestServer.strict(folder)) {
            Answer metrics = server.send(HttpRequest.newBuilder(server.uri().resolve("/metrics"))
                    .header("Accept", "application/openmetrics-text; version=1.0.0"));
            assertThat(metrics.contentType()).startsWith("application/openmetrics-text");
            assertThat(metrics.text()).endsWith("# EOF\n");
        }
    }

    @Test
    void metricsHaveAPortOfTheirOwnWhereThatIsAskedFor() {
        TestServer.goldenRepo(folder);
        try (TestServer server =
                TestServer.start(TestServer.config(folder, HttpLimits.DEFAULT, null, 0), TestServer.WHEN_FRESH)) {
            assertThat(server.metricsUri().getHost()).isEqualTo("127.0.0.1");
            for (String path : List.of("/metrics", "/", "/whatever")) {
                Answer metrics =
                        server.send(HttpRequest.newBuilder(server.metricsUri().resolve(path)));
                assertThat(metrics.text()).contains("feast_feature_server_request_total");
            }
            assertThat(server.admin("/metrics").text()).contains("feast_feature_server_request_total");
        }
    }

    /** Once it is compiled, which takes some rounds. */
    @Test
    void recordingAllocatesNothing() {
        ServerMetrics metrics = new ServerMetrics("/get-online-features");
        PlanMetrics plan = metrics.reads().plan(50, List.of("a", "b"));
        EndpointMetrics endpoint = metrics.endpoint("/health");
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        await().until(() -> {
            long before = threads.getCurrentThreadAllocatedBytes();
            record(plan, endpoint, 10_000);
            return threads.getCurrentThreadAllocatedBytes() - before < 10_000;
        });
    }

    @Test
    void aTimerCountsUnderWhatIsKnownWhenItEnds() throws IOException {
        ServerMetrics metrics = new ServerMetrics("/get-online-features");
        metrics.reads().start().close();
        try (ReadTimer timer = metrics.reads().start()) {
            timer.plan(metrics.reads().plan(201, List.of("a", "a")));
        }
        String text = new String(metrics.scrape(null).body(), StandardCharsets.UTF_8);
        assertThat(text)
                .contains(
                        "feast_feature_server_request_latency_seconds_count{endpoint=\"/get-online-features\",feature_count=\"\",feature_view_count=\"\"} 1",
                        "feast_feature_server_request_latency_seconds_count{endpoint=\"/get-online-features\",feature_count=\"201+\",feature_view_count=\"1\"} 1");
    }

    @Test
    void everyMetricIsInTheDocumentation() throws IOException {
        String documentation = Files.readString(Path.of(System.getProperty("larder.root"), "docs", "serving.md"));
        TestServer.goldenRepo(folder);
        try (TestServer server = TestServer.strict(folder)) {
            List<String> names = server.get("/metrics")
                    .text()
                    .lines()
                    .filter(line -> line.startsWith("# TYPE feast_") || line.startsWith("# TYPE larder_"))
                    .map(line -> line.split(" ", -1)[2])
                    .toList();
            assertThat(names).hasSizeGreaterThan(10).allSatisfy(name -> assertThat(documentation)
                    .contains("`" + name + "`"));
        }
    }

    private static void record(PlanMetrics plan, EndpointMetrics endpoint, int rounds) {
        for (int i = 0; i < rounds; i++) {
            plan.asked(100);
            plan.read(1_000_000);
            plan.view(0).add(3, 0, 1, 0);
            plan.view(1).add(4, 1, 0, 2);
            endpoint.answered(200);
            endpoint.took(2_000_000);
        }
    }

    private static Answer ask(TestServer server, String features, String drivers) {
        return server.ask("{\"features\": [\"%s\"], \"entities\": {\"driver_id\": %s}}".formatted(features, drivers));
    }

    private static double status(TestServer server, String view, String status) {
        return server.metric(
                "feast_online_features_status_total{feature_view=\"%s\",status=\"%s\"}".formatted(view, status));
    }

    private static double latencies(TestServer server, String features, String views) {
        return server.metric(
                "feast_feature_server_request_latency_seconds_count{endpoint=\"/get-online-features\",feature_count=\"%s\",feature_view_count=\"%s\"}"
                        .formatted(features, views));
    }

    /**
     * What all samples of one metric have in common.
     *
     * @param labels names of the labels, and the values of {@code le}
     */
    private record Family(String type, SortedSet<String> labels) {}

    private static Map<String, Family> families(String text) {
        Map<String, Family> families = new TreeMap<>();
        text.lines().filter(line -> line.startsWith("# TYPE feast_")).forEach(line -> {
            String[] parts = line.split(" ", -1);
            String name = parts[2].replaceFirst("_total$", "");
            families.put(name, new Family(parts[3], new TreeSet<>()));
        });
        text.lines().filter(line -> line.startsWith("feast_")).forEach(line -> {
            Matcher sample = SAMPLE.matcher(line);
            assertThat(sample.matches()).as(line).isTrue();
            String name = sample.group(1).replaceFirst("_(total|sum|count|bucket)$", "");
            Family family = Objects.requireNonNull(
                    families.containsKey(name) ? families.get(name) : families.get(sample.group(1)), line);
            Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
            while (label.find()) {
                String le = label.group(1).equals("le") ? "=" + label.group(2) : "";
                family.labels().add(label.group(1) + le);
            }
        });
        return families;
    }
}
