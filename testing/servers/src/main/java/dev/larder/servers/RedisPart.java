package dev.larder.servers;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A Redis server, which keeps every write in its log.
 *
 * @param program by the name it is called with: one file is several programs of Redis
 */
record RedisPart(StackFolder folder, ProjectFiles project, Path program, int port) implements StackPart {
    private static final int TIMEOUT_MILLIS = 5_000;

    @Override
    public Part part() {
        return Part.REDIS;
    }

    @Override
    public void prepare(Cancellation cancellation) {
        StackFolder.replace(
                configuration(),
                project.overlaid(
                        "deploy/redis/redis.conf",
                        """
                        bind %s
                        port %s
                        """
                                .formatted(Ports.HOST, port)));
    }

    private Path configuration() {
        return folder.data(Part.REDIS).resolve("redis.conf");
    }

    @Override
    public List<String> command() {
        return List.of(program.toString(), configuration().toString());
    }

    @Override
    public List<String> programs() {
        return List.of(NativeTools.real(program).toString());
    }

    /** Until it has read its log it answers, but not with PONG. */
    @Override
    public boolean isReady(long pid) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(Ports.loopback(), port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            byte[] expected = "+PONG\r\n".getBytes(StandardCharsets.US_ASCII);
            return new String(in.readNBytes(expected.length), StandardCharsets.US_ASCII)
                    .equals(new String(expected, StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public Duration timeToStart() {
        return Duration.ofMinutes(1);
    }
}
