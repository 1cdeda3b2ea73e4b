package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.grpc.GrpcConfig;
import dev.larder.server.online.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Java client that Feast publishes, unmodified and with the libraries of its time, asks for Feast's golden rows. What it
 * prints is in {@code src/test/feast-java-client}.
 */
final class FeastJavaClientTest {
    /** An hour and a second after the rows of {@code driver_stale}, whose ttl is an hour. */
    private static final Instant WHEN_STALE = Instant.parse("2024-03-02T13:00:01Z");

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void golden() {
        TestServer.goldenRepo(folder);
    }

    @Test
    void itReadsAllItKnows() throws Exception {
        try (TestServer server = start(null)) {
            assertThat(ask("127.0.0.1", port(server)))
                    .containsExactly(
                            "version 0.67.0",
                            "row | driver_basic:f_bool = bool_val: true PRESENT"
                                    + " | driver_basic:f_bytes = bytes_val: \"\\000\\001\\377\" PRESENT"
                                    + " | driver_basic:f_double = double_val: 0.1 PRESENT"
                                    + " | driver_basic:f_float = float_val: 0.1 PRESENT"
                                    + " | driver_basic:f_int32 = int32_val: 7 PRESENT"
                                    + " | driver_basic:f_int64 = int64_val: 9007199254740992 PRESENT"
                                    + " | driver_basic:f_string = string_val: \"na\\303\\257ve-\\346\\227\\245\\346\\234\\254\" PRESENT"
                                    + " | driver_basic:f_ts = unix_timestamp_val: 1709380800 PRESENT"
                                    + " | driver_id = int64_val: 1001 PRESENT"
                                    + " | driver_stale:score = double_val: 0.25 OUTSIDE_MAX_AGE"
                                    + " | at 1709380800",
                            nothing("NULL_VALUE", "1003") + " | at 0",
                            nothing("NOT_FOUND", "9999") + " | at 0",
                            // Uuid came after this client: it sees a field that it does not know.
                            "row | driver_basic:l_bool = bool_list_val { val: true val: false } PRESENT"
                                    + " | driver_basic:l_bytes = bytes_list_val { val: \"a\" val: \"\\377\" } PRESENT"
                                    + " | driver_basic:l_double = double_list_val { val: 0.1 val: 1.5 } PRESENT"
                                    + " | driver_basic:l_float = float_list_val { val: 0.1 val: 1.5 } PRESENT"
                                    + " | driver_basic:l_int32 = int32_list_val { val: 1 val: -1 } PRESENT"
                                    + " | driver_basic:l_int64 = int64_list_val { val: 1 val: -1 val: 1099511627776 } PRESENT"
                                    + " | driver_basic:l_string = string_list_val { val: \"a\" val: \"\" val: \"\\303\\251\" } PRESENT"
                                    + " | driver_basic:l_ts = unix_timestamp_list_val { val: 1709380800 } PRESENT"
                                    + " | driver_id = int64_val: 1001 PRESENT"
                                    + " | driver_rich:r_uuid = 36: \"f47ac10b-58cc-4372-a567-0e02b2c3d479\" PRESENT"
                                    + " | at 1709380800",
                            // A Java int goes out as Int32 and is cast; columns that nothing needs are no mistake.
                            "row | driver_id = int32_val: 1001 PRESENT | driver_stale:score = double_val: 0.25 OUTSIDE_MAX_AGE"
                                    + " | label = string_val: \"x\" PRESENT | at 1709380800",
                            "row | customer_id = string_val: \"c1\" PRESENT | driver_id = string_val: \"1001\" PRESENT"
                                    + " | pair_stats:trips = int64_val: 3 PRESENT | at 1709380800",
                            "refused | NOT_FOUND: Feature view nope does not exist in project golden (known: driver_basic, driver_batch_agg, driver_pushed, driver_rich, driver_stale, driver_stream_agg, global_stats, pair_stats)",
                            "refused | INVALID_ARGUMENT: Column driver_id, row 0: \"abc\" cannot be read as Int64 (accepted: a number, which is cut to a whole one, true, false, or text of a whole number)");
        }
    }

    @Test
    void itReadsOverTls() throws Exception {
        Certificates certificates = Certificates.make(folder);
        try (TestServer server = start(new Tls(certificates.key(), certificates.certificate()))) {
            assertThat(ask("localhost", port(server), certificates.authority().toString()))
                    .startsWith("version 0.67.0")
                    .anyMatch(line -> line.startsWith("row | driver_id = int32_val: 1001 PRESENT"))
                    .last()
                    .asString()
                    .startsWith("refused | INVALID_ARGUMENT: ");
        }
    }

    private TestServer start(@Nullable Tls tls) {
        return TestServer.start(
                TestServer.withGrpc(TestServer.config(folder, Mode.STRICT, Limits.DEFAULT), GrpcConfig.Names.JAVA, tls),
                WHEN_STALE);
    }

    private static String port(TestServer server) {
        return server.grpcAddress().substring(server.grpcAddress().lastIndexOf(':') + 1);
    }

    /** A row of the first request in which nothing has a value. */
    private static String nothing(String status, String driver) {
        StringBuilder row = new StringBuilder("row");
        for (String feature :
                List.of("f_bool", "f_bytes", "f_double", "f_float", "f_int32", "f_int64", "f_string", "f_ts")) {
            row.append(" | driver_basic:").append(feature).append(" =  ").append(status);
        }
        return row + " | driver_id = int64_val: " + driver + " PRESENT | driver_stale:score =  NOT_FOUND";
    }

    private List<String> ask(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                Path.of("target", "feast-java-client", "*").toString(),
                Path.of("src", "test", "feast-java-client", "AskWithFeast.java").toString()));
        command.addAll(Arrays.asList(arguments));
        Path errors = folder.resolve("client.err");
        Process client =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        String printed = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(client.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(client.exitValue()).as(printed + Files.readString(errors)).isZero();
        return printed.lines().toList();
    }
}
