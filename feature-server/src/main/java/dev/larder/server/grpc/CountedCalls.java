package dev.larder.server.grpc;

import dev.larder.server.metrics.RpcMetrics;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Counts and times every call of a method that there is. */
final class CountedCalls implements ServerInterceptor {
    private final RpcMetrics metrics;

    CountedCalls(RpcMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public <I, O> ServerCall.Listener<I> interceptCall(
            ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
        long start = System.nanoTime();
        String method = call.getMethodDescriptor().getFullMethodName();
        return next.startCall(
                new SimpleForwardingServerCall<>(call) {
                    @Override
                    public void close(Status status, Metadata trailers) {
                        super.close(status, trailers);
                        metrics.ended(method, status.getCode().name(), System.nanoTime() - start);
                    }
                },
                headers);
    }
}
