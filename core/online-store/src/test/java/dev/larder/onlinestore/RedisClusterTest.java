package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore.MaterializationState;
import dev.larder.onlinestore.OnlineStore.OnlineRow;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole contract on three nodes that share the entities. */
final class RedisClusterTest extends OnlineStoreContract {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static RedisServers servers;

    @SuppressWarnings("NullAway.Init")
    private static List<RedisServer> nodes;

    @BeforeAll
    static void startRedis() {
        servers = Redises.in(folder);
        nodes = servers.cluster(3);
    }

    @AfterAll
    static void stopRedis() {
        if (servers != null) {
            servers.close();
        }
    }

    @AfterEach
    void empty() {
        nodes.forEach(node -> node.cli("FLUSHALL"));
    }

    @Override
    protected OnlineStore openStore() {
        // One node is enough to find the others.
        return RedisOnlineStore.open(settings(""), Redises.PROJECT);
    }

    @Override
    protected AutoCloseable takeTurn(String view) {
        return Redises.takeTurn(store(), view);
    }

    private static RedisSettings settings(String more) {
        return RedisSettings.parse("redis_cluster", nodes.get(1).address() + more, "", OptionalInt.empty());
    }

    @Test
    void theRowsLieOnAllNodes() {
        store().put(
                        "week",
                        FEATURES,
                        IntStream.range(0, 100)
                                .mapToObj(i -> row(i, NOON, 10, i))
                                .toList());

        assertThat(nodes).allSatisfy(node -> assertThat(Integer.parseInt(node.cli("DBSIZE")))
                .isPositive());
        assertThat(store().keys("week")).hasSize(100);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aNodeThatIsEmptiedWhileAViewIsWrittenIsNoticed(int lost) {
        MaterializationState state = new MaterializationState(5, NOON, "hash");
        assertThat(store().state("week")).isEmpty();
        store().saveState("week", new MaterializationState(5, NOON, "writing"));
        nodes.get(lost).cli("FLUSHALL");
        OnlineStore other = open();
        other.saveState("day", state);

        assertThatThrownBy(() -> store().saveState("week", state)).hasMessageContaining("was emptied meanwhile");
        assertThat(open().state("week")).isEmpty();
        assertThat(open().state("day")).contains(state);
    }

    @Test
    void whoHasLostTheLeaseWritesNoMoreOnAnyNode() {
        List<OnlineWrite> rows =
                IntStream.range(0, 100).mapToObj(i -> row(i, NOON, 10, i)).toList();
        RedisOnlineStore keeper = (RedisOnlineStore) store();
        try (Lease lease = keeper.lease("materialize", Duration.ofMinutes(1)).orElseThrow();
                RedisOnlineStore writing = RedisOnlineStore.open(settings(""), Redises.PROJECT, lease.token())) {
            assertThat(writing.put("week", FEATURES, rows)).isEqualTo(100);
            writing.saveState("week", new MaterializationState(5, NOON, "hash"));
            nodes.forEach(node -> node.cli("DEL", lease.token().key()));

            List<OnlineWrite> newer = IntStream.range(0, 100)
                    .mapToObj(i -> row(i, NOON.plusSeconds(1), 10, -1))
                    .toList();
            assertThatThrownBy(() -> writing.put("week", FEATURES, newer)).hasMessageContaining("was lost");
            assertThatThrownBy(() -> writing.saveState("week", new MaterializationState(6, NOON, "hash")))
                    .hasMessageContaining("was lost");
            nodes.forEach(
                    node -> node.cli("SET", lease.token().key(), lease.token().secret()));
            assertThatThrownBy(() -> writing.put("week", FEATURES, newer)).hasMessageContaining("was lost");
        }
        assertThat(store().put("week", FEATURES, rows)).isZero();
        assertThat(store().state("week")).contains(new MaterializationState(5, NOON, "hash"));
    }

    @Test
    void everyNodeIsToldUserAndPassword() {
        nodes.forEach(node -> {
            assertThat(node.cli(Redises.addUser("larder", "staple"))).isEqualTo("OK");
            node.cli("CONFIG", "SET", "requirepass", "horse");
        });
        List<OnlineWrite> rows =
                IntStream.range(0, 100).mapToObj(i -> row(i, NOON, 10, i)).toList();
        MaterializationState state = new MaterializationState(5, NOON, "hash");
        try (RedisOnlineStore somebody =
                        RedisOnlineStore.open(settings(",username=larder,password=staple"), Redises.PROJECT);
                Lease lease =
                        somebody.lease("materialize", Duration.ofMinutes(1)).orElseThrow();
                OnlineStore byPassword =
                        RedisOnlineStore.open(settings(",password=horse"), Redises.PROJECT, lease.token());
                OnlineStore nobody = RedisOnlineStore.open(settings(""), Redises.PROJECT)) {
            assertThat(somebody.state("week")).isEmpty();
            assertThat(somebody.put("week", FEATURES, rows)).isEqualTo(100);
            somebody.saveState("week", state);
            assertThat(byPassword.put("week", FEATURES, rows)).isZero();
            assertThat(byPassword.keys("week")).hasSize(100);
            assertThat(byPassword.state("week")).contains(state);
            assertThatThrownBy(() -> nobody.state("week"))
                    .isInstanceOf(LarderException.class)
                    .hasMessageContaining("asks for a password");
        } finally {
            nodes.forEach(node -> node.cli("-a", "horse", "--no-auth-warning", "CONFIG", "SET", "requirepass", ""));
        }
    }

    @Test
    void aScriptThatIsForgottenIsSentToItsKeysNodeAlone() {
        RedisServer serving = servers.cluster(1).get(0);
        RedisServer idle = servers.cluster(1).get(0);
        idle.cli("CLUSTER", "RESET");
        serving.cli(
                "CLUSTER",
                "MEET",
                serving.address().split(":", -1)[0],
                Integer.toString(idle.port()),
                idle.cli("CONFIG", "GET", "cluster-port")
                        .lines()
                        .skip(1)
                        .findFirst()
                        .orElseThrow());
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(List.of(serving, idle))
                .allSatisfy(node -> assertThat(node.cli("CLUSTER", "INFO"))
                        .contains("cluster_state:ok", "cluster_slots_ok:16384", "cluster_known_nodes:2")));
        RedisSettings settings = RedisSettings.parse("redis_cluster", serving.address(), "", OptionalInt.empty());
        try (OnlineStore store = RedisOnlineStore.open(settings, Redises.PROJECT)) {
            assertThat(store.put("week", FEATURES, List.of(row(1, NOON, 10, 7))))
                    .isEqualTo(1);
            idle.stop();
            serving.cli("SCRIPT", "FLUSH");

            assertThat(store.put("week", FEATURES, List.of(row(1, NOON, 11, 7))))
                    .isEqualTo(1);
        }
    }

