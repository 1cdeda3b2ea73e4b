package dev.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code larder sql} as a person calls it: a process with arguments, standard input and an exit code. What stands in for Trino speaks
 * its protocol and answers every statement alike; what Trino makes of SQL is the trino module's to test.
 */
class SqlCommandTest {
    private static final String ROWS =
            """
            {"id":"q1","infoUri":"http://trino/q1","stats":{"state":"FINISHED"},"warnings":[],
             "columns":[
              {"name":"n","type":"bigint","typeSignature":{"rawType":"bigint","arguments":[]}},
              {"name":"text","type":"varchar","typeSignature":{"rawType":"varchar","arguments":[{"kind":"LONG","value":10}]}}],
             "data":[[7,"Zoë, \\"Z\\""],[null,""]]}
            """;
    private static final String SYNTAX_ERROR =
            """
            {"id":"q1","infoUri":"http://trino/q1","stats":{"state":"FAILED"},"warnings":[],
             "error":{"message":"line 1:8: mismatched input 'FORM'","errorCode":1,"errorName":"SYNTAX_ERROR","errorType":"USER_ERROR",
              "failureInfo":{"type":"io.trino.sql.parser.ParsingException","message":"line 1:8: mismatched input 'FORM'",
               "suppressed":[],"stack":["io.trino.sql.parser.ErrorHandler.syntaxError(ErrorHandler.java:1)"]}}}
            """;

    private final Queue<String> statements = new ConcurrentLinkedQueue<>();

    @TempDir
    private Path folder = Path.of("");

    @SuppressWarnings("NullAway.Init")
    private HttpServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/statement", this::answer);
        server.start();
        Files.writeString(
                folder.resolve("feature_store.yaml"),
                """
                project: banking
                provider: local
                registry: data/registry.db
                online_store: {type: sqlite, path: data/online_store.db}
                entity_key_serialization_version: 3
                larder:
                  trino: {url: "http://127.0.0.1:%d", user: larder, catalog: lakehouse}
                """
                        .formatted(server.getAddress().getPort()));
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String statement = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        statements.add("%s.%s: %s"
                .formatted(
                        exchange.getRequestHeaders().getFirst("X-Trino-Catalog"),
                        exchange.getRequestHeaders().getFirst("X-Trino-Schema"),
                        statement));
        byte[] body = (statement.contains("FORM") ? SYNTAX_ERROR : ROWS).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    @Test
    void theArgumentIsRunInTheProjectsSchemaAndPrintedAsATable() throws Exception {
        Ended ended = larder("", "sql", "SELECT 'ä';");

        assertThat(ended)
                .isEqualTo(new Ended(
                        0,
                        """
                           n | text
                        -----+---------
                           7 | Zoë, "Z"
                        NULL |
                        (2 rows)
                        """,
                        ""));
        assertThat(statements).containsExactly("lakehouse.banking: SELECT 'ä'");
    }

    @Test
    void aFileIsRunAsItStands() throws Exception {
        Path file = folder.resolve("question.sql");
        Files.writeString(file, "-- what for\nSELECT n\n");

        Ended ended = larder("", "sql", "--format", "csv", "--file", file.toString());

        assertThat(ended).isEqualTo(new Ended(0, "n,text\r\n7,\"Zoë, \"\"Z\"\"\"\r\n,\"\"\r\n", ""));
        assertThat(statements).singleElement().asString().startsWith("lakehouse.banking: -- what for\nSELECT n");
    }

    @Test
    void theQueriesThatShipAreFoundFromAnyFolder() throws Exception {
        Ended ended = larder("", "sql", "--format", "csv", "--file", "trino/queries/top_movers.sql");

        assertThat(ended.exitCode()).as(ended.errors()).isZero();
        assertThat(statements).singleElement().asString().contains("-- Top movers: ");
    }

