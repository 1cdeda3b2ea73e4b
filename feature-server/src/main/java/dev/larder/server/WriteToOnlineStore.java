package dev.larder.server;

import com.codahale.metrics.Timer;
import dev.larder.server.write.FeatureWrites;
import dev.larder.server.write.RowsRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** {@code POST /write-to-online-store}: 200 with the body {@code null}. */
final class WriteToOnlineStore implements Endpoint {
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private final FeatureWrites writes;
    private final int maxBodyBytes;
    private final Timer timer;

    WriteToOnlineStore(FeatureWrites writes, int maxBodyBytes, Timer timer) {
        this.writes = writes;
        this.maxBodyBytes = maxBodyBytes;
        this.timer = timer;
    }

    @Override
    public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Timer.Context timed = timer.time();
        try {
            RowsRequest rows = RowsRequest.write(JsonBodies.parse(Bodies.read(request, maxBodyBytes)));
            long unused = writes.write(rows.target(), rows.frame(), rows.fresh());
            Bodies.send(response, 200, NULL);
        } finally {
            timed.stop();
        }
    }
}
