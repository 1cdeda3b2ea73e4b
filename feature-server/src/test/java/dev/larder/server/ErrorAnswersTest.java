package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.TestServer.Answer;
import dev.larder.server.TestServer.FeastError;
import dev.larder.server.online.Limits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a caller is told, word by word. */
final class ErrorAnswersTest {
    private static TestServer server;

    @BeforeAll
    static void start(@TempDir Path folder) {
        server = TestServer.start(
                TestServer.config(TestServer.goldenRepo(folder), Mode.STRICT, new Limits(1_000, 10, 5, 12)),
                TestServer.WHEN_FRESH);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments(
                        "{'features': ['nope:x'], 'entities': {'driver_id': [1]}}",
                        404,
                        "FeatureViewNotFoundException",
                        "Feature view nope does not exist in project golden (known: driver_basic, driver_batch_agg, driver_pushed, driver_rich, driver_stale, driver_stream_agg, global_stats, pair_stats)"),
                arguments(
                        "{'feature_service': 'nope', 'entities': {'driver_id': [1]}}",
                        404,
                        "FeatureServiceNotFoundException",
                        "Feature service nope does not exist in project golden (known: alias_service, basic_service, odfv_service)"),
                arguments(
                        "{'features': ['pair_stats:nope'], 'entities': {'driver_id': [1], 'customer_id': ['c']}}",
                        404,
                        "FeastObjectNotFoundException",
                        "Feature nope not found in feature view pair_stats (known: trips)"),
                arguments(
                        "{'entities': {'driver_id': [1]}}",
                        400,
                        "FeastError",
                        "No features specified for retrieval (expected: \"features\": [\"<feature_view>:<feature>\", ...] or \"feature_service\": \"<name>\")"),
                arguments(
                        "{'features': ['score'], 'entities': {'driver_id': [1]}}",
                        400,
                        "FeastError",
                        "Invalid feature reference 'score' (expected: <feature_view>:<feature>)"),
                arguments(
                        "{'features': ['driver_stale@v2:score'], 'entities': {'driver_id': [1]}}",
                        400,
                        "FeastError",
                        "Version-qualified ref 'driver_stale@v2:score' is not supported: only the latest version of a view is served (use 'driver_stale:score')"),
                arguments(
                        "{'features': ['driver_stale:score', 'driver_pushed:score'], 'entities': {'driver_id': [1]}}",
                        400,
                        "FeatureNameCollisionError",
                        "Duplicate features named score found: driver_stale:score, driver_pushed:score. Set \"full_feature_names\": true, or give one of the views an alias in a feature service."),
                arguments(
                        "{'features': ['driver_stale:score', 'driver_stale:score'], 'entities': {'driver_id': [1]}, 'full_feature_names': true}",
                        400,
                        "FeatureNameCollisionError",
                        "Duplicate features named driver_stale__score found: driver_stale:score, driver_stale:score. Name it once."),
                arguments(
                        "{'features': ['driver_stale:score'], 'entities': {}}",
                        400,
                        "FeastError",
                        "No entity rows: \"entities\" is empty (expected: \"driver_id\": [...])"),
                arguments(
                        "{'features': ['global_stats:score'], 'entities': {}}",
                        400,
                        "FeastError",
                        "No entity rows: \"entities\" is empty (expected: any column, which tells the number of rows)"),
                arguments(
                        "{'features': ['driver_stale:score'], 'entities': {'driver_id': []}}",
                        400,
                        "FeastError",
                        "No entity rows: column driver_id is empty (expected: \"driver_id\": [...])"),
                arguments(
                        "{'features': ['pair_stats:trips'], 'entities': {'driver_id': [1, 2], 'customer_id': ['c']}}",
                        400,
                        "FeastError",
                        "All entity rows must have the same columns: driver_id has 2 values, customer_id has 1."),
                arguments(
                        "{'features': ['pair_stats:trips'], 'entities': {'driver_id': [1]}}",
                        400,
                        "FeastError",
                        "Missing join key values for keys: customer_id of feature view pair_stats (given: driver_id)"),
                arguments(
                        "{'features': ['driver_stale:score'], 'entities': {'nope': [1]}}",
                        400,
                        "FeastError",
                        "Missing join key values for keys: driver_id of feature view driver_stale (given: no join key)"),
                arguments(
                        "{'features': ['driver_stale:score'], 'entities': {'driver_id': [1], 'driver': [2]}}",
                        400,
                        "FeastError",
                        "Join key driver_id is given twice, once under the name of its entity. Leave one of them out."),
                arguments(
                        "{'features': ['driver_stale:score'], 'entities': {'driver_id': [1, null]}}",
                        400,
                        "FeastError",
                        "Column driver_id, row 1: null is no join key (expected: Int64)"),
                arguments(
                        "{'features': ['driver_stale:score'], 'entities': {'driver_id': [1, 2, 'abc']}}",
                        400,
                        "FeastError",
                        "Column driver_id, row 2: \"abc\" cannot be read as Int64 (accepted: a number, which is cut to a whole one, true, false, or text of a whole number)"),
                arguments(
                        "{'features': ['driver_stale:score'], 'entities': {'driver_id': [[1]]}}",
                        400,
                        "FeastError",
                        "Column driver_id, row 0: [1] cannot be read as Int64 (accepted: a number, which is cut to a whole one, true, false, or text of a whole number)"),
                arguments(
                        "{'features': ['basic_pandas:int64_plus_one'], 'entities': {'driver_id': [1]}}",
                        501,
                        "FeastError",
                        "On-demand feature view basic_pandas is Python code, which this server does not run. Ask for the features that it is computed from, and compute it in the caller."),
                arguments(
                        "{'features': ['driver_stale:score'], 'entities': {'driver_id': [1,2,3,4,5,6,7,8,9,10,11]}}",
                        400,
                        "FeastError",
                        "11 entity rows in one request (allowed: 10). Send several requests, or start the server with a greater --max-rows."),
                arguments(
                        "{'features': ['driver_basic:f_int64','driver_basic:f_int32','driver_basic:f_float','driver_basic:f_double','driver_basic:f_string','driver_basic:f_bool'], 'entities': {'driver_id': [1]}}",
                        400,
                        "FeastError",
                        "6 features in one request (allowed: 5). Send several requests, or start the server with a greater --max-features."),
                arguments(
                        "{'features': ['driver_basic:f_int64','driver_basic:f_int32','driver_basic:f_float'], 'entities': {'driver_id': [1,2,3,4,5]}}",
                        400,
                        "FeastError",
                        "5 entity rows with 3 features are 15 values in one request (allowed: 12). Send several requests, or start the server with a greater --max-values."));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void theCallersMistakesAreFeastErrors(String body, int status, String feastClass, String message) {
        Answer answer = server.ask(body.replace('\'', '"'));
        assertThat(answer.contentType()).isEqualTo("application/json");
        assertThat(answer.feastError()).isEqualTo(new FeastError(status, feastClass, message));
    }

