package dev.larder.server.grpc;

import dev.larder.server.metrics.RpcMetrics;
import dev.larder.server.ports.ListenPort;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.component.Graceful;
import org.jspecify.annotations.Nullable;

/**
 * A gRPC server beside HTTP's, whose life it shares: it is a bean of that server, stops taking calls when that one does, and
 * finishes those at work within the same time. Besides its services it answers health checks and reflection.
 */
public final class GrpcServer extends AbstractLifeCycle implements Graceful {
    private static final int CALLS_PER_CONNECTION = 1000;
    private static final int SECONDS_TO_END = 5;

    private final String host;
    private final ListenPort port;
    private final int maxMessageBytes;
    private final @Nullable SslContext tls;
    private final List<ServerServiceDefinition> services;
    private final Predicate<String> quick;
    private final ExecutorService workers;
    private final BooleanSupplier healthy;
    private final RpcMetrics metrics;

    private volatile @Nullable Running running;

    private record Running(Server server, HealthService health) {}

    /**
     * @param maxMessageBytes larger requests are refused
     * @param tls null: without
     * @param quick full names of methods whose calls never wait
     * @param workers where all other calls are answered; shut down when the server has stopped
     * @param healthy whether requests can be answered; may take the time of a read
     * @param metrics counts the calls
     */
    public GrpcServer(
            String host,
            ListenPort port,
            int maxMessageBytes,
            @Nullable SslContext tls,
            List<ServerServiceDefinition> services,
            Predicate<String> quick,
            ExecutorService workers,
            BooleanSupplier healthy,
            RpcMetrics metrics) {
        this.host = host;
        this.port = port;
        this.maxMessageBytes = maxMessageBytes;
        this.tls = tls;
        this.services = List.copyOf(services);
        this.quick = quick;
        this.workers = workers;
        this.healthy = healthy;
        this.metrics = metrics;
    }

    /** @throws IOException if the port cannot be had */
    @Override
    protected void doStart() throws IOException {
        HealthService health = new HealthService(
                healthy,
                services.stream()
                        .map(service -> service.getServiceDescriptor().getName())
                        .collect(Collectors.toSet()));
        try {
            running = new Running(port.open(number -> started(number, health)), health);
        } catch (IOException e) {
            health.close();
            workers.shutdown();
            throw e;
        }
    }

    private Server started(int number, HealthService health) throws IOException {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress(host, number))
                .maxInboundMessageSize(maxMessageBytes)
                .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION);
        if (tls != null) {
            builder.sslContext(tls);
        }
        Server server = builder.executor(Runnable::run)
                .callExecutor(new ByMethod())
                .intercept(new CountedCalls(metrics))
                .addServices(services)
                .addService(UnreadableMessages.refusedBy(health))
                .addService(UnreadableMessages.refusedBy(ProtoReflectionServiceV1.newInstance()))
                .addService(UnreadableMessages.refusedBy(olderReflection()))
                .build();
        try {
            return server.start();
        } catch (IOException e) {
            server.shutdownNow();
            throw e;
        }
    }

    /** The version that Feast's own server has, and the only one that some clients ask. */
    @SuppressWarnings("deprecation")
    private static BindableService olderReflection() {
        return ProtoReflectionService.newInstance();
    }

    /** Where calls are taken; the one that was asked for, or a free one. */
    public int port() {
        Running now = running;
        return now == null ? port.number() : now.server().getPort();
    }

    /** Takes no more calls; done when those at work are finished. */
    @Override
    public CompletableFuture<Void> shutdown() {
        Running now = running;
        if (now == null) {
            return CompletableFuture.completedFuture(null);
        }
        now.server().shutdown();
        now.health().close();
        return Graceful.shutdown(now.server()::awaitTermination);
    }

    @Override
    public boolean isShutdown() {
        Running now = running;
        return now == null || now.server().isShutdown();
    }

    /** Ends what is still at work. */
    @Override
    protected void doStop() {
        Running now = running;
        if (now == null) {
            return;
        }
        now.health().close();
        now.server().shutdownNow();
        try {
            now.server().awaitTermination(SECONDS_TO_END, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        workers.shutdown();
    }

    /** Quick calls are begun by the thread of their connection: a change of threads would cost them more than all they do. */
    private final class ByMethod implements ServerCallExecutorSupplier {
        @Override
        public <I, O> @Nullable Executor getExecutor(ServerCall<I, O> call, Metadata headers) {
            return quick.test(call.getMethodDescriptor().getFullMethodName()) ? null : workers;
        }
    }
}
