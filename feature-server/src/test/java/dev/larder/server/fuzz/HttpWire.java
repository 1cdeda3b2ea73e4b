package dev.larder.server.fuzz;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Bytes over a connection of its own, and what comes back. For use by one thread. */
final class HttpWire implements AutoCloseable {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})(?: .*)?");
    private static final Pattern LENGTH = Pattern.compile("\ncontent-length: *(\\d+)\r");
    private static final int LONGEST_HEAD = 64 << 10;

    private final URI server;
    private final Duration patience;
    private @Nullable Socket socket;
    private InputStream in = InputStream.nullInputStream();
    private String howClosed = "";

    HttpWire(URI server, Duration patience) {
        this.server = server;
        this.patience = patience;
    }

    /** @param head in lower case */
    record Answer(int status, String head, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        boolean isJson() {
            return head.contains("\ncontent-type: application/json");
        }

        @Override
        public String toString() {
            return status + " " + text();
        }
    }

    /**
     * @param last whether nothing follows on this connection, and the server is told so
     * @param headOnly whether the answer has no body whatever its head says
     * @return null if the server closes the connection instead of answering
     * @throws SocketTimeoutException if neither happens in time
     */
    @Nullable
    Answer send(byte[] request, boolean last, boolean headOnly) throws IOException {
        try {
            return answer(connected(), request, last, headOnly);
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            howClosed = e.toString();
            close();
            return null;
        } finally {
            if (last) {
                close();
            }
        }
    }

    private Socket connected() throws IOException {
        Socket connected = socket;
        if (connected == null) {
            connected = new Socket(server.getHost(), server.getPort());
            connected.setTcpNoDelay(true);
            connected.setSoTimeout((int) patience.toMillis());
            in = new BufferedInputStream(connected.getInputStream(), 1 << 14);
            socket = connected;
        }
        return connected;
    }

    private @Nullable Answer answer(Socket connected, byte[] request, boolean last, boolean headOnly)
            throws IOException {
        OutputStream out = connected.getOutputStream();
        try {
            out.write(request);
            if (last) {
                connected.shutdownOutput();
            }
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            // Refused before it was read whole; the answer may be there nevertheless.
        }
        Answer answer = next(headOnly);
        while (answer != null && answer.status() < 200) {
            answer = next(headOnly);
        }
        if (answer == null || answer.head().contains("\nconnection: close")) {
            close();
        }
        return answer;
    }

    private @Nullable Answer next(boolean headOnly) throws IOException {
        String head = head();
        if (head.isEmpty()) {
            howClosed = "its end";
            return null;
        }
        Matcher status = STATUS.matcher(head.substring(0, head.indexOf('\r')));
        if (!status.matches()) {
            throw new AssertionError("no answer of HTTP: " + head);
        }
        int code = Integer.parseInt(status.group(1));
        String lower = head.toLowerCase(Locale.ROOT);
        if (headOnly || code < 200 || code == 204 || code == 304) {
            return new Answer(code, lower, new byte[0]);
        }
        Matcher length = LENGTH.matcher(lower);
        byte[] body;
        if (length.find()) {
            int count = Integer.parseInt(length.group(1));
            body = in.readNBytes(count);
            if (body.length < count) {
                throw new EOFException("an answer was cut short: " + head);
            }
        } else if (lower.contains("\ntransfer-encoding: chunked")) {
            body = chunks();
        } else {
            body = in.readAllBytes();
        }
        return new Answer(code, lower, body);
    }

    private String head() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int ends = 0;
        while (ends < 2) {
            int next = in.read();
            if (next < 0 || head.size() > LONGEST_HEAD) {
                return "";
            }
            head.write(next);
            if (next == '\n') {
                ends++;
            } else if (next != '\r') {
                ends = 0;
            }
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(), 16);
            body.write(in.readNBytes(size));
            String unused = line();
            if (size == 0) {
                return body.toByteArray();
            }
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("an answer was cut short");
            }
            line.append((char) next);
        }
        return line.toString().strip();
    }

    /** What was seen of the connection when there was no answer. */
    String howClosed() {
        return howClosed;
    }

    @Override
    public void close() {
        Socket open = socket;
        socket = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                // It is gone then.
            }
        }
    }
}
