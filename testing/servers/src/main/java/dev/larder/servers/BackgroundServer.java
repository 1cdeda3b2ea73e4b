package dev.larder.servers;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.File;
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
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An HTTP server of ours that goes on after the command that started it, remembered in a file until it is stopped. */
public final class BackgroundServer {
    private static final Duration IN_GOOD_ORDER = Duration.ofSeconds(15);
    private static final int LOG_LINES = 8;

    private final String name;
    private final Path record;
    private final Path log;

    /** @param folder where the record and the log lie; it is made if need be */
    public BackgroundServer(Path folder, String name) {
        this.name = name;
        this.record = folder.resolve(name + ".process");
        this.log = folder.resolve(name + ".log");
    }

    /** The port of the server if it runs. */
    public Optional<Integer> runningPort() {
        return ProcessRecord.read(record)
                .filter(recorded -> recorded.process().isPresent())
                .map(ProcessRecord::port);
    }

    public Path log() {
        return log;
    }

    /**
     * Starts the command and waits until its health address answers 200.
     *
     * @param port what the command will listen on
     * @throws LarderException {@code PROCESS_FAILED} with the server's last words; it is stopped again
     */
    public void start(List<String> command, int port, URI health, Duration limit) {
        Process process;
        try {
            Files.createDirectories(record.getParent());
            process = new ProcessBuilder(command)
                    .redirectInput(Redirect.from(new File("/dev/null")))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new LarderException(ErrorCode.PROCESS_FAILED, "Cannot start the " + name + ": " + e.getMessage(), e);
        }
        ProcessRecord.of(process.toHandle(), List.of(JavaProgram.java().toString()), port, "")
                .write(record);
        HttpClient http =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
        boolean ready = Waiting.until(limit, () -> !process.isAlive() || answers(http, health)) && process.isAlive();
        if (!ready) {
            stop();
            throw new LarderException(
                    ErrorCode.PROCESS_FAILED,
                    "The %s did not become ready at %s. Its last words (all of them: %s):%n  %s"
                            .formatted(name, health, log, String.join("\n  ", LogTail.read(log, LOG_LINES))));
        }
    }

    /** Asks the server to end, then makes it; does nothing if it does not run. */
    public void stop() {
        ProcessRecord.read(record).flatMap(ProcessRecord::process).ifPresent(process -> {
            process.destroy();
            try {
                process.onExit().get(IN_GOOD_ORDER.toSeconds(), TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                process.destroyForcibly();
            } catch (ExecutionException | TimeoutException e) {
                process.destroyForcibly();
            }
        });
        try {
            Files.deleteIfExists(record);
        } catch (IOException e) {
            throw StackFolder.unusable(record, "deleted", e);
        }
    }

    private static boolean answers(HttpClient http, URI health) {
        try {
            HttpRequest request = HttpRequest.newBuilder(health)
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
