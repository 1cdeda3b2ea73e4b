package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.onlinestore.OnlineStore.ViewRead;
import dev.larder.servers.RedisServers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RedisSentinelTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final List<String> FEATURES = List.of("count", "total");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theStoreGoesOnWithTheMastersSuccessor(boolean silently) {
        try (RedisServers servers = Redises.in(folder)) {
            RedisServers.Sentinel group = servers.sentinel("larder", "requirepass secret", "masterauth secret");
            RedisSettings settings = RedisSettings.parse(
                    "redis_sentinel",
                    group.sentinel().address() + ",password=secret,socket_timeout=1,socket_connect_timeout=1",
                    "larder",
                    OptionalInt.empty());
            try (RedisOnlineStore store = RedisOnlineStore.open(settings, Redises.PROJECT)) {
                assertThat(put(store, 1)).isEqualTo(1);
                assertThat(group.master().cli("WAIT", "1", "5000")).isEqualTo("1");

                if (silently) {
                    group.master().freeze();
                } else {
                    group.master().stop();
                }

                Awaitility.await()
                        .atMost(Duration.ofSeconds(40))
                        .ignoreExceptionsMatching(e -> e instanceof LarderException larder
                                && larder.code() == ErrorCode.ONLINE_STORE_UNAVAILABLE)
                        .untilAsserted(() -> assertThat(put(store, 2)).isEqualTo(1));
                assertThat(group.replica().cli("INFO", "replication")).contains("role:master");
                assertThat(store.read(List.of(new ViewRead("week", FEATURES, List.of(OnlineStoreContract.key(1)))))
                                .get(0)
                                .rows())
                        .doesNotContainNull();
                group.master().thaw();
            }
        }
    }

    @Test
    void aMasterThatTheSentinelsDoNotKnowIsNamed() {
        try (RedisServers servers = Redises.in(folder)) {
            RedisServers.Sentinel group = servers.sentinel("larder");
            RedisSettings settings =
                    RedisSettings.parse("redis_sentinel", group.sentinel().address(), "absent", OptionalInt.empty());

            try (RedisOnlineStore store = RedisOnlineStore.open(settings, Redises.PROJECT)) {
                assertThatThrownBy(() -> put(store, 1))
                        .isInstanceOfSatisfying(LarderException.class, e -> assertThat(e.code())
                                .isEqualTo(ErrorCode.ONLINE_STORE_UNAVAILABLE))
                        .hasMessageContaining("(sentinels of absent)")
                        .hasMessageContaining("sentinel_master");
            }
        }
    }

    @Test
    void aReplicaTakesNoWrites() {
        try (RedisServers servers = Redises.in(folder)) {
            RedisServers.Sentinel group = servers.sentinel("larder");

            try (RedisOnlineStore store = Redises.open(group.replica().address())) {
                assertThatThrownBy(() -> put(store, 1))
                        .hasMessageContaining("is a replica, which takes no writes. Name the master");
            }
        }
    }

    private static long put(OnlineStore store, int version) {
        OnlineWrite row = OnlineStoreContract.row(1, NOON, version, version);
        return store.put("week", FEATURES, List.of(row));
    }
}
