package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import org.eclipse.jetty.io.ByteArrayEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.LocalConnector;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.junit.jupiter.api.Test;

final class HttpConnectionsTest {
    @Test
    void aSecondThreadWaitsUntilTheFirstHasLeftTheConnection() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        Server server = new Server();
        LocalConnector connector = new LocalConnector(server, new HttpConnections(new HttpConfiguration()));
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract(Invocable.InvocationType.BLOCKING) {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                inside.countDown();
                leave.await();
                callback.succeeded();
                return true;
            }
        });
        server.start();
        try {
            ByteArrayEndPoint line =
                    new ByteArrayEndPoint("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 1 << 10);
            Connection connection = connector.getDefaultConnectionFactory().newConnection(connector, line);
            line.setConnection(connection);
            Runnable filling = ((org.eclipse.jetty.server.internal.HttpConnection) connection)::onFillable;
            Thread first = new Thread(filling, "first");
            first.start();
            inside.await();
            Thread second = new Thread(filling, "second");
            second.start();
            await().until(() -> second.getState() == Thread.State.BLOCKED);
            leave.countDown();
            first.join();
            second.join();
            assertThat(line.takeOutputString()).startsWith("HTTP/1.1 200 OK");
        } finally {
            leave.countDown();
            server.stop();
        }
    }
}
