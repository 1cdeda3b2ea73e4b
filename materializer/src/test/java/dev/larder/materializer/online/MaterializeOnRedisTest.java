package dev.larder.materializer.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.materializer.testing.Banking;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a real Redis, and what happens to a Redis alone. */
final class MaterializeOnRedisTest extends MaterializeContract {
    @TempDir
    private static Path serverFolder = Path.of("");

    @SuppressWarnings("NullAway.Init")
    private static RedisServers servers;

    @SuppressWarnings("NullAway.Init")
    private static RedisServer server;

    @BeforeAll
    static void startRedis() {
        servers = TestRedis.in(serverFolder);
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
        flush();
    }

    @Override
    protected OnlineStores stores() {
        return TestRedis.stores(server, Duration.ofSeconds(30));
    }

    @Override
    protected OnlineStores impatientStores() {
        return TestRedis.stores(server, Duration.ofMillis(200));
    }

    @Override
    protected void flush() {
        server.cli("FLUSHALL");
    }

    @Override
    protected int rounds() {
        return 3;
    }

    @Test
    void aRedisThatGoesAwayWhileItIsWrittenIsNamedAndFilledWhenItIsBack() {
        Repository repository = Banking.repository(List.of(Banking.TRANSACTIONS), WEEKLY);
        transaction("c", 1, 42, 3);
        transaction("c", 2, 43, 27);
        compute();
        Instant end = DAY_0.plus(Duration.ofDays(30));
        Materialize disturbed = materialize(repository, new DisturbedStores(stores()));
        DisturbedStores.inTheNextTask(server::stop);

        assertThatThrownBy(() -> disturbed.run(WEEKLY, LONG_AGO, end))
                .satisfies(failure -> assertThat(explanation(failure))
                        .hasMessageStartingWith("Redis at " + server.address())
                        .message()
                        .doesNotContain("\n", "Exception"))
                .satisfies(failure ->
                        assertThat(explanation(failure).code()).isEqualTo(ErrorCode.ONLINE_STORE_UNAVAILABLE));
        assertThat(registry().read().status("banking", WEEKLY.name()).materialized())
                .isEmpty();

        server.start();
        materialize(repository).run(WEEKLY, LONG_AGO, end);
        assertThat(stored(WEEKLY)).isEqualTo(latest(WEEKLY, end));
        assertThat(stored(WEEKLY)).hasSize(2);
    }

    @Test
    void aRunWhoseTurnIsTakenWhileItWritesEndsAndLeavesTheOthersRows() {
        Repository repository = Banking.repository(List.of(Banking.TRANSACTIONS), WEEKLY);
        transaction("c", 1, 42, 3);
        compute();
        Instant end = DAY_0.plus(Duration.ofDays(30));
        Materialize late = materialize(repository, new DisturbedStores(stores()));
        DisturbedStores.inTheNextTask(() -> {
            server.cli("DEL", "larder:{banking}:lease:materialize:" + WEEKLY.name());
            try (OnlineStores.Turn turn = stores().turn(WEEKLY.name());
                    OnlineStore store = turn.stores().open()) {
                turn.requireHeld();
                store.saveState(WEEKLY.name(), new OnlineStore.MaterializationState(1, end, "theirs"));
            }
        });

        assertThatThrownBy(() -> late.run(WEEKLY, LONG_AGO, end))
                .extracting(MaterializeContract::explanation)
                .extracting(LarderException::code)
                .isEqualTo(ErrorCode.ONLINE_STORE_UNAVAILABLE);

        assertThat(stored(WEEKLY)).isEmpty();
        try (OnlineStore store = stores().open()) {
            assertThat(store.state(WEEKLY.name())).contains(new OnlineStore.MaterializationState(1, end, "theirs"));
        }
    }
}
