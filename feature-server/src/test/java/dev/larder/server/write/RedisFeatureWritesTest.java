package dev.larder.server.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.RedisOnlineStore;
import dev.larder.onlinestore.RedisSettings;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.registry.config.OnlineStoreConfig;
import dev.larder.server.RedisRepos;
import dev.larder.server.online.Limits;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RedisFeatureWritesTest extends FeatureWritesContract {
    @TempDir
    private static Path folder = Path.of("");

    @SuppressWarnings("NullAway.Init")
    private static RedisServers servers;

    @SuppressWarnings("NullAway.Init")
    private static RedisServer server;

    @BeforeAll
    static void startRedis() {
        servers = RedisRepos.servers(folder);
        server = servers.standalone();
    }

    @AfterAll
    static void stopRedis() {
        if (servers != null) {
            servers.close();
        }
    }

    @BeforeEach
    void empty() {
        server.cli("FLUSHALL");
    }

    @Override
    protected OnlineStore openStore() {
        return RedisOnlineStore.open(
                RedisSettings.parse("redis", server.address(), "mymaster", OptionalInt.empty()), "banking");
    }

    @Override
    protected OnlineStoreConfig config() {
        return new OnlineStoreConfig.Redis("redis", server.address(), "mymaster", OptionalInt.empty(), true, false);
    }

    @Test
    void skipDedupWritesLateRowsToo() {
        WriteRules rules = WriteRules.of(
                Mode.FEAST,
                new OnlineStoreConfig.Redis("redis", server.address(), "mymaster", OptionalInt.empty(), true, true));
        assertThat(rules.rule()).isEqualTo(OnlineStore.PushRule.ALWAYS);
        assertThat(WriteRules.of(
                                Mode.STRICT,
                                new OnlineStoreConfig.Redis(
                                        "redis", server.address(), "mymaster", OptionalInt.empty(), true, true))
                        .rule())
                .isEqualTo(OnlineStore.PushRule.LATEST);
    }

    /** The rights that docs/redis.md names. */
    @Test
    void aUserWithAWritersRightsWrites() {
        String rights =
                "~*banking ~larder:* +hmget +hgetall +hget +hset +hdel +hkeys +del +expire +evalsha +eval +time";
        List<String> command = new ArrayList<>(List.of("ACL", "SETUSER", "writer", "on", ">secret"));
        command.addAll(List.of(rights.split(" ", -1)));
        server.cli(command.toArray(String[]::new));
        try (OnlineStore writing = RedisOnlineStore.open(
                RedisSettings.parse(
                        "redis", server.address() + ",username=writer,password=secret", "mymaster", OptionalInt.of(60)),
                "banking")) {
            FeatureWrites writes = writes(writing, Mode.STRICT, Limits.DEFAULT);
            Frame frame = Frame.row(Map.of("user_id", 1, "day", 1, "week", 1, "event_timestamp", "2026-03-01"));

            assertThat(writes.write("counts", frame, false)).isEqualTo(1);
            assertThat(writes.write("counts", frame, false)).isEqualTo(1);
            assertThat(server.cli("ACL", "GETUSER", "writer")).contains("+time");
            assertThat(Path.of(System.getProperty("larder.root"), "docs", "redis.md"))
                    .content()
                    .contains("ACL SETUSER writer on >secret " + rights + "\n");
        }
    }

    @Test
    void aUserWhoMayOnlyReadIsToldWhatAWriterNeeds() {
        server.cli("ACL", "SETUSER", "reader", "on", ">secret", "~*banking", "+hmget", "+hgetall");
        try (OnlineStore reading = RedisOnlineStore.open(
                RedisSettings.parse(
                        "redis",
                        server.address() + ",username=reader,password=secret",
                        "mymaster",
                        OptionalInt.empty()),
                "banking")) {
            FeatureWrites writes = writes(reading, Mode.STRICT, Limits.DEFAULT);

            assertThatThrownBy(() -> writes.write(
                            "counts",
                            Frame.row(Map.of("user_id", 1, "day", 1, "week", 1, "event_timestamp", "2026-03-01")),
                            false))
                    .hasMessageContaining("does not let this user do that. Give the user the commands HMGET,");
        }
    }
}
