package dev.larder.server;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.server.metrics.FailureLog;
import dev.larder.server.online.InvalidRequest;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All paths of the feature server, and the form in which failures are answered. */
final class EndpointServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(EndpointServlet.class);
    private static final FailureLog FAILURES = new FailureLog(LOG);

    private final transient Endpoints endpoints;

    EndpointServlet(Endpoints endpoints) {
        this.endpoints = endpoints;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Map<String, Endpoint> methods = endpoints.find(request.getRequestURI());
        if (methods == null) {
            Bodies.send(response, 404, JsonBodies.detail("Not Found"));
            return;
        }
        Endpoint endpoint = methods.get(request.getMethod());
        if (endpoint == null) {
            response.setHeader("Allow", String.join(", ", methods.keySet()));
            Bodies.send(response, 405, JsonBodies.detail("Method Not Allowed"));
            return;
        }
        try {
            endpoint.answer(request, response);
        } catch (RuntimeException e) {
            sendFailure(request, response, e);
        }
    }

    /** What any endpoint answers for a failure, also for one that it noticed later. */
    static void sendFailure(HttpServletRequest request, HttpServletResponse response, RuntimeException failure)
            throws IOException {
        if (failure instanceof InvalidRequest invalid) {
            Bodies.send(response, 422, JsonBodies.detail(invalid.problems()));
        } else if (failure instanceof LarderException known) {
            if (known.code().kind() != ErrorCode.Kind.CALLER) {
                FAILURES.failed(request.getRequestURI(), known);
            }
            Bodies.send(response, ErrorAnswer.of(known));
        } else if (failure instanceof Bodies.TooLarge large) {
            Bodies.send(response, ErrorAnswer.bodyTooLarge(large.allowed()));
        } else {
            LOG.error("Cannot answer {}", request.getRequestURI(), failure);
            Bodies.send(response, ErrorAnswer.unexpected());
        }
    }
}
