package dev.larder.server.grpc;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A unary method whose messages pass as bytes. So a large answer is never built of message objects, and a request that cannot be
 * read is answered like any other mistake; gRPC itself would report it as a fault of the server.
 */
final class BytesMethod {
    private BytesMethod() {}

    /** Answers one request. */
    @FunctionalInterface
    interface Handler {
        /**
         * @return the answer, or the failure that keeps it from being
         * @throws IOException if the bytes are not the method's message
         */
        CompletionStage<byte[]> answer(byte[] request) throws IOException;
    }

    /**
     * @param service full name
     * @param failure what a failure of the handler is answered with
     */
    static ServerMethodDefinition<?, ?> of(
            String service, String method, Handler handler, Function<Exception, StatusRuntimeException> failure) {
        MethodDescriptor<Received, byte[]> descriptor = MethodDescriptor.newBuilder(new Requests(), new Answers())
                .setType(MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, method))
                .build();
        return ServerMethodDefinition.create(
                descriptor,
                ServerCalls.asyncUnaryCall((received, observer) -> answer(received, observer, handler, failure)));
    }

    private static void answer(
            Received received,
            StreamObserver<byte[]> observer,
            Handler handler,
            Function<Exception, StatusRuntimeException> failure) {
        ServerCallStreamObserver<byte[]> call = (ServerCallStreamObserver<byte[]>) observer;
        if (call.isCancelled()) {
            return;
        }
        // Without one an answer to a call that is given up throws.
        call.setOnCancelHandler(() -> {});
        CompletionStage<byte[]> answer;
        try {
            answer = handler.answer(received.bytes());
        } catch (IOException | RuntimeException e) {
            call.onError(failure.apply(e));
            return;
        }
        CompletionStage<byte[]> unused = answer.whenComplete((message, e) -> {
            if (e == null) {
                call.onNext(message);
                call.onCompleted();
            } else {
                call.onError(failure.apply(reason(e)));
            }
        });
    }

    private static Exception reason(Throwable e) {
        Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
        return cause instanceof Exception reason ? reason : new IllegalStateException(cause);
    }

    /** A request, or why it did not come whole. */
    private record Received(byte[] content, @Nullable StatusRuntimeException refusal) {
        byte[] bytes() {
            if (refusal != null) {
                throw refusal;
            }
            return content;
        }
    }

    private static final class Requests implements Marshaller<Received> {
        @Override
        public Received parse(InputStream message) {
            try {
                byte[] content = message instanceof KnownLength
                        ? message.readNBytes(message.available())
                        : message.readAllBytes();
                return new Received(content, null);
            } catch (StatusRuntimeException e) {
                // Larger than allowed once it is unpacked. Thrown from here it would be called an error of the
                // application.
                return new Received(new byte[0], e);
            } catch (IOException e) {
                return new Received(
                        new byte[0],
                        Status.INVALID_ARGUMENT
                                .withDescription("The request cannot be unpacked: " + e.getMessage())
                                .withCause(e)
                                .asRuntimeException());
            }
        }

        @Override
        public InputStream stream(Received request) {
            throw new UnsupportedOperationException("a server sends no requests");
        }
    }

    private static final class Answers implements Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] answer) {
            return new Payload(answer);
        }

        @Override
        public byte[] parse(InputStream message) {
            throw new UnsupportedOperationException("a server receives no answers");
        }
    }

    /** Bytes that gRPC copies in one piece. */
    private static final class Payload extends ByteArrayInputStream implements Drainable, KnownLength {
        Payload(byte[] content) {
            super(content);
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int length = count - pos;
            target.write(buf, pos, length);
            pos = count;
            return length;
        }
    }
}
