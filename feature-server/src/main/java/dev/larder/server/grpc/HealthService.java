package dev.larder.server.grpc;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc.HealthImplBase;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code grpc.health.v1.Health}: whether requests can be answered. A check looks for itself; those who watch are told within
 * a second. All services stand and fall together.
 */
final class HealthService extends HealthImplBase implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthService.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private final BooleanSupplier healthy;
    private final Set<String> services;
    private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "larder-grpc-health");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param healthy may take the time of a read
     * @param services names that may be asked for besides the empty one, which is the whole server
     */
    HealthService(BooleanSupplier healthy, Set<String> services) {
        this.healthy = healthy;
        this.services = Set.copyOf(services);
        Future<?> unused = looks.scheduleWithFixedDelay(
                this::look, BETWEEN_LOOKS.toMillis(), BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
        if (isKnown(request.getService())) {
            observer.onNext(answer(status()));
            observer.onCompleted();
        } else {
            observer.onError(Status.NOT_FOUND
                    .withDescription(Failures.fitting("Service %s is not served (known: %s)"
                            .formatted(request.getService(), String.join(", ", new TreeSet<>(services)))))
                    .asRuntimeException());
        }
    }

    /** A service that is not known is answered, not refused: the protocol says that it might come. */
    @Override
    public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
        Watcher watcher =
                new Watcher((ServerCallStreamObserver<HealthCheckResponse>) observer, isKnown(request.getService()));
        watcher.call.setOnCancelHandler(() -> watchers.remove(watcher));
        watchers.add(watcher);
        watcher.tell(status());
    }

    private boolean isKnown(String service) {
        return service.isEmpty() || services.contains(service);
    }

    private ServingStatus status() {
        try {
            return healthy.getAsBoolean() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        } catch (RuntimeException e) {
            LOG.error("Cannot look after the server's health", e);
            return ServingStatus.NOT_SERVING;
        }
    }

    private void look() {
        if (!watchers.isEmpty()) {
            ServingStatus status = status();
            watchers.forEach(watcher -> watcher.tell(status));
        }
    }

    /** Ends the calls of those who watch: they would never end by themselves. */
    @Override
    public void close() {
        looks.shutdownNow();
        watchers.forEach(Watcher::end);
        watchers.clear();
    }

    private static HealthCheckResponse answer(ServingStatus status) {
        return HealthCheckResponse.newBuilder().setStatus(status).build();
    }

    private static final class Watcher {
        private final ServerCallStreamObserver<HealthCheckResponse> call;
        private final boolean known;
        private @Nullable ServingStatus told;
        private boolean ended;

        Watcher(ServerCallStreamObserver<HealthCheckResponse> call, boolean known) {
            this.call = call;
            this.known = known;
        }

        synchronized void tell(ServingStatus now) {
            ServingStatus status = known ? now : ServingStatus.SERVICE_UNKNOWN;
            if (status != told && !ended && !call.isCancelled()) {
                told = status;
                call.onNext(answer(status));
            }
        }

        synchronized void end() {
            if (!ended && !call.isCancelled()) {
                ended = true;
                call.onError(Status.UNAVAILABLE
                        .withDescription("The server is stopping.")
                        .asRuntimeException());
            }
        }
    }
}