    static Stream<Arguments> wrongShapes() {
        return Stream.of(
                arguments(
                        "5",
                        "{'type':'model_attributes_type','loc':['body'],'msg':'Input should be a valid dictionary or object to extract fields from','input':5}"),
                arguments(
                        "{'features': 'x', 'entities': {'driver_id': [1]}}",
                        "{'type':'list_type','loc':['body','features'],'msg':'Input should be a valid list','input':'x'}"),
                arguments(
                        "{'features': ['a:b', 7], 'entities': {'driver_id': [1]}}",
                        "{'type':'string_type','loc':['body','features',1],'msg':'Input should be a valid string','input':7}"),
                arguments(
                        "{'feature_service': 7, 'entities': {'driver_id': [1]}}",
                        "{'type':'string_type','loc':['body','feature_service'],'msg':'Input should be a valid string','input':7}"),
                arguments(
                        "{'full_feature_names': 'maybe', 'entities': {'driver_id': [1]}}",
                        "{'type':'bool_parsing','loc':['body','full_feature_names'],'msg':'Input should be a valid boolean, unable to interpret input','input':'maybe'}"),
                arguments(
                        "{'full_feature_names': null, 'entities': {'driver_id': [1]}}",
                        "{'type':'bool_type','loc':['body','full_feature_names'],'msg':'Input should be a valid boolean','input':null}"),
                arguments(
                        "{'features': 1, 'entities': null}",
                        "{'type':'dict_type','loc':['body','entities'],'msg':'Input should be a valid dictionary','input':null},{'type':'list_type','loc':['body','features'],'msg':'Input should be a valid list','input':1}"),
                arguments(
                        "{'entities': {'ä\u20ac': x}}",
                        "{'type':'json_invalid','loc':['body',20],'msg':'JSON decode error','input':{},'ctx':{'error':'Unrecognized token \\u0027x\\u0027: was expecting (JSON String, Number, Array, Object or token \\u0027null\\u0027, \\u0027true\\u0027 or \\u0027false\\u0027)'}}"),
                arguments(
                        " \n ",
                        "{'type':'json_invalid','loc':['body',3],'msg':'JSON decode error','input':{},'ctx':{'error':'Expecting value'}}"),
                arguments(
                        "{'features': [",
                        "{'type':'json_invalid','loc':['body',14],'msg':'JSON decode error','input':{},'ctx':{'error':'Unexpected end-of-input: expected close marker for Array'}}"),
                arguments(
                        "{} {}",
                        "{'type':'json_invalid','loc':['body',3],'msg':'JSON decode error','input':{},'ctx':{'error':'Extra data'}}"));
    }

