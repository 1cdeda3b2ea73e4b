package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.materialize.FakeLarder;
import dev.larder.server.online.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an unmodified Feast SDK does and raises when it materializes through our server. */
@Timeout(300)
final class FeastMaterializesTest {
    private final Path folder;
    private final FakeLarder larder;

    FeastMaterializesTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.larder = FakeLarder.in(folder.resolve("bin"));
    }

    @Test
    void itsCallsReachTheCommandAndItsErrorsReachTheCaller() throws Exception {
        FeastScripts feast = FeastScripts.required(folder);
        Path repo = ShopRepository.repo(Files.createDirectory(folder.resolve("repo")), ShopRepository.TWO_VIEWS);
        String options = "-c %s -f %s ".formatted(repo, repo.resolve("feature_store.yaml"));
        try (TestServer server = TestServer.start(
                TestServer.config(repo, Mode.STRICT, Limits.DEFAULT).withLarderCommand(larder.program()),
                TestServer.WHEN_FRESH)) {
            JsonNode free = call(
                    feast,
                    repo,
                    server,
                    """
                    [{"call": "materialize", "feature_views": ["orders_7d"]},
                     {"call": "materialize", "feature_views": ["orders_7d"], "run_async": true},
                     {"call": "materialize_incremental"},
                     {"call": "materialize", "feature_views": ["nope"]}]""");
            assertThat(free.get(0).isNull()
                            && free.get(1).isNull()
                            && free.get(2).isNull())
                    .as(free.toString())
                    .isTrue();
            assertThat(free.get(3).asText())
                    .startsWith("RuntimeError: Remote materialization failed (404): ")
                    .contains("FeatureViewNotFoundException")
                    .contains("Feature view nope does not exist in project shop (known: ");
            String interval = options + "materialize 2024-01-01T00:00:00Z 2024-12-31T12:30:15.250Z --view=orders_7d";
            assertThat(larder.calls())
                    .containsExactly(
                            interval,
                            interval,
                            options
                                    + "materialize-incremental 2024-12-31T12:30:15.250Z --view=orders_7d --view=orders_1d");

            larder.hold();
            JsonNode busy = call(
                    feast,
                    repo,
                    server,
                    """
                    [{"call": "materialize", "feature_views": ["orders_7d"], "run_async": true},
                     {"call": "materialize_incremental", "feature_views": ["orders_7d"], "run_async": true},
                     {"call": "materialize_incremental", "feature_views": ["orders_7d"], "run_async": true, "force": true}]""");
            assertThat(busy.get(0).isNull() && busy.get(2).isNull())
                    .as(busy.toString())
                    .isTrue();
            assertThat(busy.get(1).asText())
                    .isEqualTo(
                            "RuntimeError: Remote materialization conflict (409): Feature view orders_7d: a materialization is going on already. Wait for its end, or send force=true to run after it.");
            larder.release();

            larder.fail("echo 'error LAKE_UNAVAILABLE: The lake is away.' >&2; exit 1");
            JsonNode failed = call(feast, repo, server, "[{\"call\": \"materialize\"}]");
            assertThat(failed.get(0).asText())
                    .startsWith("RuntimeError: Remote materialization failed (503): ")
                    .contains("The lake is away.");
        }
    }

    private JsonNode call(FeastScripts feast, Path repo, TestServer server, String calls) throws Exception {
        Path client = Files.createDirectories(folder.resolve("client"));
        return feast.run(
                "remote_materialize.py",
                client.toString(),
                repo.resolve("registry.db").toString(),
                server.uri().toString(),
                calls);
    }
}
