package dev.larder.server;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** {@code GET /openapi.json}: the document that {@code GET /docs} shows, made when it is first asked for. */
final class GetOpenApi implements Endpoint {
    private volatile byte @Nullable [] document;

    @Override
    public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        byte[] known = document;
        if (known == null) {
            known = OpenApiDocument.json();
            document = known;
        }
        Bodies.send(response, 200, known);
    }
}
