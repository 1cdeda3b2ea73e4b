package dev.larder.server;

import dev.larder.server.metrics.EndpointMetrics;
import java.time.Duration;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.eclipse.jetty.io.CyclicTimeouts;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.component.Graceful;
import org.jspecify.annotations.Nullable;

/**
 * Sees each request before anybody works on it, and its end: counts it, answers it when its time is up, and lets a server that
 * stops wait for it.
 */
final class ExchangeHandler extends Handler.Wrapper implements Graceful {
    private final Function<String, EndpointMetrics> metrics;
    private final long nanos;
    private final Set<String> unhurried;
    private final ErrorAnswer timedOut;
    private final Set<Exchange> active = ConcurrentHashMap.newKeySet();
    private final Shutdown shutdown = new Shutdown(this) {
        @Override
        public boolean isShutdownDone() {
            return active.isEmpty();
        }
    };
    private @Nullable Timeouts timeouts;

    /**
     * @param metrics of the endpoint that answers a path
     * @param time after which a request is answered with 503 if its own answer has not begun
     * @param unhurried paths that take as long as they take
     */
    ExchangeHandler(Function<String, EndpointMetrics> metrics, Duration time, Set<String> unhurried, Handler inside) {
        super(inside);
        this.metrics = metrics;
        nanos = time.toNanos();
        this.unhurried = Set.copyOf(unhurried);
        timedOut = ErrorAnswer.timedOut(time);
    }

    /** Requests that were received and are not answered yet, those that wait included. */
    int active() {
        return active.size();
    }

    @Override
    protected void doStart() throws Exception {
        timeouts = new Timeouts();
        super.doStart();
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        Timeouts used = timeouts;
        if (used != null) {
            used.destroy();
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = request.getHttpURI().getPath();
        Exchange exchange = new Exchange(
                request,
                response,
                callback,
                metrics.apply(path),
                unhurried.contains(path) ? Exchange.NEVER : System.nanoTime() + nanos,
                timedOut,
                this::ended);
        active.add(exchange);
        // A connection over which nothing goes because the server works, or lets a request wait, is not idle.
        request.addIdleTimeoutListener(idle -> false);
        Timeouts scheduled = timeouts;
        if (scheduled != null) {
            scheduled.schedule(exchange);
        }
        try {
            if (super.handle(request, exchange, exchange)) {
                return true;
            }
            Response.writeError(request, exchange, exchange, 404);
        } catch (Throwable e) {
            Response.writeError(request, exchange, exchange, e);
        }
        return true;
    }

    private void ended(Exchange exchange) {
        active.remove(exchange);
        shutdown.check();
    }

    /** What has arrived is still answered; nothing new arrives, as the connectors have closed their ports by now. */
    @Override
    public CompletableFuture<Void> shutdown() {
        return shutdown.shutdown();
    }

    @Override
    public boolean isShutdown() {
        return shutdown.isShutdown();
    }

    private final class Timeouts extends CyclicTimeouts<Exchange> {
        Timeouts() {
            super(getServer().getScheduler());
        }

        @Override
        protected Iterator<Exchange> iterator() {
            return active.iterator();
        }

        @Override
        protected boolean onExpired(Exchange exchange) {
            exchange.expire();
            return false;
        }
    }
}
