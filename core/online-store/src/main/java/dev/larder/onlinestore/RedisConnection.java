package dev.larder.onlinestore;

import dev.larder.model.LarderException;
import dev.larder.onlinestore.RedisSettings.Tls;
import dev.larder.onlinestore.RedisSettings.Topology;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisReadOnlyException;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One connection that all threads share (one per node of a cluster), opened when it is first needed and again whenever it is
 * lost. Commands go out many at a time; their answers are awaited by the thread that asked.
 */
final class RedisConnection implements AutoCloseable {
    /** While a server cannot be reached, so long no other thread tries what has just failed. */
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);

    private static final Duration LONGEST_PAUSE_BETWEEN_RECONNECTS = Duration.ofSeconds(1);
    private static final Duration TIME_TO_CLOSE = Duration.ofSeconds(2);
    private static final int THREADS = 2;
    private static final long MILLIS_BETWEEN_LOOKS_AT_LATE_READS = 20;

    private final RedisSettings settings;
    private final RedisFailures failures;
    private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Link link;
    private @Nullable Client client;
    private @Nullable LarderException lastFailure;
    private long failedAt;
    private boolean closed;

    RedisConnection(RedisSettings settings, RedisFailures failures) {
        this.settings = settings;
        this.failures = failures;
    }

    private record Link(StatefulConnection<byte[], byte[]> connection, RedisClusterCommands<byte[], byte[]> commands) {}

    /** @param end when it is given up, in terms of {@link System#nanoTime} */
    private record Waiting(HashReads batch, Link link, long end) {}

    private record Client(ClientResources resources, AbstractRedisClient redis) {}

    /** Sends all at once and waits until each has its answer or its failure. */
    void run(List<? extends AsyncCommand<byte[], byte[], ?>> commands) {
        Link used = link();
        try {
            used.connection().dispatch(commands);
        } catch (RedisException e) {
            throw failures.of(e);
        }
        long end = System.nanoTime() + settings.commandTimeout().toNanos();
        for (AsyncCommand<byte[], byte[], ?> command : commands) {
            if (!isDone(command, end - System.nanoTime())) {
                commands.forEach(unanswered -> unanswered.cancel(true));
                abandon(used);
                throw failures.timeout();
            }
        }
    }

    /** Sends all at once; what becomes of them shows in their batch. */
    void send(HashReads batch) {
        Link used;
        try {
            used = link();
        } catch (LarderException e) {
            batch.giveUp(e);
            return;
        }
        waiting.add(new Waiting(
                batch, used, System.nanoTime() + settings.commandTimeout().toNanos()));
        try {
            used.connection().dispatch(batch.commands());
        } catch (RedisException e) {
            batch.giveUp(failures.of(e));
        }
    }

    /** All wait equally long, so those that were sent first are due first. */
    private void giveUpLate() {
        long now = System.nanoTime();
        for (Waiting first = waiting.peek();
                first != null && (first.batch().done().isDone() || first.end() - now <= 0);
                first = waiting.peek()) {
            waiting.remove(first);
            if (!first.batch().done().isDone()) {
                first.batch().giveUp(failures.timeout());
                abandon(first.link());
            }
        }
    }

    private boolean isDone(AsyncCommand<byte[], byte[], ?> command, long nanos) {
        if (command.isDone()) {
            return true;
        }
        try {
            command.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failures.interrupted(e);
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException | CancellationException e) {
            // Told when the result is asked for.
            return true;
        }
        return true;
    }

    /** The answer to a command that has run. */
    <T> T answer(AsyncCommand<byte[], byte[], T> command) {
        try {
            return command.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RedisReadOnlyException) {
                abandon(link());
            }
            throw failures.of(e);
        } catch (CancellationException e) {
            throw failures.of(e);
        }
    }

    /** For what is not in a hurry. */
    <T> T ask(Function<RedisClusterCommands<byte[], byte[]>, T> question) {
        Link used = link();
        try {
            return question.apply(used.commands());
        } catch (RedisCommandTimeoutException | RedisReadOnlyException e) {
            abandon(used);
            throw failures.of(e);
        } catch (RedisException e) {
            throw failures.of(e);
        }
    }

    /**
     * The next call connects anew: to whoever is the master by then, and not over a line that may be dead although nobody has
     * said so.
     */
    private synchronized void abandon(Link used) {
        if (used.equals(link)) {
            link = null;
            CompletableFuture<Void> unused = used.connection().closeAsync();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        Link used = link;
        link = null;
        if (used != null) {
            used.connection().close();
        }
        Client open = client;
        client = null;
        for (Waiting left = waiting.poll(); left != null; left = waiting.poll()) {
            left.batch().giveUp(failures.of(new RedisException("the connection was closed")));
        }
        if (open != null) {
            open.redis().shutdown(0, TIME_TO_CLOSE.toMillis(), TimeUnit.MILLISECONDS);
            open.resources()
                    .shutdown(0, TIME_TO_CLOSE.toMillis(), TimeUnit.MILLISECONDS)
                    .awaitUninterruptibly(TIME_TO_CLOSE.toMillis());
        }
    }

    // ------------------------------------------------------------------ opening

    private Link link() {
        Link open = link;
        return open != null ? open : openLink();
    }

    private synchronized Link openLink() {
        Link open = link;
        if (open != null) {
            return open;
        }
        if (closed) {
            throw new IllegalStateException("The online store %s is closed".formatted(settings.address()));
        }
        LarderException failure = lastFailure;
        if (failure != null && System.nanoTime() - failedAt < PAUSE_AFTER_FAILURE.toNanos()) {
            throw new LarderException(failure.code(), String.valueOf(failure.getMessage()), failure);
        }
        try {
            open = connect();
            lastFailure = null;
            link = open;
            return open;
        } catch (RedisException e) {
            lastFailure = failures.of(e);
            failedAt = System.nanoTime();
            throw lastFailure;
        }
    }

    private Link connect() {
        Client open = client;
        if (open == null) {
            open = newClient();
            client = open;
        }
        if (open.redis() instanceof RedisClusterClient cluster) {
            StatefulRedisClusterConnection<byte[], byte[]> connection = cluster.connect(ByteArrayCodec.INSTANCE);
            connection.setTimeout(settings.commandTimeout());
            return new Link(connection, connection.sync());
        }
        StatefulRedisConnection<byte[], byte[]> connection =
                ((RedisClient) open.redis()).connect(ByteArrayCodec.INSTANCE);
        connection.setTimeout(settings.commandTimeout());
        return new Link(connection, connection.sync());
    }

    private Client newClient() {
        boolean cluster = settings.topology() == Topology.REDIS_CLUSTER;
        // Connections to a cluster's nodes open one by one: commands must wait for them.
        ClientOptions options = options(cluster ? DisconnectedBehavior.DEFAULT : DisconnectedBehavior.REJECT_COMMANDS);
        ClientResources resources = DefaultClientResources.builder()
                .ioThreadPoolSize(THREADS)
                .computationThreadPoolSize(THREADS)
                .reconnectDelay(Delay.exponential(
                        Duration.ofMillis(10), LONGEST_PAUSE_BETWEEN_RECONNECTS, 2, TimeUnit.MILLISECONDS))
                .build();
        Future<?> unused = resources
                .eventExecutorGroup()
                .scheduleWithFixedDelay(
                        this::giveUpLate,
                        MILLIS_BETWEEN_LOOKS_AT_LATE_READS,
                        MILLIS_BETWEEN_LOOKS_AT_LATE_READS,
                        TimeUnit.MILLISECONDS);
        if (cluster) {
            RedisClusterClient many = RedisClusterClient.create(
                    resources,
                    settings.nodes().stream()
                            .map(node -> RedisUris.dataNode(settings, node))
                            .toList());
            many.setOptions(ClusterClientOptions.builder(options)
                    .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                            .enablePeriodicRefresh()
                            .build())
                    .build());
            return new Client(resources, many);
        }
        RedisClient single = RedisClient.create(
                resources,
                settings.topology() == Topology.REDIS_SENTINEL
                        ? RedisUris.behindSentinels(settings)
                        : RedisUris.dataNode(settings, settings.nodes().get(0)));
        single.setOptions(options);
        return new Client(resources, single);
    }

    private ClientOptions options(DisconnectedBehavior whileDisconnected) {
        ClientOptions.Builder options = ClientOptions.builder()
                .disconnectedBehavior(whileDisconnected)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(settings.connectTimeout())
                        .build());
        if (settings.protocol() != 0) {
            options.protocolVersion(settings.protocol() == 2 ? ProtocolVersion.RESP2 : ProtocolVersion.RESP3);
        }
        Tls tls = settings.tls();
        return tls == null
                ? options.build()
                : options.sslOptions(new RedisTls(settings).options(tls)).build();
    }
}
