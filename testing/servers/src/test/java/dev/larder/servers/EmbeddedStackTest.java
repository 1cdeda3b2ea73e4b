package dev.larder.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** One stack through its life; the methods build on each other because a start takes seconds. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class EmbeddedStackTest {
    private static final TopicPartition TOPIC = new TopicPartition("kept", 0);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static StackEndpoints endpoints;

    @BeforeAll
    static void start() {
        endpoints = Stacks.start(folder);
    }

    @AfterAll
    static void stop() {
        EmbeddedStack.stop(folder);
    }

    @Test
    @Order(1)
    void postgresAnswersWithLogicalDecodingOn() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE kept (n int)");
            statement.execute("INSERT INTO kept VALUES (7)");
            try (ResultSet rows = statement.executeQuery("SHOW wal_level")) {
                rows.next();
                assertThat(rows.getString(1)).isEqualTo("logical");
            }
        }
    }

    @Test
    @Order(2)
    void kafkaKeepsWhatIsProduced() throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", endpoints.kafka().bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>(TOPIC.topic(), "key", "value")).get();
        }
        assertThat(consume()).containsExactly("value");
    }

    @Test
    @Order(3)
    void connectOffersDebezium() throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(endpoints.connect().url().resolve("/connector-plugins"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(response.body()).contains("io.debezium.connector.postgresql.PostgresConnector");
    }

    @Test
    @Order(4)
    void everythingListensOnThisMachineAlone() throws Exception {
        List<InetAddress> others = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress())
                .toList();

        for (int port : List.of(
                endpoints.postgres().port(),
                endpoints.kafka().port(),
                endpoints.connect().url().getPort())) {
            assertThat(accepts(Ports.loopback(), port)).as("port %s", port).isTrue();
            assertThat(others).as("port %s", port).noneMatch(address -> accepts(address, port));
        }
    }

    @Test
    @Order(5)
    void startingWhatRunsChangesNothing() {
        List<Long> before = pids();

        assertThat(Stacks.start(folder)).isEqualTo(endpoints);

        assertThat(pids()).isEqualTo(before);
        assertThat(EmbeddedStack.running(folder)).contains(endpoints);
    }

    @Test
    @Order(6)
    void killedPartsComeBackWithTheirDataOnTheirPorts() throws Exception {
        long connectBefore = EmbeddedStack.pid(folder, Part.CONNECT).orElseThrow();
        EmbeddedStack.kill(folder, Part.KAFKA);
        EmbeddedStack.kill(folder, Part.POSTGRES);
        assertThat(EmbeddedStack.running(folder)).isEmpty();

        assertThat(Stacks.start(folder)).isEqualTo(endpoints);

        assertThat(EmbeddedStack.pid(folder, Part.CONNECT)).contains(connectBefore);
        assertThat(consume()).containsExactly("value");
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT n FROM kept")) {
            rows.next();
            assertThat(rows.getInt(1)).isEqualTo(7);
        }
    }

    @Test
    @Order(7)
    void aPartThatUsesOneThatHadToMoveFollows() throws Exception {
        long connectBefore = EmbeddedStack.pid(folder, Part.CONNECT).orElseThrow();
        EmbeddedStack.kill(folder, Part.KAFKA);
        try (ServerSocket taken = occupy(endpoints.kafka().port())) {
            assertThat(Stacks.start(folder).kafka().port()).isNotEqualTo(taken.getLocalPort());
        }

        long connect = EmbeddedStack.pid(folder, Part.CONNECT).orElseThrow();

        assertThat(connect).isNotEqualTo(connectBefore);
        assertThat(Stacks.isAlive(connectBefore)).isFalse();
    }

    @Test
    @Order(8)
    void stopLeavesNoProcessBehind() {
        List<Long> all = new ArrayList<>(pids());
        for (long pid : pids()) {
            ProcessHandle.of(pid).orElseThrow().descendants().forEach(child -> all.add(child.pid()));
        }
        assertThat(all).hasSizeGreaterThan(Part.EMBEDDED.size());

        EmbeddedStack.stop(folder);

        assertThat(all).noneMatch(Stacks::isAlive);
        assertThat(EmbeddedStack.running(folder)).isEmpty();
    }

    /** A killed process's port stays bound for a moment. */
    private static ServerSocket occupy(int port) {
        return await().ignoreExceptions().until(() -> new ServerSocket(port, 1, Ports.loopback()), socket -> true);
    }

    private static boolean accepts(InetAddress address, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Long> pids() {
        return Part.EMBEDDED.stream()
                .sorted()
                .map(part -> EmbeddedStack.pid(folder, part).orElseThrow())
                .toList();
    }

    private static Connection connect() throws Exception {
        return DriverManager.getConnection(
                endpoints.postgres().jdbcUrl(), endpoints.postgres().user(), "");
    }

    private static List<String> consume() {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", endpoints.kafka().bootstrapServers()),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(TOPIC));
            consumer.seekToBeginning(List.of(TOPIC));
            List<String> values = new ArrayList<>();
            long end = consumer.endOffsets(List.of(TOPIC)).getOrDefault(TOPIC, 0L);
            while (consumer.position(TOPIC) < end) {
                for (ConsumerRecord<String, String> received : consumer.poll(Duration.ofSeconds(1))) {
                    values.add(received.value());
                }
            }
            return values;
        }
    }
}
