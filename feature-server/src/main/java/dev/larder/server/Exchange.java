package dev.larder.server;

import dev.larder.server.metrics.EndpointMetrics;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.CyclicTimeouts;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.CountingCallback;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/**
 * One request, and the right to answer it, which goes once to whoever wants it first: the endpoint when it first touches the
 * response, or the clock when time is up. An endpoint that comes too late finds a response that takes everything and sends
 * nothing, so it need not know; its thread is not interrupted, and the request counts as at work until it returns.
 */
final class Exchange extends Response.Wrapper implements Callback, CyclicTimeouts.Expirable {
    /** The time of a request that has none. */
    static final long NEVER = Long.MAX_VALUE;

    private static final int UNANSWERED = 0;
    private static final int BY_ENDPOINT = 1;
    private static final int BY_CLOCK = 2;
    private static final int SERVER_ERROR = 500;

    private final AtomicInteger answered = new AtomicInteger(UNANSWERED);
    private final Callback callback;
    private final EndpointMetrics metrics;
    private final long start = System.nanoTime();
    private final long end;
    private final ErrorAnswer timedOut;
    private final Consumer<Exchange> whenEnded;
    private final HttpFields.Mutable headers;
    /** After the clock's answer: its bytes must be out, and the endpoint must have returned. */
    private volatile @Nullable Callback both;

    /**
     * @param end as {@link System#nanoTime} counts, or {@link #NEVER}
     * @param whenEnded called once, before the connection is free for the next request
     */
    Exchange(
            Request request,
            Response response,
            Callback callback,
            EndpointMetrics metrics,
            long end,
            ErrorAnswer timedOut,
            Consumer<Exchange> whenEnded) {
        super(request, response);
        this.callback = callback;
        this.metrics = metrics;
        this.end = end;
        this.timedOut = timedOut;
        this.whenEnded = whenEnded;
        headers = new Headers(response.getHeaders());
    }

    @Override
    public long getExpireNanoTime() {
        return answered.get() == UNANSWERED ? end : NEVER;
    }

    /** Answers that time is up, unless the endpoint has begun to answer. */
    void expire() {
        if (answered.compareAndSet(UNANSWERED, BY_CLOCK)) {
            Callback waiting = new CountingCallback(Callback.from(this::end, e -> end()), 2);
            both = waiting;
            metrics.answered(timedOut.status());
            metrics.took(System.nanoTime() - start);
            // On a thread of its own: the clock has others to look after.
            getRequest().getContext().execute(() -> {
                getWrapped().getHeaders().put(HttpHeader.CONNECTION, "close");
                Refusal.send(timedOut, getWrapped(), Callback.from(() -> abandon(waiting), e -> abandon(waiting)));
            });
        }
    }

    /** Wakes an endpoint that waits for the rest of the request's body, perhaps for ever. */
    private void abandon(Callback waiting) {
        Request request = getRequest();
        boolean hasBody = request.getLength() > 0 || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
        if (hasBody && request.getLength() != Request.getContentBytesRead(request)) {
            request.fail(new EofException("its time is up"));
        }
        waiting.succeeded();
    }

    private void end() {
        whenEnded.accept(this);
        callback.succeeded();
    }

    /** Whether the endpoint is the one who answers. */
    private boolean claim() {
        int now = answered.get();
        return now == BY_ENDPOINT || (now == UNANSWERED && answered.compareAndSet(UNANSWERED, BY_ENDPOINT));
    }

    @Override
    public void succeeded() {
        if (claim()) {
            count(getStatus());
            whenEnded.accept(this);
            callback.succeeded();
        } else {
            returned();
        }
    }

    @Override
    public void failed(Throwable failure) {
        if (claim()) {
            count(isCommitted() ? getStatus() : SERVER_ERROR);
            whenEnded.accept(this);
            callback.failed(failure);
        } else {
            returned();
        }
    }

    private void returned() {
        Callback waiting = both;
        while (waiting == null) {
            Thread.onSpinWait();
            waiting = both;
        }
        waiting.succeeded();
    }

    private void count(int status) {
        metrics.answered(status == 0 ? 200 : status);
        metrics.took(System.nanoTime() - start);
    }

    @Override
    public Invocable.InvocationType getInvocationType() {
        return callback.getInvocationType();
    }

    @Override
    public void setStatus(int code) {
        if (claim()) {
            super.setStatus(code);
        }
    }

    @Override
    public HttpFields.Mutable getHeaders() {
        return headers;
    }

    @Override
    public void reset() {
        if (claim()) {
            super.reset();
        }
    }

    @Override
    public CompletableFuture<Void> writeInterim(int status, HttpFields fields) {
        return answered.get() == BY_CLOCK
                ? CompletableFuture.completedFuture(null)
                : super.writeInterim(status, fields);
    }

    @Override
    public void write(boolean last, @Nullable ByteBuffer content, Callback written) {
        if (claim()) {
            if (!isCommitted()) {
                sayWhetherConnectionStays();
            }
            super.write(last, content, written);
        } else {
            if (content != null) {
                content.position(content.limit());
            }
            written.succeeded();
        }
    }

    /**
     * What has not arrived of the body by now is not waited for, and Jetty closes the connection then, without a word: the
     * client would send its next request into nothing.
     */
    private void sayWhetherConnectionStays() {
        if (!getRequest().consumeAvailable()) {
            getHeaders().put(HttpHeader.CONNECTION, "close");
        }
    }

    /** Looking at a header is free; whoever changes one answers. */
    private final class Headers extends HttpFields.Mutable.Wrapper {
        Headers(HttpFields.Mutable fields) {
            super(fields);
        }

        @Override
        public @Nullable HttpField onAddField(HttpField field) {
            return claim() ? field : null;
        }

        @Override
        public boolean onRemoveField(HttpField field) {
            return claim();
        }

        @Override
        public HttpField onReplaceField(HttpField before, HttpField after) {
            return claim() ? after : before;
        }

        @Override
        public HttpFields.Mutable clear() {
            return claim() ? super.clear() : this;
        }
    }
}
