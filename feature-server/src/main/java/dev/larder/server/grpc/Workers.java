package dev.larder.server.grpc;

import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that answer requests: as many as are at work at once, up to a number from which on requests wait. */
public final class Workers {
    private static final int MOST = 256;
    private static final int IDLE_SECONDS = 30;

    private Workers() {}

    public static ThreadPoolExecutor start() {
        AtomicInteger started = new AtomicInteger();
        return new ThreadPoolExecutor(
                0,
                MOST,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new HandOver(),
                task -> {
                    Thread thread = new Thread(task, "larder-grpc-" + started.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                },
                (task, pool) -> pool.getQueue().add(task));
    }

    /** Takes a task only if a thread waits for one, so that the pool starts another before anything queues up. */
    private static final class HandOver extends LinkedTransferQueue<Runnable> {
        private static final long serialVersionUID = 1L;

        @Override
        public boolean offer(Runnable task) {
            return tryTransfer(task);
        }

        @Override
        public boolean add(Runnable task) {
            return super.offer(task);
        }
    }
}
