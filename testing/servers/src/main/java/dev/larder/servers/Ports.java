package dev.larder.servers;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;

/** The ports of a stack: chosen once, kept in a file, chosen anew only if somebody else has taken them. */
final class Ports {
    static final String HOST = "127.0.0.1";

    /**
     * Below the ports that Linux (from 32768) and macOS (from 49152) give to outgoing connections: a client that calls a
     * stopped part again and again would sooner or later be given the part's own port, and keep it.
     */
    private static final int LOWEST = 20_000;

    private static final int HIGHEST = 32_000;
    private static final int ATTEMPTS = 1_000;

    /** How long a part's own port may stay bound after its process was killed. */
    private static final Duration TIME_TO_RELEASE = Duration.ofSeconds(2);

    private final Path file;
    private final Properties remembered = new Properties();

    private Ports(Path file) {
        this.file = file;
    }

    static Ports read(Path file) {
        Ports ports = new Ports(file);
        try {
            ports.remembered.load(new StringReader(Files.readString(file)));
        } catch (NoSuchFileException e) {
            // The first start.
        } catch (IOException e) {
            throw StackFolder.unusable(file, "read", e);
        }
        return ports;
    }

    /**
     * A port that nobody listens on.
     *
     * @param prescribed 0 if any will do
     * @throws LarderException {@code PORT_TAKEN} if the prescribed one is in use
     */
    int claim(String name, String title, int prescribed) {
        int port = prescribed != 0 ? prescribed : Integer.parseInt(remembered.getProperty(name, "0"));
        if (port != 0 && !Waiting.until(TIME_TO_RELEASE, () -> isFree(port))) {
            if (prescribed != 0) {
                throw new LarderException(
                        ErrorCode.PORT_TAKEN,
                        "Port %s of %s, which %s is to use, is taken by another process. Stop that process, or choose another port."
                                .formatted(Integer.toString(port), HOST, title));
            }
            return remember(name, anyFree(name));
        }
        return remember(name, port != 0 && !isOfAnother(name, port) ? port : anyFree(name));
    }

    private boolean isOfAnother(String name, int port) {
        return remembered.entrySet().stream()
                .anyMatch(entry ->
                        !entry.getKey().equals(name) && entry.getValue().equals(Integer.toString(port)));
    }

    private int remember(String name, int port) {
        if (Integer.toString(port).equals(remembered.getProperty(name))) {
            return port;
        }
        remembered.setProperty(name, Integer.toString(port));
        StringWriter text = new StringWriter();
        try {
            remembered.store(text, null);
        } catch (IOException e) {
            throw StackFolder.unusable(file, "written", e);
        }
        StackFolder.replace(file, text.toString());
        return port;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, loopback())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    static InetAddress loopback() throws UnknownHostException {
        return InetAddress.getByAddress(HOST, new byte[] {127, 0, 0, 1});
    }

    private int anyFree(String name) {
        return ThreadLocalRandom.current()
                .ints(ATTEMPTS, LOWEST, HIGHEST)
                .filter(port -> !isOfAnother(name, port) && isFree(port))
                .findFirst()
                .orElseThrow(() -> new LarderException(
                        ErrorCode.PORT_TAKEN,
                        "No free port on %s between %d and %d. Stop what listens there."
                                .formatted(HOST, LOWEST, HIGHEST)));
    }
}
