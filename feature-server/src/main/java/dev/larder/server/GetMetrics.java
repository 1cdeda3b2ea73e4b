package dev.larder.server;

import dev.larder.server.metrics.ServerMetrics;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** {@code GET /metrics}: what Prometheus reads. */
final class GetMetrics implements Endpoint {
    private final ServerMetrics metrics;

    GetMetrics(ServerMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        ServerMetrics.Scrape scrape = metrics.scrape(request.getHeader("Accept"));
        Bodies.send(response, 200, scrape.contentType(), scrape.body());
    }
}
