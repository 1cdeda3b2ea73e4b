package dev.larder.servers;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Sends statements to PostgreSQL over its wire protocol (version 3), because those who start the stack need no driver.
 *
 * <p>Every message of the server is a type, a length and a body. After the start-up message, and after each query, they go on
 * until {@code Z}, ready for the next; {@code E} among them is an error, after which a connection that is being made ends.
 */
final class PostgresClient implements Closeable {
    private static final int TIMEOUT_MILLIS = 30_000;
    private static final int END_OF_STREAM = -1;
    private static final int PROTOCOL_VERSION_3 = 3 << 16;

    private final Socket socket;
    private final DataOutputStream out;
    private final DataInputStream in;

    /** Why a statement was refused. */
    record Refusal(String sqlState, String message) {}

    private PostgresClient(Socket socket) throws IOException {
        this.socket = socket;
        this.out = new DataOutputStream(socket.getOutputStream());
        this.in = new DataInputStream(socket.getInputStream());
    }

    /** Whether it takes statements. */
    static boolean answers(int port, String user, String database) {
        try (PostgresClient client = connect(port, user, database)) {
            return client.execute("SELECT 1").isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    static PostgresClient connect(int port, String user, String database) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(Ports.loopback(), port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            PostgresClient client = new PostgresClient(socket);
            client.out.write(startUp(user, database));
            client.out.flush();
            Optional<Refusal> refusal = client.untilReady();
            if (refusal.isPresent()) {
                throw new IOException(refusal.get().message());
            }
            return client;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Why the server did not do it; empty if it did. */
    Optional<Refusal> execute(String statement) throws IOException {
        byte[] query = (statement + "\0").getBytes(StandardCharsets.UTF_8);
        out.writeByte('Q');
        out.writeInt(Integer.BYTES + query.length);
        out.write(query);
        out.flush();
        return untilReady();
    }

    private Optional<Refusal> untilReady() throws IOException {
        Optional<Refusal> refusal = Optional.empty();
        while (true) {
            int type = in.read();
            if (type == END_OF_STREAM && refusal.isPresent()) {
                return refusal;
            }
            if (type == END_OF_STREAM) {
                throw new EOFException("PostgreSQL has closed the connection");
            }
            byte[] body = in.readNBytes(in.readInt() - Integer.BYTES);
            if (type == 'Z') {
                return refusal;
            }
            if (type == 'E') {
                refusal = Optional.of(refusal(body));
            }
        }
    }

    /** A field is a letter and text up to a zero byte: C is the SQLSTATE, M the message. */
    private static Refusal refusal(byte[] body) {
        String sqlState = "";
        String message = "";
        for (String field : new String(body, StandardCharsets.UTF_8).split("\0", -1)) {
            if (field.startsWith("C")) {
                sqlState = field.substring(1);
            } else if (field.startsWith("M")) {
                message = field.substring(1);
            }
        }
        return new Refusal(sqlState, message);
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

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
