package dev.larder.server;

import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.internal.HttpConnection;

/**
 * Connections on each of which one thread at a time looks for requests.
 *
 * <p>Jetty (12.1.9 to 12.1.14 at least) answers what it cannot parse on a second thread, which then goes on with the connection
 * while the first may not have left it yet. About once in a hundred thousand such requests both give back the same buffer, and
 * Jetty's pool hands it to two others at once: somebody else's answer is garbled or lost. Nobody must be able to do that.
 */
final class HttpConnections extends HttpConnectionFactory {
    HttpConnections(HttpConfiguration configuration) {
        super(configuration);
    }

    /** @param other whose settings these have */
    static HttpConnections like(HttpConnectionFactory other) {
        HttpConnections connections = new HttpConnections(other.getHttpConfiguration());
        connections.setInputBufferSize(other.getInputBufferSize());
        return connections;
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
        HttpConnection connection = new OneAtATime(getHttpConfiguration(), connector, endPoint);
        connection.setTransferEncodingChunkMaxLength(getTransferEncodingChunkMaxLength());
        return configure(connection, connector, endPoint);
    }

    private static final class OneAtATime extends HttpConnection {
        private final Object filling = new Object();

        OneAtATime(HttpConfiguration configuration, Connector connector, EndPoint endPoint) {
            super(configuration, connector, endPoint);
        }

        @Override
        public void onFillable() {
            synchronized (filling) {
                super.onFillable();
            }
        }
    }
}
