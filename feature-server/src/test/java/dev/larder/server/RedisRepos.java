package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.larder.servers.NativeTools;
import dev.larder.servers.Part;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** Repositories whose online store is a real Redis. */
public final class RedisRepos {
    private RedisRepos() {}

    /** In CI Redis must be there; on a user's machine a test that needs it is skipped and says what is missing. */
    public static RedisServers servers(Path folder) {
        String missing = NativeTools.missing(Set.of(Part.REDIS)).orElse("");
        if (System.getenv("CI") == null) {
            assumeTrue(missing.isEmpty(), missing);
        }
        assertThat(missing).isEmpty();
        return RedisServers.in(folder);
    }

    /**
     * Feast's golden registry over an online store that holds nothing yet.
     *
     * @param options of {@code online_store:} beside the address, for example {@code key_ttl_seconds: 60}; may be empty
     */
    static Path golden(Path folder, RedisServer server, String options) {
        try {
            Files.createDirectories(folder);
            Files.writeString(
                    folder.resolve("feature_store.yaml"),
                    """
                    project: golden
                    provider: local
                    registry: registry.db
                    online_store: {type: redis, connection_string: "%s"%s}
                    offline_store: {type: dask}
                    entity_key_serialization_version: 3
                    """
                            .formatted(server.address(), options.isEmpty() ? "" : ", " + options));
            if (!Files.exists(folder.resolve("registry.db"))) {
                TestServer.copyGolden("registry.db", folder);
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
