package dev.larder.onlinestore;

import dev.larder.model.LarderException;
import dev.larder.onlinestore.RedisReplies.RedisRefusal;
import dev.larder.onlinestore.RedisSettings.Node;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Hot path: some connections to one Redis server, opened when they are first needed and again after they broke. A client
 * library's general machinery for replies would cost more than all else that the server does for a request, see decision 17.
 */
final class RedisLinks implements Hashes, AutoCloseable {
    private static final int LINKS =
            Math.max(1, Math.min(8, Runtime.getRuntime().availableProcessors()));
    private static final long NANOS_BETWEEN_ATTEMPTS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long MILLIS_BETWEEN_LOOKS_AT_LATE_READS = 20;

    private final RedisSettings settings;
    private final RedisFailures failures;
    private final RedisTls tls;
    private final AtomicReferenceArray<@Nullable RedisLink> links = new AtomicReferenceArray<>(LINKS);
    private final AtomicInteger turn = new AtomicInteger();
    private @Nullable ScheduledExecutorService timer;
    private @Nullable LarderException lastFailure;
    private long failedAt;
    private boolean closed;

    RedisLinks(RedisSettings settings, RedisFailures failures) {
        this.settings = settings;
        this.failures = failures;
        tls = new RedisTls(settings);
    }

    @Override
    public CompletableFuture<StoredHash[]> read(List<Request> requests) {
        LinkRead read = new LinkRead(
                requests, System.nanoTime() + settings.commandTimeout().toNanos());
        send(read);
        return read.done();
    }

    private void send(LinkRead read) {
        try {
            // A link that broke just now is replaced.
            for (int attempt = 0; attempt <= LINKS; attempt++) {
                if (link().send(read)) {
                    return;
                }
            }
            read.done().completeExceptionally(new EOFException("Redis closes each connection at once"));
        } catch (LarderException e) {
            read.done().completeExceptionally(e);
        }
    }

    /** A connection may have been broken for long without anyone noticing, so a read is tried once more. */
    private void lost(LinkRead read, IOException reason) {
        if (read.isLate(System.nanoTime())) {
            read.done().completeExceptionally(failures.timeout());
        } else if (read.beginAgain()) {
            send(read);
        } else {
            read.done().completeExceptionally(reason);
        }
    }

    /** One that has nothing to do, or else the next in turn. */
    private RedisLink link() {
        for (int i = 0; i < LINKS; i++) {
            RedisLink link = links.get(i);
            if (link == null || link.isBroken()) {
                return open(i);
            }
            if (link.isIdle()) {
                return link;
            }
        }
        int place = Math.floorMod(turn.getAndIncrement(), LINKS);
        RedisLink link = links.get(place);
        return link == null ? open(place) : link;
    }

    private synchronized RedisLink open(int place) {
        RedisLink known = links.get(place);
        if (known != null && !known.isBroken()) {
            return known;
        }
        if (closed) {
            throw new IllegalStateException("The online store %s is closed".formatted(settings.address()));
        }
        LarderException failure = lastFailure;
        if (failure != null && System.nanoTime() - failedAt < NANOS_BETWEEN_ATTEMPTS) {
            throw new LarderException(failure.code(), String.valueOf(failure.getMessage()), failure);
        }
        try {
            RedisLink link = connect();
            links.set(place, link);
            lastFailure = null;
            if (timer == null) {
                timer = timer();
            }
            return link;
        } catch (IOException | RedisRefusal e) {
            lastFailure = failures.of(e);
            failedAt = System.nanoTime();
            throw lastFailure;
        }
    }

    private RedisLink connect() throws IOException, RedisRefusal {
        Node node = settings.nodes().get(0);
        int millis = (int) settings.connectTimeout().toMillis();
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(node.host(), node.port()), millis);
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.setSoTimeout(millis);
            Socket used = settings.tls() == null ? socket : tls.encrypt(socket, node, settings.tls());
            RedisReplies replies = greet(used);
            used.setSoTimeout(0);
            return RedisLink.start(used, replies, this::lost);
        } catch (IOException | RedisRefusal | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Says who we are and which database we want. */
    private RedisReplies greet(Socket socket) throws IOException, RedisRefusal {
        CommandBuffer commands = new CommandBuffer();
        int expected = 0;
        String password = settings.password();
        String username = settings.username();
        if (username != null) {
            expected += command(commands, "AUTH", username, password == null ? "" : password);
        } else if (password != null) {
            expected += command(commands, "AUTH", password);
        }
        if (settings.database() != 0) {
            expected += command(commands, "SELECT", Integer.toString(settings.database()));
        }
        if (settings.clientName() != null) {
            expected += command(commands, "CLIENT", "SETNAME", settings.clientName());
        }
        RedisReplies replies = new RedisReplies();
        OutputStream out = socket.getOutputStream();
        out.write(commands.bytes(), 0, commands.length());
        while (expected > 0) {
            if (replies.ok()) {
                expected--;
            } else if (!replies.fill(socket.getInputStream())) {
                throw new EOFException("Redis has closed the connection");
            }
        }
        return replies;
    }

    private static int command(CommandBuffer commands, String... words) {
        commands.begin(words.length);
        for (String word : words) {
            commands.text(RedisLayout.utf8(word));
        }
        return 1;
    }

    private ScheduledExecutorService timer() {
        ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "larder-redis-timer");
            thread.setDaemon(true);
            return thread;
        });
        Future<?> unused = started.scheduleWithFixedDelay(
                this::closeLate,
                MILLIS_BETWEEN_LOOKS_AT_LATE_READS,
                MILLIS_BETWEEN_LOOKS_AT_LATE_READS,
                TimeUnit.MILLISECONDS);
        return started;
    }

    /** A line may be dead although nobody has said so: the next read connects anew. */
    private void closeLate() {
        long now = System.nanoTime();
        for (int i = 0; i < LINKS; i++) {
            RedisLink link = links.get(i);
            if (link != null && !link.isBroken() && link.isLate(now)) {
                link.close();
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (int i = 0; i < LINKS; i++) {
            RedisLink link = links.get(i);
            if (link != null) {
                link.close();
            }
        }
        if (timer != null) {
            timer.shutdownNow();
        }
    }
}
