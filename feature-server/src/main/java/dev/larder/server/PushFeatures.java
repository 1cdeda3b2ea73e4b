package dev.larder.server;

import com.codahale.metrics.Timer;
import dev.larder.server.write.FeatureWrites;
import dev.larder.server.write.RowsRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** {@code POST /push}: 200 without a body. */
final class PushFeatures implements Endpoint {
    private final FeatureWrites writes;
    private final int maxBodyBytes;
    private final Timer timer;

    PushFeatures(FeatureWrites writes, int maxBodyBytes, Timer timer) {
        this.writes = writes;
        this.maxBodyBytes = maxBodyBytes;
        this.timer = timer;
    }

    @Override
    public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Timer.Context timed = timer.time();
        try {
            RowsRequest rows = RowsRequest.push(JsonBodies.parse(Bodies.read(request, maxBodyBytes)));
            long unused = writes.push(rows.target(), rows.frame(), rows.to(), rows.fresh());
            response.setStatus(200);
        } finally {
            timed.stop();
        }
    }
}