    @Test
    void aScriptThatOneNodeHasForgottenIsLoadedAgain() {
        put("week", row(1, NOON, 10, 7));
        nodes.forEach(node -> node.cli("SCRIPT", "FLUSH"));

        assertThat(store().put(
                                "week",
                                FEATURES,
                                IntStream.range(0, 100)
                                        .mapToObj(i -> row(i, NOON.plusSeconds(1), 10, i))
                                        .toList()))
                .isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aNodeThatLostItsRowsIsNoticed(int lost) {
        MaterializationState state = new MaterializationState(5, NOON, "hash");
        store().saveState("week", state);
        store().saveState("day", state);
        assertThat(store().state("week")).contains(state);

        nodes.get(lost).cli("FLUSHALL");

        assertThat(store().state("week")).isEmpty();
        store().saveState("week", state);
        assertThat(store().state("week")).contains(state);
        assertThat(store().state("day")).isEmpty();
    }

    @Test
    void rowsThatMoveToAnotherNodeAreReadAndWrittenMeanwhile() throws InterruptedException, ExecutionException {
        List<Integer> entities = IntStream.range(0, 2_000).boxed().toList();
        List<byte[]> keys = entities.stream().map(OnlineStoreContract::key).toList();
        store().put(
                        "week",
                        FEATURES,
                        entities.stream().map(i -> row(i, NOON, 10, i)).toList());
        RedisServer from = nodes.get(0);
        RedisServer to = nodes.get(2);
        ExecutorService pool = Executors.newSingleThreadExecutor();
        Future<String> move = pool.submit(() -> from.cli(
                "--cluster",
                "reshard",
                from.address(),
                "--cluster-from",
                from.cli("CLUSTER", "MYID"),
                "--cluster-to",
                to.cli("CLUSTER", "MYID"),
                "--cluster-slots",
                "700",
                "--cluster-yes"));

        int round = 0;
        while (!move.isDone() || round < 3) {
            round++;
            int seconds = round;
            assertThat(store().put(
                                    "week",
                                    FEATURES,
                                    entities.stream()
                                            .map(i -> row(i, NOON.plusSeconds(seconds), 10, i))
                                            .toList()))
                    .isEqualTo(entities.size());
            assertThat(readRows("week", FEATURES, keys)).allSatisfy(row -> assertThat(row)
                    .isNotNull()
                    .extracting(OnlineRow::eventSeconds)
                    .isEqualTo(NOON.getEpochSecond() + seconds));
        }

        assertThat(move.get()).contains("Moving slot").doesNotContain("ERR");
        pool.shutdown();
        assertThat(Integer.parseInt(to.cli("DBSIZE"))).isGreaterThan(Integer.parseInt(from.cli("DBSIZE")));
    }

    @Test
    void aLeaseIsHeldOnceInTheWholeCluster() {
        RedisOnlineStore one = (RedisOnlineStore) store();
        RedisOnlineStore other = (RedisOnlineStore) open();
        Optional<Lease> held = one.lease("materialize", Duration.ofSeconds(30));

        assertThat(held).isPresent();
        assertThat(other.lease("materialize", Duration.ofSeconds(30))).isEmpty();
        held.ifPresent(Lease::close);
        try (Lease next = other.lease("materialize", Duration.ofSeconds(30)).orElseThrow()) {
            next.requireHeld();
        }
    }
}
