package dev.larder.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import dev.larder.model.DataSource;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.progress.Progress;
import dev.larder.servers.StackEndpoints;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The whole way, on a real PostgreSQL, Kafka and Kafka Connect; each test with a database and connector of its own. */
@ExtendWith(RunningStack.class)
@SuppressWarnings("NullAway.Init")
final class CaptureTest {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private StackEndpoints endpoints;
    private PostgresSource postgres;
    private String name;
    private Connection connection;
    private ConnectClient connect;

    @BeforeEach
    void createTable(StackEndpoints running) throws SQLException {
        endpoints = running;
        name = "capture" + COUNT.incrementAndGet();
        postgres = RunningStack.newDatabase(endpoints, name);
        connection = postgres.connect();
        connect = new ConnectClient(endpoints.connect().url());
        execute("CREATE TABLE orders (id int PRIMARY KEY, amount numeric(12,2))");
    }

    @AfterEach
    void removeConnector() throws SQLException {
        connect.delete(name);
        dropSlot();
        connection.close();
    }

    @Test
    void snapshotInsertUpdateDeleteAndTombstoneArrive() throws SQLException {
        execute("INSERT INTO orders VALUES (1, 12.5)");
        register();
        caughtUp(LIMIT);
        execute("INSERT INTO orders VALUES (2, 3)");
        execute("UPDATE orders SET amount = 4 WHERE id = 2");
        execute("DELETE FROM orders WHERE id = 2");
        caughtUp(LIMIT);

        List<ChangeEvent> events = events();

        assertThat(events)
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("Snapshot", "Insert", "Update", "Delete", "Tombstone");
        assertThat(((ChangeEvent.Snapshot) events.get(0)).row()).isEqualTo(Map.of("id", "1", "amount", "12.50"));
        assertThat(((ChangeEvent.Update) events.get(2)).row()).isEqualTo(Map.of("id", "2", "amount", "4.00"));
        long inserted = ((ChangeEvent.Insert) events.get(1)).position().lsn();
        long updated = ((ChangeEvent.Update) events.get(2)).position().lsn();
        long deleted = ((ChangeEvent.Delete) events.get(3)).position().lsn();
        assertThat(List.of(inserted, updated, deleted)).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void anIdleDatabaseIsCaughtUpTimeAndAgain() {
        register();
        for (int i = 0; i < 3; i++) {
            caughtUp(Duration.ofSeconds(20));
        }
    }

    /** The promise itself: the moment that the wait is over, what was committed before it began is in Kafka. */
    @Test
    void inABusyDatabaseAllThatWasCommittedBeforeTheWaitHasArrivedAfterIt() throws Exception {
        register();
        AtomicInteger committed = new AtomicInteger();
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(committed, enough));
        try {
            for (int round = 0; round < 5; round++) {
                int before = committed.get();
                await().atMost(LIMIT).until(() -> committed.get() > before + 500);
                int sure = committed.get();

                // The writer does not wait for Debezium, which on a slow machine falls far behind.
                caughtUp(LIMIT.multipliedBy(5));

                assertThat(endOffset()).as("round %s", round).isGreaterThanOrEqualTo(sure);
            }
        } finally {
            enough.set(true);
            writer.join();
        }
    }

    /** The slot of a new connector is ahead of the snapshot that is still being written. */
    @Test
    void aSnapshotUnderWayIsWaitedFor() throws SQLException {
        execute("INSERT INTO orders SELECT i, i FROM generate_series(1, 30000) AS i");
        register();

        caughtUp(LIMIT);

        assertThat(endOffset()).isEqualTo(30_000);
    }

    @Test
    void registeringAgainChangesNothing() throws SQLException {
        execute("INSERT INTO orders VALUES (1, 1)");
        register();
        caughtUp(LIMIT);
        List<String> remarks = new ArrayList<>();

        connect.register(config(postgres), LIMIT, (step, unit) -> new RecordedStep(remarks));

        assertThat(remarks).containsExactly("(was registered)");
        execute("INSERT INTO orders VALUES (2, 2)");
        caughtUp(LIMIT);
        assertThat(endOffset()).isEqualTo(2);
    }

    @Test
    void aTaskThatHasFailedIsReportedAtOnceWithItsReason() throws SQLException {
        register();
        caughtUp(LIMIT);
        dropSlot();

        assertFails(() -> caughtUp(LIMIT), ErrorCode.CONNECTOR_FAILED)
                .hasMessageContaining("Connector " + name)
                .hasMessageContaining("task 0")
                .hasMessageContaining("no longer available on the server")
                .hasMessageContaining("larder connect --restart")
                .message()
                .doesNotContain("\tat ")
                .hasSizeLessThan(1_000);
        assertThat(connect.status(name).flatMap(ConnectorStatus::failure)).isPresent();
    }

