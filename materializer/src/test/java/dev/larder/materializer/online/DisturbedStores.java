package dev.larder.materializer.online;

import dev.larder.onlinestore.OnlineStore;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.TaskContext;
import org.jspecify.annotations.Nullable;

/** Stores to which something happens in the middle of a run: when a task opens them. */
record DisturbedStores(OnlineStores stores) implements OnlineStores {
    private static final AtomicReference<@Nullable Runnable> DISTURBANCE = new AtomicReference<>();

    static void inTheNextTask(Runnable disturbance) {
        DISTURBANCE.set(disturbance);
    }

    @Override
    public OnlineStore open() {
        if (TaskContext.get() != null) {
            Runnable disturbance = DISTURBANCE.getAndSet(null);
            if (disturbance != null) {
                disturbance.run();
            }
        }
        return stores.open();
    }

    @Override
    public int writers() {
        return stores.writers();
    }

    @Override
    public Turn turn(String view) {
        return new DisturbedTurn(stores.turn(view));
    }

    private record DisturbedTurn(Turn turn) implements Turn {
        @Override
        public OnlineStores stores() {
            return new DisturbedStores(turn.stores());
        }

        @Override
        public void requireHeld() {
            turn.requireHeld();
        }

        @Override
        public void close() {
            turn.close();
        }
    }
}
