package dev.larder.client;

import dev.larder.client.FeatureClientException.Reason;
import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads features from a server and sends rows to it, over gRPC. One client has one connection, over which any number of calls go
 * at once; it is safe for use by many threads, and an application needs one.
 *
 * <p>Every call ends by its deadline. Futures fail with {@link FeatureClientException} and are completed on gRPC's threads:
 * what follows them and takes long, or waits, belongs into {@code thenApplyAsync}. Cancelling the future that a method has
 * returned cancels the call.
 */
public final class FeatureClient implements AutoCloseable {
    /** How long a call may take, connecting included, unless another deadline is given. */
    public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(1);

    /** Room for the largest answer that Larder's server gives with its default limits, unless values are long. */
    public static final int DEFAULT_MAX_ANSWER_BYTES = 64 << 20;

    private static final int MOST_RETRIES = 10;

    /** gRPC waits up to two minutes before it tries a server again that was away long. */
    private static final long RECONNECT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final MethodDescriptor<byte[], byte[]> PUSH = Messages.method(Messages.FEATURE_SERVER, "Push");
    private static final MethodDescriptor<byte[], byte[]> WRITE =
            Messages.method(Messages.FEATURE_SERVER, "WriteToOnlineStore");

    private final ManagedChannel channel;
    private final String server;
    private final Duration deadline;
    private final MethodDescriptor<byte[], byte[]> read;
    private final AtomicLong reconnected = new AtomicLong(System.nanoTime());
    private final Set<CompletableFuture<?>> atWork = ConcurrentHashMap.newKeySet();

    private FeatureClient(ManagedChannel channel, Builder builder) {
        this.channel = channel;
        this.server = builder.host + ":" + builder.port;
        this.deadline = builder.deadline;
        this.read = Messages.method(builder.readService, Messages.GET_ONLINE_FEATURES);
    }

    /** @param port of gRPC: 6565 unless the server was told another */
    public static Builder to(String host, int port) {
        return new Builder(host, port);
    }

    /** Asks for features. */
    public CompletableFuture<FeatureTable> get(FeatureRequest request) {
        Duration time = request.deadline();
        return call(
                read,
                Messages.getOnlineFeatures(request),
                time == null ? deadline : time,
                answer -> FeatureTable.of(request, answer));
    }

    /**
     * As {@link #get}, and waits.
     *
     * @throws FeatureClientException what the future would fail with; {@code CANCELLED} if the thread is interrupted
     */
    public FeatureTable getBlocking(FeatureRequest request) {
        return await(get(request));
    }

    /**
     * Gives a row to every feature view that a push source feeds, in the online store. The future is done when the row is
     * written.
     *
     * @throws FeatureClientException at once, {@code INVALID_REQUEST}, for a row without columns
     */
    public CompletableFuture<@Nullable Void> push(String pushSource, OnlineRow row) {
        return call(PUSH, Messages.push(pushSource, row), deadline, written -> null);
    }

    /** As {@link #push}, and waits; throws as {@link #getBlocking} does. */
    public void pushBlocking(String pushSource, OnlineRow row) {
        await(push(pushSource, row));
    }

    /** Writes a row of one feature view to the online store; otherwise as {@link #push}. */
    public CompletableFuture<@Nullable Void> write(String featureView, OnlineRow row) {
        return call(WRITE, Messages.write(featureView, row), deadline, written -> null);
    }

    /** As {@link #write}, and waits; throws as {@link #getBlocking} does. */
    public void writeBlocking(String featureView, OnlineRow row) {
        await(write(featureView, row));
    }

    /** Waits for the calls at work, each of which ends by its deadline; new ones fail with {@code CANCELLED}. */
    @Override
    public void close() {
        channel.shutdown();
        try {
            while (!channel.awaitTermination(1, TimeUnit.MINUTES)) {
                // A deadline may be longer than that.
            }
            // What has come over a channel is handed on by other threads.
            CompletableFuture.allOf(atWork.toArray(CompletableFuture[]::new)).get();
        } catch (ExecutionException e) {
            // Whoever asked is told.
        } catch (InterruptedException e) {
            channel.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("CollectionUndefinedEquality") // That very future is meant.
    private <T extends @Nullable Object> CompletableFuture<T> call(
            MethodDescriptor<byte[], byte[]> method, byte[] request, Duration time, Function<byte[], T> reader) {
        CompletableFuture<T> result = new CompletableFuture<>();
        ClientCall<byte[], byte[]> call =
                channel.newCall(method, CallOptions.DEFAULT.withDeadlineAfter(time.toNanos(), TimeUnit.NANOSECONDS));
        ClientCalls.asyncUnaryCall(call, request, new StreamObserver<byte[]>() {
            private @Nullable FeatureClientException unreadable;
            private @Nullable T value;

            @Override
            public void onNext(byte[] answer) {
                try {
                    value = reader.apply(answer);
                } catch (FeatureClientException e) {
                    unreadable = e;
                }
            }

            @Override
            public void onError(Throwable failure) {
                result.completeExceptionally(failed(failure, time));
            }

            @Override
            public void onCompleted() {
                if (unreadable != null) {
                    result.completeExceptionally(unreadable);
                } else {
                    result.complete(value);
                }
            }
        });
        atWork.add(result);
        CompletableFuture<T> unused = result.whenComplete((value, failure) -> {
            atWork.remove(result);
            if (result.isCancelled()) {
                call.cancel("The caller has cancelled the future.", null);
            }
        });
        return result;
    }

    private FeatureClientException failed(Throwable failure, Duration time) {
        if (channel.isShutdown() && Status.fromThrowable(failure).getCode() == Status.Code.UNAVAILABLE) {
            return new FeatureClientException(
                    Reason.CANCELLED, "This client of %s is closed".formatted(server), failure);
        }
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            reconnectSoon();
        }
        return Failures.of(failure, server, time);
    }

    /** So that a server which comes back is used within about a second, however long it was away. */
    private void reconnectSoon() {
        long last = reconnected.get();
        long now = System.nanoTime();
        if (now - last > RECONNECT_NANOS && reconnected.compareAndSet(last, now)) {
            channel.resetConnectBackoff();
        }
    }

    private <T extends @Nullable Object> T await(CompletableFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof FeatureClientException known) {
                // Anew, so that the trace shows who has waited.
                throw new FeatureClientException(known.reason(), String.valueOf(known.getMessage()), known);
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new FeatureClientException(Reason.CANCELLED, "Interrupted while waiting for " + server, e);
        }
    }