    @Test
    void aTimeLimitIsReportedWithBothPositions() throws SQLException {
        register();
        caughtUp(LIMIT);

        assertFails(() -> caughtUp(Duration.ZERO), ErrorCode.SOURCE_NOT_CAUGHT_UP)
                .message()
                .matches("(?s).*position [0-9A-F]+/[0-9A-F]+ within 0 s: replication slot "
                        + ConnectorConfig.slotName(name)
                        + " has confirmed [0-9A-F]+/[0-9A-F]+, \\d+ bytes behind.*--no-wait.*");
    }

    @Test
    void aConnectorThatIsNotRegisteredIsReported() {
        assertFails(() -> caughtUp(LIMIT), ErrorCode.CONNECTOR_FAILED).hasMessageContaining("is not registered");
    }

    @Test
    void aConfigurationThatIsRefusedIsReportedInTheWordsOfTheDatabase() {
        PostgresSource stranger =
                new PostgresSource(postgres.host(), postgres.port(), postgres.database(), "stranger", null);

        assertFails(() -> connect.register(config(stranger), LIMIT, Progress.none()), ErrorCode.CONNECTOR_FAILED)
                .hasMessageContaining("role \"stranger\" does not exist");
    }

    @Test
    void aConnectThatDoesNotAnswerIsReported() {
        URI nobody = URI.create("http://127.0.0.1:1");

        assertFails(() -> new ConnectClient(nobody).status(name), ErrorCode.SOURCE_UNAVAILABLE)
                .hasMessageContaining(nobody.toString());
    }

    @Test
    void aDatabaseThatDoesNotAnswerIsReported() {
        assertFails(
                        () -> new PostgresSource("127.0.0.1", 1, "banking", "me", "secret").connect(),
                        ErrorCode.SOURCE_UNAVAILABLE)
                .hasMessageContaining("127.0.0.1:1")
                .message()
                .doesNotContain("secret");
    }

    private record RecordedStep(List<String> remarks) implements Progress.Step {
        @Override
        public void expect(long total) {}

        @Override
        public void add(long count) {}

        @Override
        public void done(String remark) {
            remarks.add(remark);
        }

        @Override
        public void close() {}
    }

    private ConnectorConfig config(PostgresSource source) {
        DataSource orders = ConnectorConfigTest.source("orders", "public.orders", topic());
        return ConnectorConfig.of(name, name, source, List.of(orders), 1);
    }

    private void register() {
        connect.register(config(postgres), LIMIT, Progress.none());
    }

    private void caughtUp(Duration limit) {
        new CaughtUp(postgres, connect).await(ConnectorConfig.slotName(name), name, limit, Progress.none());
    }

    private String topic() {
        return name + ".public.orders";
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void write(AtomicInteger committed, AtomicBoolean enough) {
        try (Connection own = postgres.connect();
                PreparedStatement insert = own.prepareStatement("INSERT INTO orders VALUES (?, 1)")) {
            while (!enough.get()) {
                insert.setInt(1, committed.get());
                insert.executeUpdate();
                committed.incrementAndGet();
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** What an administrator may do, or PostgreSQL itself if too much log piles up. */
    private void dropSlot() {
        String its = " FROM pg_replication_slots WHERE slot_name = '" + ConnectorConfig.slotName(name) + "'";
        await().atMost(LIMIT).ignoreExceptions().until(() -> {
            execute("SELECT pg_terminate_backend(active_pid)" + its);
            execute("SELECT pg_drop_replication_slot(slot_name)" + its);
            return true;
        });
    }

    private long endOffset() {
        TopicPartition partition = new TopicPartition(topic(), 0);
        try (KafkaConsumer<String, String> consumer = consumer()) {
            return consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        }
    }

    private List<ChangeEvent> events() {
        TopicPartition partition = new TopicPartition(topic(), 0);
        List<ChangeEvent> events = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = consumer()) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<String, String> received : consumer.poll(Duration.ofSeconds(1))) {
                    events.add(EnvelopeParser.parse(received.key(), received.value()));
                }
            }
        }
        return events;
    }

    private KafkaConsumer<String, String> consumer() {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", endpoints.kafka().bootstrapServers()),
                new StringDeserializer(),
                new StringDeserializer());
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertFails(ThrowingCallable call, ErrorCode code) {
        return assertThatThrownBy(call).isInstanceOf(LarderException.class).satisfies(thrown -> assertThat(thrown)
                .asInstanceOf(type(LarderException.class))
                .extracting(LarderException::code)
                .isEqualTo(code));
    }
}
