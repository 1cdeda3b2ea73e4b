package dev.larder.server.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.server.Main;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** The feature server in a process of its own, with the memory that {@code larder serve} gives it. */
final class ServerProcess implements AutoCloseable {
    private static final Pattern SERVES = Pattern.compile("Larder serves (http://\\S+) and gRPC on (\\S+) ");
    private static final Duration TIME_TO_START = Duration.ofMinutes(5);
    private static final int LOOKS_AT_MEMORY = 3;

    private final HttpClient client = Client.Http.http();
    private final Path java = Path.of(System.getProperty("java.home"), "bin");
    private final Process process;
    private final Path out;
    private final Path err;
    private final URI uri;
    private final String grpcAddress;

    /** What the process holds when all garbage is gone. */
    record Held(long heapBytes, long residentBytes, long threads, long files) {}

    ServerProcess(Path repository, Path logs) throws IOException {
        out = logs.resolve("server.out");
        err = logs.resolve("server.err");
        process = new ProcessBuilder(List.of(
                        java.resolve("java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "-c",
                        repository.toString(),
                        "serve",
                        "--port",
                        "0",
                        "--grpc-port",
                        "0",
                        "--admin-port",
                        "0",
                        "--larder-command",
                        "none"))
                .redirectOutput(Redirect.to(out.toFile()))
                .redirectError(Redirect.to(err.toFile()))
                .start();
        try {
            Awaitility.await()
                    .atMost(TIME_TO_START)
                    .until(() -> !process.isAlive()
                            || SERVES.matcher(Files.readString(out)).find());
            Matcher serves = SERVES.matcher(Files.readString(out));
            assertThat(serves.find()).as(log()).isTrue();
            uri = URI.create(serves.group(1));
            grpcAddress = serves.group(2);
        } catch (IOException | RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    URI uri() {
        return uri;
    }

    /** Host and port. */
    String grpcAddress() {
        return grpcAddress;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What it has written to its error stream, where its log goes. */
    String log() throws IOException {
        return Files.readString(err);
    }

    int push(String body) throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(uri.resolve("/push"))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    String metrics() throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(uri.resolve("/metrics")).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** Requests are at work while the garbage is collected, so the smallest of some looks counts. */
    Held held() throws IOException, InterruptedException {
        Held least = new Held(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
        for (int look = 0; look < LOOKS_AT_MEMORY; look++) {
            Process collect = new ProcessBuilder(
                            java.resolve("jcmd").toString(), Long.toString(process.pid()), "GC.run")
                    .redirectOutput(Redirect.DISCARD)
                    .start();
            assertThat(collect.waitFor(60, TimeUnit.SECONDS)).as("jcmd ends").isTrue();
            assertThat(collect.exitValue()).as("of jcmd").isZero();
            String metrics = metrics();
            least = new Held(
                    Math.min(
                            least.heapBytes(),
                            metric(metrics, "jvm_memory_pool_collection_used_bytes{pool=\"Tenured Gen\"}")),
                    Math.min(least.residentBytes(), metric(metrics, "process_resident_memory_bytes")),
                    Math.min(least.threads(), metric(metrics, "jvm_threads_current")),
                    Math.min(least.files(), metric(metrics, "process_open_fds")));
        }
        return least;
    }

    private static long metric(String metrics, String nameAndLabels) {
        return metrics.lines()
                .filter(line -> line.startsWith(nameAndLabels + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(nameAndLabels.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no metric " + nameAndLabels));
    }

    /** Ends it as an operator does, and waits until it has. */
    void end() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the server ends").isTrue();
    }

    @Override
    public void close() {
        Process unused = process.destroyForcibly();
    }
}
