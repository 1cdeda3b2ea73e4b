package dev.larder.server.write;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;

/** A failure that Feast's server answers in a way of its own, beyond what the error code tells. */
public final class FeastFailure extends LarderException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String feastClass;

    private FeastFailure(ErrorCode code, int status, String feastClass, String message) {
        super(code, message);
        this.status = status;
        this.feastClass = feastClass;
    }

    /** @param why names the source, and the way out */
    static FeastFailure pushSource(String why) {
        return new FeastFailure(ErrorCode.DATA_SOURCE_NOT_FOUND, 422, "PushSourceNotFoundException", why);
    }

    static FeastFailure unknownView(String why) {
        return new FeastFailure(ErrorCode.FEATURE_VIEW_NOT_FOUND, 404, "FeastObjectNotFoundException", why);
    }

    static FeastFailure notImplemented(String why) {
        return new FeastFailure(ErrorCode.ARGUMENT_INVALID, 501, "FeastError", why);
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** Name of the class in {@code feast.errors} that Feast's clients raise. */
    public String feastClass() {
        return feastClass;
    }
}