    @Test
    void aDashReadsStandardInput() throws Exception {
        Ended ended = larder("SELECT 'from ü';\n", "sql", "--format", "JSON", "--limit", "1", "-");

        assertThat(ended).isEqualTo(new Ended(0, "[\n{\"n\":7,\"text\":\"Zoë, \\\"Z\\\"\"}\n]\n", ""));
        assertThat(statements).containsExactly("lakehouse.banking: SELECT 'from ü'");
    }

    @Test
    void catalogAndSchemaCanBeOthers() throws Exception {
        Ended ended = larder("", "sql", "--catalog", "source", "--schema", "public", "SELECT 1");

        assertThat(ended.exitCode()).as(ended.errors()).isZero();
        assertThat(statements).containsExactly("source.public: SELECT 1");
    }

    @Test
    void aSyntaxErrorIsTheCallersMistakeInOneLine() throws Exception {
        assertThat(larder("", "sql", "SELECT FORM"))
                .isEqualTo(new Ended(2, "", "error QUERY_INVALID: statement: line 1:8: mismatched input 'FORM'\n"));
        assertThat(larder("SELECT FORM", "sql", "-"))
                .isEqualTo(
                        new Ended(2, "", "error QUERY_INVALID: standard input: line 1:8: mismatched input 'FORM'\n"));
    }

    @Test
    void aTrinoThatDoesNotAnswerIsNamedInOneLine() throws Exception {
        int port = server.getAddress().getPort();
        server.stop(0);

        Ended ended = larder("", "sql", "SELECT 1");

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.output()).isEmpty();
        assertThat(ended.errors().lines())
                .singleElement()
                .asString()
                .startsWith("error TRINO_UNAVAILABLE: Trino at http://127.0.0.1:%d does not answer".formatted(port))
                .endsWith("Start it, or correct larder.trino in feature_store.yaml.");
    }

    @Test
    void withoutATrinoTheMessageSaysWhereToNameOne() throws Exception {
        Path settings = folder.resolve("feature_store.yaml");
        Files.writeString(settings, Files.readString(settings).replaceAll("(?s)larder:.*", ""));

        Ended ended = larder("", "sql", "SELECT 1");

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.errors()).startsWith("error STEP_MISSING: No Trino is set up for project banking.");
    }

    @Test
    void whatCannotBeRunIsRefusedBeforeTrinoIsAsked() throws Exception {
        assertRefused("error PATH_UNUSABLE: --file: cannot read none.sql ", "sql", "--file", "none.sql");
        assertRefused("error ARGUMENT_INVALID: standard input: no statement ", "sql", "-");
        assertRefused("error ARGUMENT_INVALID: statement: more than one statement ", "sql", "SELECT 1; SELECT 2");
        assertRefused("error ARGUMENT_INVALID: --limit: 0 ", "sql", "--limit", "0", "SELECT 1");
        assertRefused("Invalid value for option '--format'", "sql", "--format", "xml", "SELECT 1");
        assertRefused("Unmatched argument at index 5: 'SELECT 1'", "sql", "--file", "a.sql", "SELECT 1");
        assertRefused("Error: Missing required argument", "sql");
        assertThat(statements).isEmpty();
    }

    private void assertRefused(String message, String... arguments) throws Exception {
        Ended ended = larder("", arguments);
        assertThat(ended.exitCode()).as(message).isEqualTo(2);
        assertThat(ended.output()).isEmpty();
        assertThat(ended.errors()).startsWith(message).doesNotContain("\tat ");
    }

    private record Ended(int exitCode, String output, String errors) {}

    private Ended larder(String input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Home.java(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dlarder.home=" + System.getProperty("larder.root"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "-c",
                folder.toString()));
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        Path errors = folder.resolve("errors");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        builder.environment().keySet().removeAll(List.of("LARDER_DEBUG", "LARDER_DATA", "FEAST_FS_YAML_FILE_PATH"));
        Process process = builder.start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return new Ended(process.exitValue(), Files.readString(output), Files.readString(errors));
    }
}
