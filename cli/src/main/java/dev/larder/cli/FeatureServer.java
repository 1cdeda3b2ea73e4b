package dev.larder.cli;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.servers.BackgroundServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The repository's feature server in the background, as the demo leaves it behind. */
final class FeatureServer {
    static final int PORT = 6566;

    private static final String HOST = "127.0.0.1";
    private static final Duration TIME_TO_START = Duration.ofSeconds(60);

    private final FeatureStoreConfig config;
    private final BackgroundServer server;

    private FeatureServer(FeatureStoreConfig config) {
        this.config = config;
        this.server = recordedIn(config.larder().data());
    }

    static FeatureServer of(FeatureStoreConfig config) {
        return new FeatureServer(config);
    }

    Optional<String> url() {
        return server.runningPort().map(port -> "http://%s:%d".formatted(HOST, port));
    }

    /** Starts it on Feast's port; a port that another process holds is an error before anything is started. */
    String start(Home home, int port) {
        Optional<String> running = url();
        if (running.isPresent()) {
            return running.get();
        }
        requireFree(port);
        String url = "http://%s:%d".formatted(HOST, port);
        server.start(
                ServeCommand.command(
                        home, config.repo(), config.file(), List.of("--host", HOST, "--port", Integer.toString(port))),
                port,
                URI.create(url + "/health"),
                TIME_TO_START);
        return url;
    }

    void stop() {
        server.stop();
    }

    /** @param data what {@code larder.data} was for the command that started it */
    static void stopThatOf(Path data) {
        recordedIn(data).stop();
    }

    private static BackgroundServer recordedIn(Path data) {
        return new BackgroundServer(data.resolve("servers"), "feature-server");
    }

    /** @throws LarderException {@code PORT_TAKEN} */
    static void requireFree(int port) {
        if (!isFree(port)) {
            throw new LarderException(
                    ErrorCode.PORT_TAKEN,
                    "Port %d on %s is taken by another process, so the feature server cannot listen there. Stop that process, or choose another port with --port."
                            .formatted(port, HOST));
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