    @ParameterizedTest
    @MethodSource("wrongShapes")
    void wrongShapesAreToldAsFastApiTellsThem(String body, String details) throws IOException {
        Answer answer = server.ask(body.replace('\'', '"'));
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json())
                .isEqualTo(TestServer.JSON.readTree("{\"detail\":[%s]}".formatted(details.replace('\'', '"'))));
    }

    @Test
    void aNumberIsToldWithTheFewestDigits() {
        assertThat(server.ask("{\"feature_service\": 2.0E-3, \"entities\": {}}").text())
                .contains("\"input\":0.002}");
    }

    @Test
    void flagsMayBeWrittenAsFastApiReadsThem() {
        Answer answer = server.ask(
                """
                {"features": ["driver_stale:score"], "entities": {"driver_id": [1001]}, "full_feature_names": "Yes"}""");
        assertThat(answer.json().at("/metadata/feature_names/1").asText()).isEqualTo("driver_stale__score");
    }

    @Test
    void aBodyThatIsTooLargeIsRefused() {
        FeastError tooLarge = new FeastError(
                413,
                "FeastError",
                "The request's body is larger than the 1000 bytes allowed. Send several requests, or start the server with a greater --max-body-bytes.");
        String body = "{\"entities\": {}}" + " ".repeat(1_000);
        assertThat(server.ask(body).feastError()).isEqualTo(tooLarge);
        Answer chunked = server.send(HttpRequest.newBuilder(server.uri().resolve("/get-online-features"))
                .POST(HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)))));
        assertThat(chunked.feastError()).isEqualTo(tooLarge);
    }

    @Test
    void wrongMethodsAndPathsAreJsonToo() {
        assertThat(server.get("/get-online-features"))
                .isEqualTo(new Answer(405, "application/json", "{\"detail\":\"Method Not Allowed\"}"));
        assertThat(server.get("/health/x"))
                .isEqualTo(new Answer(404, "application/json", "{\"detail\":\"Not Found\"}"));
        assertThat(server.send(HttpRequest.newBuilder(server.uri().resolve("/health"))
                        .method("TRACE", HttpRequest.BodyPublishers.noBody())))
                .isEqualTo(new Answer(405, "application/json", "{\"detail\":\"Method Not Allowed\"}"));
    }

    /** The server closes the connection, whose next request would be lost if the client did not know. */
    @ParameterizedTest
    @ValueSource(strings = {"/%00", "/health?\0", "/health? x"})
    void aRequestThatIsNotHttpIsAnsweredInJsonAndItsConnectionClosed(String target) throws IOException {
        try (RawConnection connection = new RawConnection(server.uri())) {
            connection.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(connection.answer())
                    .startsWith("HTTP/1.1 400 Bad Request")
                    .containsIgnoringCase("\r\nConnection: close\r\n")
                    .endsWith("{\"detail\":\"Bad Request\"}");
            assertThat(connection.isClosedByServer()).isTrue();
        }
    }

    /** An answer that comes before the body has: the connection's next bytes would be the rest of it. */
    @ParameterizedTest
    @ValueSource(strings = {"/nowhere", "/get-online-features"})
    void aConnectionWhoseRequestWasNotReadWholeIsClosedAndSaysSo(String path) throws IOException {
        long length = path.equals("/nowhere") ? 1_000 : Integer.MAX_VALUE;
        try (RawConnection connection = new RawConnection(server.uri())) {
            connection.send(
                    "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + "\r\n\r\n{\"features\"");
            assertThat(connection.answer())
                    .startsWith(path.equals("/nowhere") ? "HTTP/1.1 404 " : "HTTP/1.1 413 ")
                    .containsIgnoringCase("\r\nConnection: close\r\n");
            assertThat(connection.isClosedByServer()).isTrue();
        }
    }

    @Test
    void aConnectionWhoseRequestHasArrivedWholeStaysOpen() throws IOException {
        try (RawConnection connection = new RawConnection(server.uri())) {
            for (int i = 0; i < 3; i++) {
                assertThat(connection.post("/nowhere", "{\"features\": []}").answer())
                        .startsWith("HTTP/1.1 404 ")
                        .doesNotContainIgnoringCase("\r\nConnection: close\r\n");
            }
        }
    }
}
