package dev.larder.materializer.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.larder.onlinestore.RedisSettings;
import dev.larder.servers.NativeTools;
import dev.larder.servers.Part;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
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

    static OnlineStores stores(RedisServer server, Duration leaseLife) {
        RedisSettings settings = RedisSettings.parse("redis", server.address(), "", OptionalInt.empty());
        return new OnlineStores.Redis(settings, "banking", leaseLife, null);
    }
}
