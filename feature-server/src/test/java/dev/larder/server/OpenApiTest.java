package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.TestServer.Answer;
import dev.larder.server.online.Limits;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The document says what the server does, and the server does what it says. */
final class OpenApiTest {
    private static final Pattern LINK = Pattern.compile("(?:src|href)=\"([^\"]+)\"");

    private static TestServer server;

    @BeforeAll
    static void start(@TempDir Path folder) {
        server = TestServer.start(
                TestServer.config(TestServer.goldenRepo(folder), Mode.STRICT, new Limits(2_000, 10, 50, 100)),
                TestServer.WHEN_FRESH);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void theDocumentIsValid() {
        Answer answer = server.get("/openapi.json");
        assertThat(answer.contentType()).isEqualTo("application/json");
        assertValid(answer.text());
        assertThat(answer.json().path("openapi").asText()).isEqualTo("3.1.0");
    }

    @Test
    void everyEndpointIsDocumentedAndEveryDocumentedOneIsThere() {
        Set<String> documented = new TreeSet<>();
        Set<String> answered = new TreeSet<>();
        document().path("paths").properties().forEach(path -> path.getValue()
                .fieldNames()
                .forEachRemaining(
                        method -> documented.add(method.toUpperCase(Locale.ROOT) + " " + registered(path.getKey()))));
        server.registered().forEach((path, methods) -> methods.forEach(method -> answered.add(method + " " + path)));
        assertThat(documented).isEqualTo(answered);
    }

    /** A documented path with parameters is registered by what comes before them. */
    private static String registered(String path) {
        int parameter = path.indexOf('{');
        return parameter < 0 || server.registered().containsKey(path) ? path : path.substring(0, parameter);
    }

    @Test
    void examplesFitTheirSchemas() {
        assertThat(checkedExamples(document())).isGreaterThan(20);
    }

    @Test
    void realAnswersAreAsDocumented() {
        String online = "/get-online-features";
        assertDocumented(online, "post", 200, server.ask(body("driver_basic:f_int64", "[1001, 1002, 9999]")));
        assertDocumented(
                online,
                "post",
                200,
                server.ask(
                        "{\"features\": [\"driver_rich:r_decimal\"], \"entities\": {\"driver_id\": [1001]}, \"include_feature_view_version_metadata\": true}"));
        assertDocumented(online, "post", 400, server.ask(body("score", "[1]")));
        assertDocumented(online, "post", 404, server.ask(body("nope:score", "[1]")));
        assertDocumented(online, "post", 413, server.ask(body("driver_stale:score", "[1]" + " ".repeat(2_000))));
        assertDocumented(online, "post", 422, server.ask("{"));
        assertDocumented(online, "post", 422, server.ask("{\"entities\": 7, \"features\": [1]}"));
        assertDocumented(online, "post", 501, server.ask(body("basic_pandas:int64_plus_one", "[1]")));
        assertDocumented("/api/v1/features", "get", 200, server.get("/api/v1/features"));
        String byKey = "/api/v1/features/{feature_view}/{key}";
        assertDocumented(byKey, "get", 200, server.get("/api/v1/features/driver_rich/1001"));
        assertDocumented(byKey, "get", 400, server.get("/api/v1/features/driver_rich/abc"));
        assertDocumented(byKey, "get", 404, server.get("/api/v1/features/driver_rich/9999"));
        assertDocumented(byKey, "get", 404, server.get("/api/v1/features/nope/1"));
        assertDocumented(byKey, "get", 501, server.get("/api/v1/features/basic_pandas/1"));
        assertDocumented("/api/v1/features/{feature_view}", "get", 200, server.get("/api/v1/features/global_stats"));
        assertDocumented(
                "/api/v1/features/{feature_view}/{key}/{second_key}",
                "get",
                200,
                server.get("/api/v1/features/pair_stats/1001/c1"));
        assertDocumented("/metrics", "get", 200, server.get("/metrics"));
        assertDocumented("/openapi.json", "get", 200, server.get("/openapi.json"));
        assertDocumented("/docs", "get", 200, server.get("/docs"));
        assertDocumented("/docs/{file}", "get", 200, server.get("/docs/swagger-ui.css"));
        assertDocumented("/docs/{file}", "get", 404, server.get("/docs/nope"));
        Answer longHeader = server.send(
                HttpRequest.newBuilder(server.uri().resolve("/health")).header("X-Long", "x".repeat(20_000)));
        assertDocumented("/health", "get", 431, longHeader);
    }

    @Test
    void realAnswersToWritersAreAsDocumented() {
        String rows = "{\"driver_id\": [7], \"score\": [0.5], \"event_timestamp\": [\"2024-03-01T12:00:00Z\"]}";
        String push = "{\"push_source_name\": \"%s\", \"to\": \"%s\", \"df\": %s}";
        assertThat(server.post("/push", push.formatted("driver_push", "online", rows))
                        .status())
                .isEqualTo(200);
        assertDocumented("/push", "post", 400, server.post("/push", push.formatted("driver_push", "nowhere", rows)));
        assertDocumented("/push", "post", 422, server.post("/push", push.formatted("nope", "online", rows)));
        assertDocumented("/push", "post", 422, server.post("/push", "{}"));
        assertDocumented("/push", "post", 501, server.post("/push", push.formatted("driver_push", "offline", rows)));
        String write = "{\"feature_view_name\": \"%s\", \"df\": %s}";
        String path = "/write-to-online-store";
        assertDocumented(path, "post", 200, server.post(path, write.formatted("driver_pushed", rows)));
        assertDocumented(path, "post", 404, server.post(path, write.formatted("nope", rows)));
        assertDocumented(path, "post", 422, server.post(path, "[]"));

        assertDocumented("/materialize", "get", 200, server.get("/materialize"));
        assertDocumented("/materialize", "post", 422, server.post("/materialize", "7"));
        String incremental = "/materialize-incremental";
        assertDocumented(
                incremental,
                "post",
                501,
                server.post(
                        incremental, "{\"end_ts\": \"2024-03-02T00:00:00Z\", \"feature_views\": [\"driver_basic\"]}"));
    }

    @Test
    void realAnswersWhileNothingIsAppliedAndWhenTheStoreIsBrokenAreAsDocumented(@TempDir Path folder)
            throws IOException {
        try (TestServer empty = TestServer.strict(TestServer.repo(folder))) {
            assertDocumented("/get-online-features", "post", 503, empty.ask(body("driver_stale:score", "[1]")));
            assertDocumented("/health", "get", 503, empty.get("/health"));
            assertDocumented("/api/v1/features", "get", 503, empty.get("/api/v1/features"));
            assertDocumented("/api/v1/features/{feature_view}", "get", 503, empty.get("/api/v1/features/global_stats"));
            TestServer.copyGolden("registry.db", folder);
            empty.refreshRegistry();
            Files.writeString(folder.resolve("online_store.db"), "no database, but long enough".repeat(40));
            assertDocumented("/get-online-features", "post", 500, empty.ask(body("driver_stale:score", "[1]")));
        }
    }

    @Test
    void thePageConsistsOfWhatThisServerServes() {
        Answer page = server.get("/docs");
        assertThat(page.contentType()).startsWith("text/html");
        assertThat(page.text()).doesNotContain("//");
        Matcher link = LINK.matcher(page.text());
        List<String> files = new ArrayList<>();
        while (link.find()) {
            Answer file = server.get("/" + link.group(1));
            assertThat(file.status()).as(link.group(1)).isEqualTo(200);
            assertThat(file.text()).isNotEmpty();
            files.add(file.contentType());
        }
        assertThat(files).containsExactly("text/css", "image/png", "text/javascript", "text/javascript");
        assertThat(server.get("/docs/start.js").text()).contains("url: 'openapi.json'");
        assertThat(server.get("/docs/swagger-ui-bundle.js").text()).contains("SwaggerUIBundle");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/docs/index.html",
                "/docs/../../server/openapi.yaml",
                "/docs/%2e%2e/%2e%2e/server/openapi.yaml",
                "/docs/swagger-ui.css/",
                "/docs/",
                "/docs//swagger-ui.css"
            })
    void noPathReachesOtherFiles(String path) throws IOException {
        try (RawConnection connection = new RawConnection(server.uri())) {
            assertThat(connection
                            .send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")
                            .answer())
                    .containsPattern("^HTTP/1.1 40[04] ");
        }
    }

