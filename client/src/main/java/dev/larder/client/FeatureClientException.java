package dev.larder.client;

import org.jspecify.annotations.Nullable;

/** What went wrong, with a reason to branch on. Where the server has said it, the message is the server's. */
public final class FeatureClientException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What a caller can do about it. */
    public enum Reason {
        /** What was asked or sent cannot be: change the request. Repeating it does not help. */
        INVALID_REQUEST,
        /** No such view, feature, service or push source; the message names those that exist. */
        NOT_FOUND,
        /** A value was asked for as another type than it has; the message names both. */
        WRONG_TYPE,
        /** The server or its store cannot be reached now: try again in a moment. */
        UNAVAILABLE,
        /** No answer came in time; whether a row that was sent is written is not known. */
        DEADLINE,
        /** The server does not do this, an on-demand view for instance. */
        UNSUPPORTED,
        /** A fault of the server, or an answer that cannot be read. */
        INTERNAL,
        /** The client was closed, or the waiting thread interrupted. */
        CANCELLED
    }

    private final Reason reason;

    FeatureClientException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    FeatureClientException(Reason reason, String message) {
        this(reason, message, null);
    }

    public Reason reason() {
        return reason;
    }
}
