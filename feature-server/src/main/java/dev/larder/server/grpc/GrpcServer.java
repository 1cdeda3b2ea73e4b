package dev.larder.server.grpc;

import dev.larder.server.metrics.RpcMetrics;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
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
    private final int port;
    private final int maxMessageBytes;
    private final @Nullable SslContext tls;
    private final List<ServerServiceDefinition> services;
    private final BooleanSupplier healthy;
    private final RpcMetrics metrics;

    private volatile @Nullable Running running;

    private record Running(Server server, HealthService health, ThreadPoolExecutor workers) {}

    /**
     * @param port 0: any free one
     * @param maxMessageBytes larger requests are refused
     * @param tls null: without
     * @param healthy whether requests can be answered; may take the time of a read
     * @param metrics counts the calls
     */
    public GrpcServer(
            String host,
            int port,
            int maxMessageBytes,
            @Nullable SslContext tls,
            List<ServerServiceDefinition> services,
            BooleanSupplier healthy,
            RpcMetrics metrics) {
        this.host = host;
        this.port = port;
        this.maxMessageBytes = maxMessageBytes;
        this.tls = tls;
        this.services = List.copyOf(services);
        this.healthy = healthy;
        this.metrics = metrics;
    }

    /** @throws IOException if the port cannot be had */
    @Override
    protected void doStart() throws IOException {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress(host, port))
                .maxInboundMessageSize(maxMessageBytes)
                .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION);
        if (tls != null) {
            builder.sslContext(tls);
        }
        ThreadPoolExecutor workers = Workers.start();
        HealthService health = new HealthService(
                healthy,
                services.stream()
                        .map(service -> service.getServiceDescriptor().getName())
                        .collect(Collectors.toSet()));
        Server server = builder.executor(workers)
                .intercept(new CountedCalls(metrics))
                .addServices(services)
                .addService(UnreadableMessages.refusedBy(health))
                .addService(UnreadableMessages.refusedBy(ProtoReflectionServiceV1.newInstance()))
                .addService(UnreadableMessages.refusedBy(olderReflection()))
                .build();
        running = new Running(server, health, workers);
        try {
            server.start();
        } catch (IOException e) {
            doStop();
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
        return now == null ? port : now.server().getPort();
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
        now.workers().shutdown();
    }
}
