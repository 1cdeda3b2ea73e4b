package dev.larder.servers;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** What an HTTP address of a part answers, if it answers. */
record Answers(HttpClient http) {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    static Answers create() {
        return new Answers(HttpClient.newBuilder().connectTimeout(LIMIT).build());
    }

    /** The body of an answer with status 200. */
    Optional<String> ok(int port, String path) {
        HttpRequest request = HttpRequest.newBuilder(StackEndpoints.url(port).resolve(path))
                .timeout(LIMIT)
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
