package dev.larder.server;

import java.time.Duration;

/**
 * What the HTTP server takes on at once. GET /health and /metrics are answered whatever else is at work.
 *
 * @param concurrent requests worked on at once
 * @param queued requests that wait for one of those to end; further ones are refused at once
 * @param requestTime from a request's head to its answer, waiting included
 * @param idleTime a connection over which nothing goes for so long is closed
 * @param headerBytes size of a request's line and headers
 */
public record HttpLimits(int concurrent, int queued, Duration requestTime, Duration idleTime, int headerBytes) {
    /** Many more than there are cores, as they wait for the store; few enough for their answers to fit in the heap. */
    public static final HttpLimits DEFAULT =
            new HttpLimits(64, 1024, Duration.ofSeconds(10), Duration.ofSeconds(30), 16 << 10);

    private static final int SMALLEST_HEADER = 1 << 10;

    public HttpLimits {
        check("--max-concurrent", concurrent, 1);
        check("--max-queued", queued, 0);
        check("--max-header-bytes", headerBytes, SMALLEST_HEADER);
        check("--request-timeout", requestTime);
        check("--keep-alive-timeout", idleTime);
    }

    private static void check(String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(option + ": " + value + " (expected: >= " + least + ")");
        }
    }

    private static void check(String option, Duration value) {
        if (value.toMillis() < 1) {
            throw new IllegalArgumentException(
                    option + ": " + value.toMillis() / 1e3 + " (expected: seconds, more than 0)");
        }
    }
}
