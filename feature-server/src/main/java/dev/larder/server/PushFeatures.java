package dev.larder.server;

import dev.larder.server.metrics.WriteMetrics;
import dev.larder.server.write.FeatureWrites;
import dev.larder.server.write.RowsRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** {@code POST /push}: 200 without a body. */
final class PushFeatures implements Endpoint {
    private final FeatureWrites writes;
    private final int maxBodyBytes;
    private final WriteMetrics metrics;

    PushFeatures(FeatureWrites writes, int maxBodyBytes, WriteMetrics metrics) {
        this.writes = writes;
        this.maxBodyBytes = maxBodyBytes;
        this.metrics = metrics;
    }

    @Override
    public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        RowsRequest rows = RowsRequest.push(JsonBodies.parse(Bodies.read(request, maxBodyBytes)));
        long written = writes.push(rows.target(), rows.frame(), rows.to(), rows.fresh());
        metrics.pushed(rows.target(), rows.to(), written);
        response.setStatus(200);
    }
}
