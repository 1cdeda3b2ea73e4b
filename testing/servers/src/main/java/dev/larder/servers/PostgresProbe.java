package dev.larder.servers;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Asks PostgreSQL a query over its wire protocol (version 3), because those who start the stack need no driver.
 *
 * <p>The client sends a start-up message and the query {@code SELECT 1}; the server is ready when a row ({@code D}) comes
 * back before an error ({@code E}) or the end.
 */
final class PostgresProbe {
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final int PROTOCOL_VERSION_3 = 3 << 16;

    private PostgresProbe() {}

    static boolean answers(int port, String user, String database) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(Ports.loopback(), port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.write(startUp(user, database));
            byte[] query = "SELECT 1\0".getBytes(StandardCharsets.UTF_8);
            out.writeByte('Q');
            out.writeInt(Integer.BYTES + query.length);
            out.write(query);
            out.flush();
            return rowArrives(new DataInputStream(socket.getInputStream()));
        } catch (IOException e) {
            return false;
        }
    }

    private static byte[] startUp(String user, String database) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (String word : List.of("user", user, "database", database, "")) {
            body.write(word.getBytes(StandardCharsets.UTF_8));
            body.write(0);
        }
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(message);
        out.writeInt(2 * Integer.BYTES + body.size());
        out.writeInt(PROTOCOL_VERSION_3);
        out.write(body.toByteArray());
        return message.toByteArray();
    }

    private static boolean rowArrives(DataInputStream in) throws IOException {
        while (true) {
            int type = in.readUnsignedByte();
            int length = in.readInt() - Integer.BYTES;
            in.skipNBytes(length);
            if (type == 'D') {
                return true;
            }
            if (type == 'E') {
                return false;
            }
        }
    }
}
