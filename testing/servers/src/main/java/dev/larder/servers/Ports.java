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
import java.util.Properties;

/** The ports of a stack: chosen once, kept in a file, chosen anew only if somebody else has taken them. */
final class Ports {
    static final String HOST = "127.0.0.1";

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
        if (!isFree(port)) {
            if (prescribed != 0) {
                throw new LarderException(
                        ErrorCode.PORT_TAKEN,
                        "Port %s of %s, which %s is to use, is taken by another process. Stop that process, or choose another port."
                                .formatted(Integer.toString(port), HOST, title));
            }
            port = 0;
        }
        while (port == 0 || isOfAnother(name, port)) {
            port = anyFree();
        }
        remember(name, port);
        return port;
    }

    private boolean isOfAnother(String name, int port) {
        return remembered.entrySet().stream()
                .anyMatch(entry ->
                        !entry.getKey().equals(name) && entry.getValue().equals(Integer.toString(port)));
    }

    private void remember(String name, int port) {
        if (Integer.toString(port).equals(remembered.getProperty(name))) {
            return;
        }
        remembered.setProperty(name, Integer.toString(port));
        StringWriter text = new StringWriter();
        try {
            remembered.store(text, null);
        } catch (IOException e) {
            throw StackFolder.unusable(file, "written", e);
        }
        StackFolder.replace(file, text.toString());
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

    private static int anyFree() {
        try (ServerSocket socket = new ServerSocket(0, 1, loopback())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new LarderException(ErrorCode.PORT_TAKEN, "No free port on " + HOST + ": " + e, e);
        }
    }
}
