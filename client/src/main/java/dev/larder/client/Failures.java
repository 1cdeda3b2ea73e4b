package dev.larder.client;

import dev.larder.client.FeatureClientException.Reason;
import io.grpc.Status;
import java.time.Duration;
import java.util.Objects;

/** What gRPC says, as this client's exception. */
final class Failures {
    private Failures() {}

    /**
     * @param server host and port, for failures that no server tells
     * @param deadline of the call
     */
    static FeatureClientException of(Throwable failure, String server, Duration deadline) {
        if (failure instanceof FeatureClientException known) {
            return known;
        }
        Status status = Status.fromThrowable(failure);
        Throwable local = status.getCause();
        return new FeatureClientException(
                reason(status.getCode()),
                switch (status.getCode()) {
                    case DEADLINE_EXCEEDED ->
                        "%s did not answer within %s. Allow a longer deadline, or see what keeps it."
                                .formatted(server, text(deadline));
                    case UNAVAILABLE ->
                        local == null ? description(status) : "%s cannot be reached: %s".formatted(server, root(local));
                    default -> description(status);
                },
                failure);
    }

    static Reason reason(Status.Code code) {
        return switch (code) {
            case INVALID_ARGUMENT,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    ALREADY_EXISTS,
                    // A message that is larger than the server, or this client, takes.
                    RESOURCE_EXHAUSTED,
                    UNAUTHENTICATED,
                    PERMISSION_DENIED -> Reason.INVALID_REQUEST;
            case NOT_FOUND -> Reason.NOT_FOUND;
            case UNAVAILABLE, ABORTED -> Reason.UNAVAILABLE;
            case DEADLINE_EXCEEDED -> Reason.DEADLINE;
            case UNIMPLEMENTED -> Reason.UNSUPPORTED;
            case CANCELLED -> Reason.CANCELLED;
            case OK, UNKNOWN, INTERNAL, DATA_LOSS -> Reason.INTERNAL;
        };
    }

    private static String description(Status status) {
        return Objects.requireNonNullElse(
                status.getDescription(), status.getCode().name());
    }

    private static String root(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = root.getCause(); cause != null; cause = cause.getCause()) {
            root = cause;
        }
        return Objects.requireNonNullElse(root.getMessage(), root.getClass().getSimpleName());
    }

    private static String text(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }
}
