package dev.larder.servers;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Polls a condition of the outside world. */
final class Waiting {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private Waiting() {}

    /** Whether the condition came true within the limit. */
    static boolean until(Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end >= 0) {
                return false;
            }
            try {
                Thread.sleep(PAUSE.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new LarderException(ErrorCode.PROCESS_FAILED, "Waiting for a process was interrupted.", e);
            }
        }
        return true;
    }
}
