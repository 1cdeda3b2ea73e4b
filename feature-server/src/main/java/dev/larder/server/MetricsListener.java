package dev.larder.server;

import dev.larder.server.metrics.ServerMetrics;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/** Metrics on a port of their own, under whatever path, as {@code feast serve --metrics} gives them. */
final class MetricsListener extends Handler.Wrapper {
    private final Connector connector;
    private final ServerMetrics metrics;

    MetricsListener(Connector connector, ServerMetrics metrics, Handler others) {
        super(others);
        this.connector = connector;
        this.metrics = metrics;
    }

    static ServerConnector connector(Server server, String host, int port) {
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnections(new HttpConfiguration()));
        connector.setName("metrics");
        connector.setHost(host);
        connector.setPort(port);
        return connector;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the one connector, not one like it
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (request.getConnectionMetaData().getConnector() != connector) {
            return super.handle(request, response, callback);
        }
        ServerMetrics.Scrape scrape = metrics.scrape(request.getHeaders().get(HttpHeader.ACCEPT));
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, scrape.contentType());
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, scrape.body().length);
        response.write(true, ByteBuffer.wrap(scrape.body()), callback);
        return true;
    }
}
