package dev.larder.endtoend;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A running {@code larder serve}. */
record LarderServer(Process process, String url) implements AutoCloseable {

    static LarderServer start(LarderProcess larder, Path scratch, String mode) throws IOException {
        int port = FeastSdk.freePort();
        Path log = scratch.resolve("larder-serve-" + mode + ".log");
        Process process = larder.start(
                log,
                "serve",
                "--port",
                Integer.toString(port),
                "--admin-port",
                Integer.toString(FeastSdk.freePort()),
                "--grpc-port",
                "0",
                "--mode",
                mode);
        LarderServer server = new LarderServer(process, "http://127.0.0.1:" + port);
        FeastSdk.awaitHealth(server.url(), process, log);
        return server;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
