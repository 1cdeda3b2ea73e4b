package dev.larder.server;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * What answers one method of one path. Failures of the caller, the registry and the store may be thrown as they are; {@link
 * EndpointServlet} answers them in Feast's form.
 */
@FunctionalInterface
interface Endpoint {
    void answer(HttpServletRequest request, HttpServletResponse response) throws IOException;
}
