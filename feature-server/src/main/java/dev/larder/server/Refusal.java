package dev.larder.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers a request that no endpoint answers: there is too much else to do, or no time left. */
final class Refusal {
    private static final HttpField JSON = new HttpField(HttpHeader.CONTENT_TYPE, "application/json");
    private static final HttpField SOON = new HttpField(HttpHeader.RETRY_AFTER, "1");

    private Refusal() {}

    /** Sends the whole answer; nothing of another one may have been sent. */
    static void send(ErrorAnswer error, Response response, Callback callback) {
        byte[] body = body(error);
        response.setStatus(error.status());
        HttpFields.Mutable headers = response.getHeaders();
        headers.put(JSON);
        headers.put(SOON);
        headers.put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    private static byte[] body(ErrorAnswer error) {
        try {
            return JsonBodies.feastError(error);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