    private static String body(String feature, String drivers) {
        return "{\"features\": [\"%s\"], \"entities\": {\"driver_id\": %s}}".formatted(feature, drivers);
    }

    private static JsonNode document() {
        return server.get("/openapi.json").json();
    }

    private static void assertValid(String document) {
        SwaggerParseResult parsed = new OpenAPIV3Parser().readContents(document);
        assertThat(parsed.getMessages()).isEmpty();
        assertThat(parsed.getOpenAPI()).isNotNull();
    }

    /** Status, content type and body of an answer are among those that the document names. */
    private static void assertDocumented(String path, String method, int status, Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        JsonNode document = document();
        JsonNode operation = document.path("paths").path(path).path(method);
        JsonNode response = resolved(document, operation.path("responses").path(Integer.toString(status)));
        assertThat(response.isObject()).as("%s %s %d", method, path, status).isTrue();
        String type = answer.contentType().split(";", 2)[0];
        JsonNode content = response.path("content").path(type);
        assertThat(content.isObject())
                .as("%s %s %d %s", method, path, status, type)
                .isTrue();
        JsonNode body = type.equals("application/json")
                ? answer.json()
                : TestServer.JSON.getNodeFactory().textNode(answer.text());
        assertFits(document, content.path("schema"), body);
    }

    /** @return how many there were */
    private static int checkedExamples(JsonNode document) {
        int[] checked = {0};
        forEachMediaType(
                document,
                (media, content) -> content.path("examples").elements().forEachRemaining(example -> {
                    assertFits(document, content.path("schema"), example.path("value"));
                    checked[0]++;
                }));
        return checked[0];
    }

    private static void forEachMediaType(JsonNode node, BiConsumer<String, JsonNode> visitor) {
        node.properties().forEach(field -> {
            if (field.getKey().equals("content")) {
                field.getValue().properties().forEach(media -> visitor.accept(media.getKey(), media.getValue()));
            }
            forEachMediaType(field.getValue(), visitor);
        });
        node.elements().forEachRemaining(element -> {
            if (node.isArray()) {
                forEachMediaType(element, visitor);
            }
        });
    }

    private static void assertFits(JsonNode document, JsonNode schema, JsonNode value) {
        ObjectNode root = ((ObjectNode) schema).deepCopy();
        root.set("components", document.path("components"));
        Set<ValidationMessage> problems = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(root)
                .validate(value);
        assertThat(problems).as(value.toString()).isEmpty();
        if (value.isTextual() && value.asText().startsWith("{\"module\"")) {
            try {
                JsonNode content = document.at("/components/schemas/FeastErrorContent");
                assertFits(document, content, TestServer.JSON.readTree(value.asText()));
            } catch (IOException e) {
                throw new AssertionError(value.asText(), e);
            }
        }
    }

    private static JsonNode resolved(JsonNode document, JsonNode node) {
        return node.has("$ref")
                ? Objects.requireNonNull(document.at(node.path("$ref").asText().substring(1)))
                : node;
    }
}
