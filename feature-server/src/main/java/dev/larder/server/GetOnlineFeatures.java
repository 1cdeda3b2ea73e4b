package dev.larder.server;

import dev.larder.feast.JsonBuffer;
import dev.larder.server.metrics.ReadMetrics;
import dev.larder.server.metrics.ReadTimer;
import dev.larder.server.online.OnlineAnswer;
import dev.larder.server.online.OnlineFeatures;
import dev.larder.server.online.OnlineRequest;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code POST /get-online-features}: hot path. No thread waits for the store; whoever brings its answer sends ours. */
final class GetOnlineFeatures implements Endpoint {
    static final String PATH = "/get-online-features";

    private static final Logger LOG = LoggerFactory.getLogger(GetOnlineFeatures.class);

    /** What surely fits into the buffer of a connection: sending more may have to wait for the caller. */
    private static final int BYTES_SENT_AT_ONCE = 30_000;

    private final OnlineFeatures features;
    private final int maxBodyBytes;
    private final ReadMetrics metrics;

    GetOnlineFeatures(OnlineFeatures features, int maxBodyBytes, ReadMetrics metrics) {
        this.features = features;
        this.maxBodyBytes = maxBodyBytes;
        this.metrics = metrics;
    }

    @Override
    public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        ReadTimer timed = metrics.start();
        CompletableFuture<OnlineAnswer> read;
        try {
            OnlineRequest asked = OnlineRequest.of(JsonBodies.parse(Bodies.read(request, maxBodyBytes)));
            read = features.read(asked, timed::plan).toCompletableFuture();
        } catch (IOException | RuntimeException e) {
            timed.close();
            throw e;
        }
        if (read.isDone()) {
            body(read).send(request, response);
            timed.close();
            return;
        }
        AsyncContext async = request.startAsync(request, response);
        // The store has a time limit of its own.
        async.setTimeout(0);
        CompletableFuture<?> unused = read.whenComplete((answer, failure) -> {
            if (answer != null && answer.isLarge()) {
                async.start(() -> end(async, request, response, body(read), timed));
                return;
            }
            Body body = body(read);
            if (body.length() > BYTES_SENT_AT_ONCE) {
                async.start(() -> end(async, request, response, body, timed));
            } else {
                end(async, request, response, body, timed);
            }
        });
    }

    private static void end(
            AsyncContext async, HttpServletRequest request, HttpServletResponse response, Body body, ReadTimer timed) {
        try {
            body.send(request, response);
        } catch (IOException e) {
            LOG.debug("The caller of {} has gone", request.getRequestURI(), e);
        } finally {
            timed.close();
            async.complete();
        }
    }

    private static Body body(CompletableFuture<OnlineAnswer> read) {
        try {
            return new Body(read.join().json(), null);
        } catch (CompletionException e) {
            return new Body(null, e.getCause() instanceof RuntimeException reason ? reason : e);
        } catch (RuntimeException e) {
            return new Body(null, e);
        }
    }

    /** What is answered: one of both. */
    private record Body(@Nullable JsonBuffer json, @Nullable RuntimeException failure) {
        int length() {
            return json == null ? 0 : json.length();
        }

        void send(HttpServletRequest request, HttpServletResponse response) throws IOException {
            if (failure != null) {
                EndpointServlet.sendFailure(request, response, failure);
            } else if (json != null) {
                Bodies.send(response, 200, json.bytes(), json.length());
            }
        }
    }
}
