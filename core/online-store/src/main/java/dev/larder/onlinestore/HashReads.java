package dev.larder.onlinestore;

import dev.larder.model.LarderException;
import io.lettuce.core.internal.ExceptionFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Commands of one read that are sent together; done when the last has ended. */
final class HashReads {
    private final List<HashRead> commands;
    private final AtomicInteger open;
    private final CompletableFuture<StoredHash[]> done = new CompletableFuture<>();
    private volatile @Nullable Throwable failure;

    /** @param expected how many commands are to be added */
    HashReads(int expected) {
        commands = new ArrayList<>(expected);
        open = new AtomicInteger(expected);
    }

    void add(HashRead command) {
        commands.add(command);
    }

    List<HashRead> commands() {
        return commands;
    }

    /** What each command has read; or the failure of one of them, as a {@code RedisException} or the like. */
    CompletableFuture<StoredHash[]> done() {
        return done;
    }

    /** @param reason why a command has no answer, if it has none */
    void ended(@Nullable Throwable reason) {
        if (reason != null) {
            failure = reason;
        }
        if (open.decrementAndGet() == 0) {
            finish();
        }
    }

    /** What is still open is not waited for. */
    void giveUp(LarderException reason) {
        if (done.completeExceptionally(reason)) {
            commands.forEach(HashRead::cancel);
        }
    }

    private void finish() {
        Throwable reason = failure;
        for (int i = 0; reason == null && i < commands.size(); i++) {
            String error = commands.get(i).getOutput().getError();
            if (error != null) {
                reason = ExceptionFactory.createExecutionException(error);
            } else if (commands.get(i).isCancelled()) {
                reason = new CancellationException("the connection was closed");
            }
        }
        if (reason == null) {
            done.complete(commands.stream().map(HashRead::hash).toArray(StoredHash[]::new));
        } else {
            done.completeExceptionally(reason);
        }
    }
}
