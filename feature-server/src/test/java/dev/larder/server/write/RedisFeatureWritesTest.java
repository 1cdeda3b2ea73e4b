package dev.larder.server.write;

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
import java.util.Map;
import java.util.OptionalInt;
import org.assertj.core.api.Assertions;
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
        Assertions.assertThat(rules.rule()).isEqualTo(OnlineStore.PushRule.ALWAYS);
        Assertions.assertThat(WriteRules.of(
                                Mode.STRICT,
                                new OnlineStoreConfig.Redis(
                                        "redis", server.address(), "mymaster", OptionalInt.empty(), true, true))
                        .rule())
                .isEqualTo(OnlineStore.PushRule.LATEST);
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

            Assertions.assertThatThrownBy(() -> writes.write(
                            "counts",
                            Frame.row(Map.of("user_id", 1, "day", 1, "week", 1, "event_timestamp", "2026-03-01")),
                            false))
                    .hasMessageContaining("does not let this user do that. Give the user the commands HMGET,");
        }
    }
}
