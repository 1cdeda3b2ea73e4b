package dev.larder.onlinestore;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;

/**
 * One connection to a Redis server, for reading. Whoever asks writes to it himself, many one after the other without waiting;
 * a thread of its own reads the replies and runs what follows on them. Once broken it stays so. Safe for use by many threads.
 */
final class RedisLink {
    private static final ThreadLocal<CommandBuffer> COMMANDS = ThreadLocal.withInitial(CommandBuffer::new);

    private final Socket socket;
    private final OutputStream out;
    private final RedisReplies replies;
    private final BiConsumer<LinkRead, IOException> lost;
    private final ReentrantLock writing = new ReentrantLock();
    private final Queue<LinkRead> waiting = new ConcurrentLinkedQueue<>();
    private volatile boolean broken;

    /**
     * @param socket over which all that goes before the first read has been said
     * @param replies what has come over it
     * @param lost is told of reads that will have no reply from here, and why; on the thread of this link
     */
    private RedisLink(Socket socket, OutputStream out, RedisReplies replies, BiConsumer<LinkRead, IOException> lost) {
        this.socket = socket;
        this.out = out;
        this.replies = replies;
        this.lost = lost;
    }

    static RedisLink start(Socket socket, RedisReplies replies, BiConsumer<LinkRead, IOException> lost)
            throws IOException {
        RedisLink link = new RedisLink(socket, socket.getOutputStream(), replies, lost);
        InputStream in = socket.getInputStream();
        Thread thread = new Thread(() -> link.readAll(in), "larder-redis-" + socket.getLocalPort());
        thread.setDaemon(true);
        thread.start();
        return link;
    }

    boolean isBroken() {
        return broken;
    }

    /** Whether every read has its reply. */
    boolean isIdle() {
        return waiting.isEmpty();
    }

    /** @return false if the link is broken and has not taken the read */
    boolean send(LinkRead read) {
        CommandBuffer commands = COMMANDS.get();
        commands.clear();
        read.encode(commands);
        writing.lock();
        try {
            if (broken) {
                return false;
            }
            waiting.add(read);
            out.write(commands.bytes(), 0, commands.length());
        } catch (IOException e) {
            // Its thread notices that, too, and says which reads are lost; this one is among them.
            close();
        } finally {
            writing.unlock();
        }
        return true;
    }

    /** Whether the read that has waited longest has waited too long. */
    boolean isLate(long nanoTime) {
        LinkRead first = waiting.peek();
        return first != null && first.isLate(nanoTime);
    }

    void close() {
        broken = true;
        try {
            socket.close();
        } catch (IOException e) {
            // What is closed cannot be used any more, however the closing went.
        }
    }

    private void readAll(InputStream in) {
        IOException reason = read(in);
        close();
        drain().forEach(read -> lost.accept(read, reason));
    }

    /** After this no read is added. */
    private List<LinkRead> drain() {
        writing.lock();
        try {
            List<LinkRead> left = List.copyOf(waiting);
            waiting.clear();
            return left;
        } finally {
            writing.unlock();
        }
    }

    /** @return why there is nothing more to read */
    private IOException read(InputStream in) {
        try {
            while (replies.fill(in)) {
                takeAll();
            }
            return new EOFException("Redis has closed the connection");
        } catch (IOException e) {
            return e;
        }
    }

    private void takeAll() throws IOException {
        while (!replies.isEmpty()) {
            LinkRead read = waiting.peek();
            if (read == null) {
                throw new IOException("Redis answers what it was not asked");
            }
            if (!read.take(replies)) {
                return;
            }
            if (read.isComplete()) {
                waiting.remove();
                read.finish();
            }
        }
    }
}
