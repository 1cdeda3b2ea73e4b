package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.larder.servers.NativeTools;
import dev.larder.servers.Part;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** How the tests come by a real Redis. */
final class TestRedis {
    private TestRedis() {}

    /** In CI Redis must be there; on a user's machine a test that needs it is skipped and says what is missing. */
    static RedisServers in(Path folder) {
        String missing = NativeTools.missing(Set.of(Part.REDIS)).orElse("");
        if (System.getenv("CI") == null) {
            assumeTrue(missing.isEmpty(), missing);
        }
        assertThat(missing).isEmpty();
        return RedisServers.in(folder);
    }

    /** Feast's golden registry over a Redis, for whose answers the server waits long. */
    static Path goldenRepo(Path folder, RedisServer redis) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(
                folder.resolve("feature_store.yaml"),
                """
                project: golden
                provider: local
                registry: registry.db
                online_store: {type: redis, connection_string: "%s,socket_timeout=60"}
                entity_key_serialization_version: 3
                """
                        .formatted(redis.address()));
        TestServer.copyGolden("registry.db", folder);
        return folder;
    }
}
