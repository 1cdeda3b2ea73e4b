package dev.larder.materializer.lake;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.spark.CommitMetadata;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;

/** Commits that may meet another writer's, and what they say in their summary. */
public final class Commits {
    private static final int ATTEMPTS = 8;
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    private Commits() {}

    /**
     * Does something that reads tables and ends in one commit; again from its reading on when another writer came between.
     *
     * @param what completes the sentence "Other writers keep changing ..."
     * @throws LarderException {@code LAKE_UNAVAILABLE} if others come between every time
     */
    public static <T> T retrying(String what, Callable<T> attempt) {
        Exception last = null;
        for (int i = 0; i < ATTEMPTS; i++) {
            try {
                pauseBefore(i);
                return attempt.call();
            } catch (Exception e) {
                if (!conflict(e)) {
                    throw unchecked(e);
                }
                last = e;
            }
        }
        throw new LarderException(
                ErrorCode.LAKE_UNAVAILABLE,
                "Other writers keep changing %s; %d attempts found a newer state each time. Run the step again when they are done."
                        .formatted(what, ATTEMPTS),
                last);
    }

    /** Writers that met once must not meet again at every attempt. */
    private static void pauseBefore(int attempt) throws InterruptedException {
        if (attempt > 0) {
            long longest = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << attempt);
            Thread.sleep(ThreadLocalRandom.current().nextLong(longest));
        }
    }

    /** Runs SQL whose commit is to carry the given properties in its summary. */
    public static void describing(Map<String, String> summary, Runnable sql) {
        CommitMetadata.withCommitProperties(
                summary,
                () -> {
                    sql.run();
                    return summary;
                },
                RuntimeException.class);
    }

    private static boolean conflict(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ValidationException
                    || cause instanceof CommitFailedException
                    || cause instanceof CommitStateUnknownException
                    || cause instanceof AlreadyExistsException
                    || cause instanceof TableAlreadyExistsException) {
                return true;
            }
        }
        return false;
    }

    private static RuntimeException unchecked(Exception e) {
        if (e instanceof RuntimeException runtime) {
            return runtime;
        }
        if (e instanceof NoSuchTableException) {
            return new LarderException(
                    ErrorCode.LAKE_UNAVAILABLE, "A table vanished while it was written: " + e.getMessage(), e);
        }
        // Spark's own exception; what it means is found among its causes.
        return new IllegalStateException(e);
    }
}
