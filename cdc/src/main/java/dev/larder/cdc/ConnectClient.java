package dev.larder.cdc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.progress.Progress;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Kafka Connect's REST interface, as far as we need it. Safe for use by many threads.
 *
 * <p>Every method throws {@link LarderException} {@code SOURCE_UNAVAILABLE} if Kafka Connect does not answer.
 */
public final class ConnectClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    /** Registering checks the configuration against the database, which may take its time. */
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(90);

    private static final int ATTEMPTS = 4;
    private static final Duration PAUSE = Duration.ofMillis(250);
    /** For so long after a new configuration, Connect may still show the failure of the old tasks. */
    private static final Duration OLD_STATUS = Duration.ofSeconds(3);

    private final URI url;
    private final HttpClient http;

    /** @param url for example {@code http://127.0.0.1:8083} */
    public ConnectClient(URI url) {
        this(url, HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build());
    }

    ConnectClient(URI url, HttpClient http) {
        this.url = url;
        this.http = http;
    }

    /**
     * Has the connector run with this configuration and waits until its task does. If it does so already, nothing happens; a
     * failed one is restarted.
     *
     * @throws LarderException {@code CONNECTOR_FAILED} if the configuration is refused, the task fails, or it does not run
     *     within the limit
     */
    public void register(ConnectorConfig config, Duration limit, Progress progress) {
        try (Progress.Step step = progress.start("register connector " + config.name(), "connectors")) {
            boolean same = settings(config.name())
                    .map(existing -> existing.equals(withName(config)))
                    .orElse(false);
            if (!same) {
                put(config);
            } else if (status(config.name()).flatMap(ConnectorStatus::failure).isPresent()) {
                restart(config.name());
            }
            awaitRunning(config.name(), limit);
            step.add(1);
            step.done(same ? "(was registered)" : "");
        }
    }

    /** The connector's status; empty if it is not registered. */
    public Optional<ConnectorStatus> status(String name) {
        HttpResponse<String> response = send(request(name, "/status").GET());
        if (response.statusCode() == 404) {
            return Optional.empty();
        }
        JsonNode root = json(expectSuccess(response, "read the status of connector " + name));
        List<ConnectorStatus.Task> tasks = new ArrayList<>();
        for (JsonNode task : root.path("tasks")) {
            tasks.add(new ConnectorStatus.Task(
                    task.path("id").asInt(),
                    task.path("state").asText(),
                    task.path("trace").asText("")));
        }
        JsonNode connector = root.path("connector");
        return Optional.of(new ConnectorStatus(
                name, connector.path("state").asText(), connector.path("trace").asText(""), tasks));
    }

    /** Starts the connector's failed parts again; those that run are left alone. */
    public void restart(String name) {
        HttpResponse<String> response =
                send(request(name, "/restart?includeTasks=true&onlyFailed=true").POST(BodyPublishers.noBody()));
        String unused = expectSuccess(response, "restart connector " + name);
    }

    /** Removes the connector; its replication slot and what it has captured stay. Nothing happens if there is none. */
    public void delete(String name) {
        HttpResponse<String> response = send(request(name, "").DELETE());
        if (response.statusCode() != 404) {
            String unused = expectSuccess(response, "delete connector " + name);
        }
    }

    /** @throws LarderException {@code CONNECTOR_FAILED} if the connector or a task has failed, or is not registered */
    void requireNotFailed(String name) {
        ConnectorStatus status = status(name).orElseThrow(() -> notRegistered(name));
        status.failure().ifPresent(why -> {
            throw failed(name, why);
        });
    }

    private void awaitRunning(String name, Duration limit) {
        long start = System.nanoTime();
        while (true) {
            Optional<ConnectorStatus> status = status(name);
            if (status.map(ConnectorStatus::isRunning).orElse(false)) {
                return;
            }
            Duration waited = Duration.ofNanos(System.nanoTime() - start);
            Optional<String> failure = status.flatMap(ConnectorStatus::failure);
            if (failure.isPresent() && waited.compareTo(OLD_STATUS) > 0) {
                throw failed(name, failure.get());
            }
            if (waited.compareTo(limit) > 0) {
                throw failed(name, failure.orElseGet(() -> "not running after %s s, its state is %s"
                        .formatted(
                                limit.toSeconds(),
                                status.map(ConnectorStatus::state).orElse("unknown"))));
            }
            pause();
        }
    }

    private Optional<Map<String, String>> settings(String name) {
        HttpResponse<String> response = send(request(name, "/config").GET());
        if (response.statusCode() == 404) {
            return Optional.empty();
        }
        String body = expectSuccess(response, "read connector " + name);
        try {
            return Optional.of(JSON.readValue(body, new TypeReference<Map<String, String>>() {}));
        } catch (JsonProcessingException e) {
            throw notConnect(body, e);
        }
    }

    /** Connect adds the name to what it was given. */
    private static Map<String, String> withName(ConnectorConfig config) {
        Map<String, String> settings = new HashMap<>(config.settings());
        settings.put("name", config.name());
        return settings;
    }

    private void put(ConnectorConfig config) {
        HttpRequest.Builder request = request(config.name(), "/config")
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(config.toJson()));
        String unused = expectSuccess(send(request), "register connector " + config.name());
    }

    private HttpRequest.Builder request(String connector, String rest) {
        String path = "/connectors/"
                + URLEncoder.encode(connector, StandardCharsets.UTF_8).replace("+", "%20");
        String base = url.toString();
        return HttpRequest.newBuilder(
                        URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path + rest))
                .header("Accept", "application/json")
                .timeout(REQUEST_TIMEOUT);
    }

    /** All our requests may be repeated; 409 says that the workers are about to share out the work anew. */
    private HttpResponse<String> send(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        IOException lastFailure = null;
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            try {
                HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
                if (response.statusCode() != 409 || attempt == ATTEMPTS) {
                    return response;
                }
            } catch (IOException e) {
                lastFailure = e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw unavailable(e);
            }
            pause();
        }
        throw unavailable(lastFailure);
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LarderException(ErrorCode.SOURCE_UNAVAILABLE, "Waiting for Kafka Connect was interrupted.", e);
        }
    }

    private String expectSuccess(HttpResponse<String> response, String what) {
        if (response.statusCode() / 100 == 2) {
            return response.body();
        }
        throw new LarderException(
                ErrorCode.CONNECTOR_FAILED,
                "Kafka Connect at %s did not %s (HTTP %s): %s"
                        .formatted(url, what, response.statusCode(), message(response.body())));
    }

    private static String message(String body) {
        try {
            String message = JSON.readTree(body).path("message").asText("");
            return message.isEmpty() ? body : message.replaceAll("\\s*\\R\\s*", " ");
        } catch (JsonProcessingException e) {
            return body;
        }
    }

    private JsonNode json(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw notConnect(body, e);
        }
    }

    private LarderException notConnect(String body, JsonProcessingException cause) {
        return new LarderException(
                ErrorCode.SOURCE_UNAVAILABLE,
                "What answers at %s is not Kafka Connect: %s. Check larder.connect.url in feature_store.yaml."
                        .formatted(url, body.substring(0, Math.min(100, body.length()))),
                cause);
    }

    private LarderException unavailable(@Nullable Throwable cause) {
        return new LarderException(
                ErrorCode.SOURCE_UNAVAILABLE,
                "Kafka Connect at %s does not answer: %s. Start it, or check larder.connect.url in feature_store.yaml."
                        .formatted(url, cause),
                cause);
    }

    private LarderException notRegistered(String name) {
        return new LarderException(
                ErrorCode.CONNECTOR_FAILED,
                "Connector %s is not registered at %s, so nothing is captured. Register it with larder connect (a standalone worker forgets its connectors when it ends)."
                        .formatted(name, url));
    }

    private LarderException failed(String name, String why) {
        return new LarderException(
                ErrorCode.CONNECTOR_FAILED,
                "Connector %s at %s has failed: %s Remove the cause, then restart it: larder connect --restart"
                        .formatted(name, url, why.endsWith(".") ? why : why + "."));
    }
}
