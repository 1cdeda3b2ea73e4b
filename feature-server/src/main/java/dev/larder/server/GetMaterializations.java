package dev.larder.server;

import dev.larder.server.materialize.Materializations;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** {@code GET /materialize}: the latest materializations of this server, the newest first. */
final class GetMaterializations implements Endpoint {
    private final Materializations materializations;

    GetMaterializations(Materializations materializations) {
        this.materializations = materializations;
    }

    @Override
    public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Bodies.send(response, 200, JsonBodies.reports(materializations.reports()));
    }
}
