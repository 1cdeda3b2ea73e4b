package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.larder.servers.NativeTools;
import dev.larder.servers.Part;
import dev.larder.servers.RedisServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;

/** How the tests come by real servers. */
final class Redises {
    static final String PROJECT = "banking";

    private Redises() {}

    /** In CI Redis must be there; on a user's machine a test that needs it is skipped and says what is missing. */
    static RedisServers in(Path folder) {
        String missing = NativeTools.missing(Set.of(Part.REDIS)).orElse("");
        if (System.getenv("CI") == null) {
            assumeTrue(missing.isEmpty(), missing);
        }
        assertThat(missing).isEmpty();
        return RedisServers.in(folder);
    }

    /** Makes a user who may do what our errors say that one must be allowed to do. */
    static String[] addUser(String name, String password) {
        List<String> command = new ArrayList<>(List.of("ACL", "SETUSER", name, "on", ">" + password, "~*"));
        for (String allowed : RedisFailures.COMMANDS.split(", ", -1)) {
            command.add("+" + allowed.toLowerCase(Locale.ROOT));
        }
        return command.toArray(String[]::new);
    }

    static RedisOnlineStore open(String connectionString) {
        return RedisOnlineStore.open(settings(connectionString), PROJECT);
    }

    static RedisSettings settings(String connectionString) {
        return RedisSettings.parse("redis", connectionString, "mymaster", OptionalInt.empty());
    }

    /** Takes the right to materialize a view. */
    static Lease takeTurn(OnlineStore store, String view) {
        return ((RedisOnlineStore) store)
                .materializeLease(view, Duration.ofMinutes(1))
                .orElseThrow();
    }
}
