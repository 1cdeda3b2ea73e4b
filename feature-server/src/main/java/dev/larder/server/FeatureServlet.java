package dev.larder.server;

import com.codahale.metrics.Timer;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.server.online.InvalidRequest;
import dev.larder.server.online.OnlineFeatures;
import dev.larder.server.online.OnlineRequest;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All paths of the feature server. Answers are complete before their first byte is sent, so an error never cuts one short. */
final class FeatureServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(FeatureServlet.class);
    private static final String JSON = "application/json";

    private final transient OnlineFeatures features;
    private final transient Health health;
    private final transient Timer reads;
    private final transient Map<String, Route> routes;
    private final int maxBodyBytes;

    /**
     * @param maxBodyBytes larger bodies are refused
     * @param reads measures requests for online features
     */
    FeatureServlet(OnlineFeatures features, Health health, int maxBodyBytes, Timer reads) {
        this.features = features;
        this.health = health;
        this.maxBodyBytes = maxBodyBytes;
        this.reads = reads;
        this.routes = Map.of(
                "/get-online-features", new Route("POST", this::getOnlineFeatures),
                "/health", new Route("GET", this::health));
    }

    @FunctionalInterface
    private interface Handler {
        void handle(HttpServletRequest request, HttpServletResponse response) throws IOException;
    }

    private record Route(String method, Handler handler) {}

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Route route = routes.get(request.getRequestURI());
        if (route == null) {
            send(response, 404, JsonBodies.detail("Not Found"));
        } else if (!route.method().equals(request.getMethod())) {
            response.setHeader("Allow", route.method());
            send(response, 405, JsonBodies.detail("Method Not Allowed"));
        } else {
            handle(route.handler(), request, response);
        }
    }

    private static void handle(Handler handler, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        try {
            handler.handle(request, response);
        } catch (InvalidRequest e) {
            send(response, 422, JsonBodies.detail(e.problems()));
        } catch (LarderException e) {
            if (e.code().kind() != ErrorCode.Kind.CALLER) {
                LOG.error("Cannot answer {}", request.getRequestURI(), e);
            }
            send(response, ErrorAnswer.of(e));
        } catch (RuntimeException e) {
            LOG.error("Cannot answer {}", request.getRequestURI(), e);
            send(response, ErrorAnswer.unexpected());
        }
    }

    private void getOnlineFeatures(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Timer.Context timed = reads.time();
        try (ByteArrayBuilder answer = new ByteArrayBuilder()) {
            byte[] body = body(request);
            if (body == null) {
                send(response, ErrorAnswer.bodyTooLarge(maxBodyBytes));
                return;
            }
            OnlineRequest asked = OnlineRequest.of(JsonBodies.parse(body));
            try (JsonGenerator json = JsonBodies.generator(answer)) {
                features.answer(asked, json);
            }
            send(response, 200, answer.toByteArray());
        } finally {
            timed.stop();
        }
    }

    /** Null if it is too large. */
    private byte @Nullable [] body(HttpServletRequest request) throws IOException {
        if (request.getContentLengthLong() > maxBodyBytes) {
            return null;
        }
        byte[] body = request.getInputStream().readNBytes(maxBodyBytes + 1);
        return body.length > maxBodyBytes ? null : body;
    }

    private void health(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Optional<LarderException> problem = health.problem();
        if (problem.isPresent()) {
            ErrorAnswer answer = ErrorAnswer.of(problem.get());
            send(response, new ErrorAnswer(503, answer.feastClass(), answer.message()));
        } else {
            response.setStatus(200);
        }
    }

    private static void send(HttpServletResponse response, ErrorAnswer error) throws IOException {
        send(response, error.status(), JsonBodies.feastError(error));
    }

    private static void send(HttpServletResponse response, int status, byte[] body) throws IOException {
        response.setStatus(status);
        response.setContentType(JSON);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
