package dev.larder.server;

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

    WriteToOnlineStore(FeatureWrites writes, int maxBodyBytes) {
        this.writes = writes;
        this.maxBodyBytes = maxBodyBytes;
    }

    @Override
    public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        RowsRequest rows = RowsRequest.write(JsonBodies.parse(Bodies.read(request, maxBodyBytes)));
        long unused = writes.write(rows.target(), rows.frame(), rows.fresh());
        Bodies.send(response, 200, NULL);
    }
}
