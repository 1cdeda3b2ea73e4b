package dev.larder.servers;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A standalone Kafka Connect worker with Debezium's PostgreSQL connector on its class path. */
record ConnectPart(StackFolder folder, JavaProgram java, HttpClient http, int port, KafkaEndpoint kafka)
        implements StackPart {

    /** Whether the worker, as it was last started, uses this broker. */
    static boolean wasStartedFor(StackFolder folder, KafkaEndpoint kafka) {
        Path file = workerProperties(folder);
        try {
            return Files.readAllLines(file).contains("bootstrap.servers = " + kafka.bootstrapServers());
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw StackFolder.unusable(file, "read", e);
        }
    }

    private static Path workerProperties(StackFolder folder) {
        return folder.data(Part.CONNECT).resolve("worker.properties");
    }

    @Override
    public Part part() {
        return Part.CONNECT;
    }

    @Override
    public void prepare(Cancellation cancellation) {
        StackFolder.replace(
                workerProperties(folder),
                """
                bootstrap.servers = %s
                listeners = http://%s:%s
                key.converter = org.apache.kafka.connect.json.JsonConverter
                key.converter.schemas.enable = false
                value.converter = org.apache.kafka.connect.json.JsonConverter
                value.converter.schemas.enable = false
                offset.storage.file.filename = %s
                offset.flush.interval.ms = 1000
                plugin.discovery = service_load
                producer.linger.ms = 5
                """
                        .formatted(
                                kafka.bootstrapServers(),
                                Ports.HOST,
                                port,
                                folder.data(Part.CONNECT)
                                        .resolve("offsets")
                                        .toString()
                                        .replace("\\", "\\\\")));
    }

    @Override
    public List<String> command() {
        return java.command(
                List.of("-Xms64m", "-Xmx320m", JavaLogging.configure(folder, Part.CONNECT)),
                "org.apache.kafka.connect.cli.ConnectStandalone",
                workerProperties(folder).toString());
    }

    @Override
    public List<String> programs() {
        return List.of(JavaProgram.java().toString());
    }

    @Override
    public boolean isReady(long pid) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://%s:%s/".formatted(Ports.HOST, Integer.toString(port))))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public Duration timeToStart() {
        return Duration.ofMinutes(3);
    }
}
