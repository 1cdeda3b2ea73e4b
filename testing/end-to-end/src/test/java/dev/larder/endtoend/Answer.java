package dev.larder.endtoend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;

/** An online answer by feature name: value, status and event time of each row. */
record Answer(int status, JsonNode body, Map<String, JsonNode> results) {
    static final ObjectMapper JSON = new ObjectMapper();
    /** Version 1.1 from the start: Feast's server loses the body of a request that offers to change to version 2. */
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    static Answer ask(String server, JsonNode request) throws IOException, InterruptedException {
        HttpResponse<String> response = HTTP.send(
                HttpRequest.newBuilder(URI.create(server + "/get-online-features"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(request.toString()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        JsonNode body = JSON.readTree(response.body());
        Map<String, JsonNode> results = new LinkedHashMap<>();
        JsonNode names = body.path("metadata").path("feature_names");
        for (int i = 0; i < names.size(); i++) {
            results.put(names.get(i).asText(), body.path("results").get(i));
        }
        return new Answer(response.statusCode(), body, results);
    }

    JsonNode value(String feature, int row) {
        return result(feature).path("values").get(row);
    }

    String status(String feature, int row) {
        return result(feature).path("statuses").get(row).asText();
    }

    String eventTime(String feature, int row) {
        return result(feature).path("event_timestamps").get(row).asText();
    }

    private JsonNode result(String feature) {
        JsonNode result = results.get(feature);
        if (result == null) {
            throw new AssertionError("no feature " + feature + " in the answer: " + body);
        }
        return result;
    }
}
