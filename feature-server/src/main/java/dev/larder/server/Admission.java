package dev.larder.server;

import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.QoSHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Lets so many requests in at once. Further ones wait outside without a thread, in the order of their arrival; when too many
 * wait, or one waits too long, the answer is 503.
 */
final class Admission extends QoSHandler {
    private final ErrorAnswer overloaded;
    private final ErrorAnswer timedOut;

    /** @param free paths that are always let in */
    Admission(HttpLimits limits, Set<String> free, Handler inside) {
        super(inside);
        overloaded = ErrorAnswer.overloaded(limits);
        timedOut = ErrorAnswer.timedOut(limits.requestTime());
        setMaxRequestCount(limits.concurrent());
        setMaxSuspendedRequestCount(limits.queued());
        setMaxSuspend(limits.requestTime());
        exclude(request -> free.contains(request.getHttpURI().getPath()));
    }

    @Override
    protected void reject(Request request, Response response, Callback callback, int status) {
        Refusal.send(overloaded, response, callback);
    }

    @Override
    protected void failSuspended(Request request, Response response, Callback callback, int status, Throwable failure) {
        if (failure instanceof TimeoutException) {
            Refusal.send(timedOut, response, callback);
        } else {
            super.failSuspended(request, response, callback, status, failure);
        }
    }

    /** Requests that were turned away, since the start. */
    long rejected() {
        return getTotalExceededRequestCount() + getTotalExpiredRequestCount();
    }
}
