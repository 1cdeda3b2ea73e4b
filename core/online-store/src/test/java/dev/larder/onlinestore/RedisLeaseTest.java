package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore.MaterializationState;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.onlinestore.OnlineStore.Retraction;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RedisLeaseTest {
    private static final String KEY = "larder:{banking}:lease:materialize";
    private static final Instant NOON = OnlineStoreContract.NOON;
    private static final List<String> FEATURES = OnlineStoreContract.FEATURES;
    private static final MaterializationState STATE = new MaterializationState(1, NOON, "hash");
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(900);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static RedisServers servers;

    @SuppressWarnings("NullAway.Init")
    private static RedisServer server;

    @SuppressWarnings("NullAway.Init")
    private RedisOnlineStore one;

    @SuppressWarnings("NullAway.Init")
    private RedisOnlineStore other;

    @BeforeAll
    static void startRedis() {
        servers = Redises.in(folder);
        server = servers.standalone();
    }

    @AfterAll
    static void stopRedis() {
        if (servers != null) {
            servers.close();
        }
    }

    @BeforeEach
    void open() {
        server.cli("FLUSHALL");
        one = Redises.open(server.address());
        other = Redises.open(server.address());
    }

    @AfterEach
    void close() {
        one.close();
        other.close();
    }

    @Test
    void onlyOneHasIt() {
        try (Lease lease = one.lease("materialize", LONG).orElseThrow()) {
            assertThat(other.lease("materialize", LONG)).isEmpty();
            assertThat(one.lease("materialize", LONG)).isEmpty();
            lease.requireHeld();
        }
        assertThat(other.lease("materialize", LONG)).isPresent();
    }

    @Test
    void differentThingsAreDoneAtTheSameTime() {
        assertThat(one.lease("materialize week", LONG)).isPresent();
        assertThat(other.lease("materialize day", LONG)).isPresent();
    }

    @Test
    void itIsRenewedForAsLongAsItIsHeld() {
        try (Lease lease = one.lease("materialize", SHORT).orElseThrow()) {
            Awaitility.await()
                    .pollDelay(SHORT.multipliedBy(2))
                    .atMost(SHORT.multipliedBy(4))
                    .untilAsserted(lease::requireHeld);
            assertThat(other.lease("materialize", SHORT)).isEmpty();
        }
    }

    @Test
    void aHolderThatHasDiedLosesIt() {
        assertThat(one.lease("materialize", SHORT)).isPresent();
        one.close();

        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> other.lease("materialize", SHORT)
                .isPresent());
    }

    @Test
    void aHolderWhoseLeaseSomebodyElseHasIsTold() {
        Lease lease = one.lease("materialize", SHORT).orElseThrow();
        server.cli("SET", KEY, "somebody else");

        Awaitility.await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertLost(lease));
        lease.close();
        assertThat(server.cli("GET", KEY)).isEqualTo("somebody else");
    }

    @Test
    void aHolderThatCannotRenewItIsTold() {
        Lease lease = one.lease("materialize", SHORT).orElseThrow();
        server.freeze();
        try {
            Awaitility.await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertLost(lease));
        } finally {
            server.thaw();
        }
        lease.close();
    }

    @Test
    void whoHasLostItWritesNoMore() {
        try (Lease lost = one.lease("materialize", LONG).orElseThrow();
                RedisOnlineStore late = writing(lost)) {
            assertThat(late.put("week", FEATURES, List.of(row(1)))).isEqualTo(1);
            late.saveState("week", STATE);
            server.cli("DEL", KEY);
            try (Lease taken = other.lease("materialize", LONG).orElseThrow();
                    RedisOnlineStore next = writing(taken)) {
                assertThat(next.retract("week", FEATURES, List.of(new Retraction(key(1), NOON, 1, null))))
                        .isEqualTo(1);

                assertLost(() -> late.put("week", FEATURES, List.of(row(1), row(2))));
                assertLost(() -> late.retract("week", FEATURES, List.of(new Retraction(key(1), NOON, 1, null))));
                assertLost(() -> late.saveState("week", STATE));
                assertThat(next.keys("week")).isEmpty();
                assertThat(next.put("week", FEATURES, List.of(row(1)))).isEqualTo(1);
                next.saveState("week", STATE);
            }
        }
    }

    @Test
    void whatArrivesAfterItsEndIsNotWritten() {
        try (Lease lease = one.lease("materialize", LONG).orElseThrow();
                RedisOnlineStore late = writing(lease)) {
            // Held, but without a time to live: its end is past when the write comes.
            server.cli("SET", KEY, lease.token().secret());

            assertLost(() -> late.put("week", FEATURES, List.of(row(1))));
            assertThat(late.keys("week")).isEmpty();
        }
    }

    private static RedisOnlineStore writing(Lease lease) {
        return RedisOnlineStore.open(Redises.settings(server.address()), Redises.PROJECT, lease.token());
    }

    private static byte[] key(int entity) {
        return OnlineStoreContract.key(entity);
    }

    private static OnlineWrite row(int entity) {
        return OnlineStoreContract.row(entity, NOON, 1, 7);
    }

    private static void assertLost(Lease lease) {
        assertLost(lease::requireHeld);
    }

    private static void assertLost(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ONLINE_STORE_UNAVAILABLE))
                .hasMessageStartingWith("The lease 'materialize' in Redis was lost")
                .hasMessageEndingWith("Run this again.");
    }
}
