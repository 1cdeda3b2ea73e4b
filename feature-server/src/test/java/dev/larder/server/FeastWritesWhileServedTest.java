package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.TestServer.Answer;
import dev.larder.server.online.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A repository of Feast's Python is served as it is, while Feast applies it again and writes to the same SQLite file. */
@Timeout(300)
final class FeastWritesWhileServedTest {
    private static final String ASK =
            """
            {"features": ["stats:trips", "stats:stops"],
             "entities": {"driver_id": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]}}""";

    private static final int REQUESTS_EACH = 700;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void noReadFailsOrSeesHalfAWriteAndTheFileStaysFeasts() throws Exception {
        FeastScripts feast = FeastScripts.required(folder);
        Path repo = Files.createDirectory(folder.resolve("repo"));
        FeastScripts.Running writing = feast.start("write_while_served.py", repo.toString());
        try {
            Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> {
                assertThat(writing.process().isAlive())
                        .as(Files.readString(writing.err()))
                        .isTrue();
                return Files.exists(repo.resolve("ready"));
            });
            try (TestServer server =
                    TestServer.start(TestServer.config(repo, Mode.STRICT, Limits.DEFAULT), TestServer.WHEN_FRESH)) {
                long first = oneValue(server.ask(ASK));
                askAgainAndAgain(server);
                assertThat(oneValue(server.ask(ASK))).as("writes meanwhile").isGreaterThan(first + 20);

                Files.createFile(repo.resolve("stop"));
                JsonNode result = writing.result();
                long last = result.path("last").asLong();
                assertThat(result.path("read").toString()).isEqualTo("[" + last + "]");
                assertThat(oneValue(server.ask(ASK))).isEqualTo(last);
            }
        } finally {
            writing.process().destroyForcibly();
        }
        assertFeastsOwn(repo.resolve("data"));
    }

    private static void askAgainAndAgain(TestServer server) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<?>> asking = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                asking.add(threads.submit(() -> {
                    long before = 0;
                    for (int request = 0; request < REQUESTS_EACH; request++) {
                        long value = oneValue(server.ask(ASK));
                        assertThat(value).isGreaterThanOrEqualTo(before);
                        before = value;
                    }
                }));
            }
            for (Future<?> each : asking) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Feast writes a batch in one transaction, so all cells of an answer are of one. */
    private static long oneValue(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        Set<Long> values = new HashSet<>();
        for (int result = 1; result <= 2; result++) {
            answer.json().at("/results/" + result + "/values").forEach(value -> values.add(value.asLong(-1)));
        }
        assertThat(values).hasSize(1);
        return values.iterator().next();
    }

    private static void assertFeastsOwn(Path data) throws IOException, SQLException {
        try (Stream<Path> files = Files.list(data)) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .containsExactlyInAnyOrder("online_store.db", "registry.db");
        }
        try (Connection sqlite = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("online_store.db"));
                Statement statement = sqlite.createStatement()) {
            try (ResultSet mode = statement.executeQuery("PRAGMA journal_mode")) {
                assertThat(mode.getString(1)).isEqualTo("delete");
            }
            List<String> tables = new ArrayList<>();
            try (ResultSet names = statement.executeQuery("SELECT name FROM sqlite_master WHERE type = 'table'")) {
                while (names.next()) {
                    tables.add(names.getString(1));
                }
            }
            assertThat(tables).containsExactly("fleet_stats");
        }
    }
}
