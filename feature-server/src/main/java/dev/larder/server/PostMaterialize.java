package dev.larder.server;

import dev.larder.model.LarderException;
import dev.larder.server.materialize.AlreadyMaterializing;
import dev.larder.server.materialize.Materialization;
import dev.larder.server.materialize.Materializations;
import dev.larder.server.materialize.MaterializeRequest;
import dev.larder.server.online.ServedDefinitions;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /materialize} and {@code POST /materialize-incremental}. The answer comes when the work is done, and holds no thread
 * of the server until then; with {@code ?async=true} it comes at once.
 */
final class PostMaterialize implements Endpoint {
    private static final Logger LOG = LoggerFactory.getLogger(PostMaterialize.class);
    private static final Duration TIME_TO_REFRESH = Duration.ofSeconds(2);
    private static final byte[] NULL = {'n', 'u', 'l', 'l'};

    private final Materializations materializations;
    private final ServedRegistry registry;
    private final Body body;
    private final int maxBodyBytes;

    /** How the body of a path is read. */
    @FunctionalInterface
    private interface Body {
        MaterializeRequest read(@Nullable Object json);
    }

    private PostMaterialize(Materializations materializations, ServedRegistry registry, int maxBodyBytes, Body body) {
        this.materializations = materializations;
        this.registry = registry;
        this.maxBodyBytes = maxBodyBytes;
        this.body = body;
    }

    static PostMaterialize interval(
            Materializations materializations, ServedRegistry registry, int maxBodyBytes, Clock clock) {
        return new PostMaterialize(
                materializations, registry, maxBodyBytes, json -> MaterializeRequest.interval(json, clock));
    }

    static PostMaterialize incremental(Materializations materializations, ServedRegistry registry, int maxBodyBytes) {
        return new PostMaterialize(materializations, registry, maxBodyBytes, MaterializeRequest::incremental);
    }

    @Override
    public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        boolean async = MaterializeRequest.queryFlag("async", Bodies.queryParameter(request, "async"));
        boolean force = MaterializeRequest.queryFlag("force", Bodies.queryParameter(request, "force"));
        Materialization asked = views(body.read(JsonBodies.parse(Bodies.read(request, maxBodyBytes))));
        if (!async) {
            answerAtTheEnd(request, materializations.submit(asked));
            return;
        }
        try {
            CompletableFuture<Void> unused =
                    force ? materializations.submit(asked) : materializations.submitUnlessBusy(asked);
            Bodies.send(response, 202, JsonBodies.accepted(asked.featureViews()));
        } catch (AlreadyMaterializing e) {
            Bodies.send(response, 409, JsonBodies.conflict(String.valueOf(e.getMessage()), e.featureViews()));
        }
    }

    /** A view that was applied a moment ago is no unknown one. */
    private Materialization views(MaterializeRequest request) {
        try {
            return request.of(registry.get());
        } catch (LarderException e) {
            return request.of(refreshed());
        }
    }

    private ServedDefinitions refreshed() {
        try {
            return registry.refreshed(TIME_TO_REFRESH);
        } catch (LarderException e) {
            return registry.get();
        }
    }

    private static void answerAtTheEnd(HttpServletRequest request, CompletableFuture<Void> end) {
        AsyncContext context = request.startAsync();
        context.setTimeout(0);
        CompletableFuture<Void> unused = end.whenComplete((nothing, failure) -> {
            try {
                HttpServletResponse response = (HttpServletResponse) context.getResponse();
                if (failure == null) {
                    Bodies.send(response, 200, NULL);
                } else {
                    EndpointServlet.sendFailure(
                            (HttpServletRequest) context.getRequest(), response, unwrapped(failure));
                }
            } catch (IOException e) {
                LOG.info("The caller of {} has gone before its end", request.getRequestURI());
            } finally {
                context.complete();
            }
        });
    }

    private static RuntimeException unwrapped(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
    }
}
