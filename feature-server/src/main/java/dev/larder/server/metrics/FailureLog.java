package dev.larder.server.metrics;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * What the log says of requests that failed for no fault of their callers. While a store is away all of them do, so of the
 * failures of one code one in ten seconds is told, with its cause and the number of those before it that were not. Safe for
 * use by many threads.
 */
public final class FailureLog {
    private static final Duration QUIET = Duration.ofSeconds(10);

    private final Logger log;
    private final LongSupplier nanoTime;
    private final ConcurrentMap<ErrorCode, Told> told = new ConcurrentHashMap<>();

    public FailureLog(Logger log) {
        this(log, System::nanoTime);
    }

    FailureLog(Logger log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
    }

    /**
     * The failure of a code that was told last.
     *
     * @param passedOver how many before it were not told
     * @param since how many after it were not told
     */
    private record Told(long at, long passedOver, long since) {}

    /** @param request as the log is to name it: a path, or a method */
    public void failed(String request, LarderException failure) {
        long now = nanoTime.getAsLong();
        Told latest = told.merge(
                failure.code(),
                new Told(now, 0, 0),
                (last, first) -> now - last.at() < QUIET.toNanos()
                        ? new Told(last.at(), last.passedOver(), last.since() + 1)
                        : new Told(now, last.since(), 0));
        if (latest.since() > 0) {
            return;
        }
        if (latest.passedOver() == 0) {
            log.error("Cannot answer {}", request, failure);
        } else {
            log.error(
                    "Cannot answer {}; {} requests before it had failed alike", request, latest.passedOver(), failure);
        }
    }
}
