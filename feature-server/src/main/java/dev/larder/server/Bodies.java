package dev.larder.server;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Bodies of HTTP requests and answers, and what a path says after its question mark. Answers are complete before their first byte
 * is sent, so an error never cuts one short.
 */
final class Bodies {
    private static final String JSON = "application/json";

    private Bodies() {}

    /**
     * The whole body of a request.
     *
     * @param maxBytes a larger one is refused
     * @throws TooLarge which is answered with 413
     */
    static byte[] read(HttpServletRequest request, int maxBytes) throws IOException {
        if (request.getContentLengthLong() > maxBytes) {
            throw new TooLarge(maxBytes);
        }
        byte[] body = request.getInputStream().readNBytes(maxBytes + 1);
        if (body.length > maxBytes) {
            throw new TooLarge(maxBytes);
        }
        return body;
    }

    /**
     * A parameter of the path's query, the last one of that name. The servlet's own way to ask would read the body of a client that
     * calls it a form, as curl does.
     */
    static @Nullable String queryParameter(HttpServletRequest request, String name) {
        String query = request.getQueryString();
        String found = null;
        for (String part : query == null ? new String[0] : query.split("&", -1)) {
            int equals = part.indexOf('=');
            String key = equals < 0 ? part : part.substring(0, equals);
            if (key.equals(name)) {
                found = equals < 0 ? "" : decoded(part.substring(equals + 1));
            }
        }
        return found;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    static void send(HttpServletResponse response, ErrorAnswer error) throws IOException {
        send(response, error.status(), JsonBodies.feastError(error));
    }

    /** @param json the whole body */
    static void send(HttpServletResponse response, int status, byte[] json) throws IOException {
        send(response, status, json, json.length);
    }

    /** @param json whose first {@code length} bytes are the whole body */
    static void send(HttpServletResponse response, int status, byte[] json, int length) throws IOException {
        send(response, status, JSON, json, length);
    }

    private static void send(HttpServletResponse response, int status, String contentType, byte[] body, int length)
            throws IOException {
        response.setStatus(status);
        response.setContentType(contentType);
        response.setContentLength(length);
        response.getOutputStream().write(body, 0, length);
    }

    static void send(HttpServletResponse response, int status, String contentType, byte[] body) throws IOException {
        send(response, status, contentType, body, body.length);
    }

    /** A request's body is larger than is taken. */
    static final class TooLarge extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int allowed;

        TooLarge(int allowed) {
            super("body: larger than " + allowed + " bytes");
            this.allowed = allowed;
        }

        int allowed() {
            return allowed;
        }
    }
}