    static Duration positive(String name, Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException(name + ": " + time + " (expected: > 0)");
        }
        return time;
    }

    /** How to reach a server. */
    public static final class Builder {
        private final String host;
        private final int port;
        private String readService = Messages.FEATURE_SERVER;
        private ChannelCredentials credentials = InsecureChannelCredentials.create();
        private Duration deadline = DEFAULT_DEADLINE;
        private int retries;
        private int maxAnswerBytes = DEFAULT_MAX_ANSWER_BYTES;

        private Builder(String host, int port) {
            this.host = host;
            this.port = port;
        }

        /** Over TLS, to a server whose certificate the JDK trusts; its name must be the host's. */
        public Builder tls() {
            credentials = TlsChannelCredentials.create();
            return this;
        }

        /**
         * Over TLS, to a server whose certificate this authority has signed; its name must be the host's.
         *
         * @param authority PEM: the authority's certificate, or several
         * @throws FeatureClientException {@code INVALID_REQUEST} if the file cannot be read or holds no certificate
         */
        public Builder tls(Path authority) {
            try {
                byte[] pem = Files.readAllBytes(authority);
                if (CertificateFactory.getInstance("X.509")
                        .generateCertificates(new ByteArrayInputStream(pem))
                        .isEmpty()) {
                    throw noCertificate(authority, null);
                }
                credentials = TlsChannelCredentials.newBuilder()
                        .trustManager(new ByteArrayInputStream(pem))
                        .build();
                return this;
            } catch (CertificateException e) {
                throw noCertificate(authority, e);
            } catch (IOException e) {
                throw new FeatureClientException(
                        Reason.INVALID_REQUEST,
                        "Cannot read the authority's certificate %s (%s). Name a PEM file that this user may read."
                                .formatted(authority, e.getClass().getSimpleName()),
                        e);
            }
        }

        private static FeatureClientException noCertificate(Path authority, @Nullable Exception cause) {
            return new FeatureClientException(
                    Reason.INVALID_REQUEST,
                    "%s holds no certificate (expected: PEM, -----BEGIN CERTIFICATE-----)".formatted(authority),
                    cause);
        }

        /** How long each call may take, connecting and retries included. */
        public Builder deadline(Duration time) {
            deadline = positive("deadline", time);
            return this;
        }

        /**
         * How often a read is asked again, after 20 to 200 ms and within its deadline, when the server or its store cannot be
         * reached; 0 unless told. Rows that are sent are never sent again: whether the first was written is not known.
         */
        public Builder retries(int times) {
            if (times < 0 || times > MOST_RETRIES) {
                throw new IllegalArgumentException("retries: %d (expected: 0 to %d)".formatted(times, MOST_RETRIES));
            }
            retries = times;
            return this;
        }

        /** The largest answer that is taken; a larger one fails with {@code INVALID_REQUEST}. */
        public Builder maxAnswerBytes(int bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("maxAnswerBytes: " + bytes + " (expected: >= 1)");
            }
            maxAnswerBytes = bytes;
            return this;
        }

        /** Reads as Feast's Java and Go servers are asked, which know {@code ServingService} alone and take no rows. */
        public Builder servingService() {
            readService = Messages.SERVING_SERVICE;
            return this;
        }

        /** Returns at once and begins to connect; a server that is not there shows in the first call. */
        public FeatureClient build() {
            ManagedChannelBuilder<?> builder = Grpc.newChannelBuilderForAddress(host, port, credentials)
                    .maxInboundMessageSize(maxAnswerBytes)
                    .disableServiceConfigLookUp();
            if (retries > 0) {
                builder.defaultServiceConfig(retryPolicy()).maxRetryAttempts(retries + 1);
            }
            ManagedChannel channel = builder.build();
            ConnectivityState unused = channel.getState(true);
            return new FeatureClient(channel, this);
        }

        /** gRPC's own retries, in the form of its service configuration. */
        private Map<String, ?> retryPolicy() {
            return Map.of(
                    "methodConfig",
                    List.of(Map.of(
                            "name",
                            List.of(Map.of("service", readService, "method", Messages.GET_ONLINE_FEATURES)),
                            "retryPolicy",
                            Map.of(
                                    "maxAttempts",
                                    retries + 1.0,
                                    "initialBackoff",
                                    "0.02s",
                                    "maxBackoff",
                                    "0.2s",
                                    "backoffMultiplier",
                                    2.0,
                                    "retryableStatusCodes",
                                    List.of("UNAVAILABLE")))));
        }
    }
}
