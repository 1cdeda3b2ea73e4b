package dev.larder.model;

import org.jspecify.annotations.Nullable;

/** A failure with a stable code; its message names the thing, the value and the way out, in words for the user. */
public class LarderException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    public LarderException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public LarderException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }
}
