package dev.larder.server.grpc;

import io.grpc.BindableService;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;

/**
 * For services of gRPC's own: answers a message that cannot be read as the mistake of its caller. By itself gRPC answers UNKNOWN
 * and logs a stack trace, as of a fault of the server.
 */
final class UnreadableMessages implements ServerInterceptor {
    private UnreadableMessages() {}

    static ServerServiceDefinition refusedBy(BindableService service) {
        // Read behind the interceptor instead of before it.
        return ServerInterceptors.intercept(
                ServerInterceptors.useInputStreamMessages(service.bindService()), new UnreadableMessages());
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            private boolean refused;

            @Override
            public void onMessage(Q message) {
                if (refused) {
                    return;
                }
                try {
                    super.onMessage(message);
                } catch (StatusRuntimeException e) {
                    refused = true;
                    call.close(status(call.getMethodDescriptor().getFullMethodName(), e), new Metadata());
                }
            }

            @Override
            public void onHalfClose() {
                if (!refused) {
                    super.onHalfClose();
                }
            }
        };
    }

    private static Status status(String method, StatusRuntimeException unreadable) {
        return unreadable.getCause() instanceof IOException cause
                ? Failures.unreadable(method, cause)
                : unreadable.getStatus();
    }
}
