package dev.larder.server.materialize;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.util.List;

/** What this server cannot do, or not now, although nothing is wrong with the request. */
public final class CannotMaterialize extends LarderException {
    private static final long serialVersionUID = 1L;
    private static final int NOT_IMPLEMENTED = 501;
    private static final int UNAVAILABLE = 503;

    private final int status;

    private CannotMaterialize(int status, ErrorCode code, String message) {
        super(code, message);
        this.status = status;
    }

    /** The HTTP status that says so. */
    public int status() {
        return status;
    }

    static CannotMaterialize notComputedHere(List<String> views) {
        return new CannotMaterialize(
                NOT_IMPLEMENTED,
                ErrorCode.ARGUMENT_INVALID,
                "Larder has no rows of feature view%s %s: only views that it computes are materialized by this server, none of file or other sources and none on demand. Materialize %s with Feast, or name other views in feature_views."
                        .formatted(
                                views.size() == 1 ? "" : "s",
                                String.join(", ", views),
                                views.size() == 1 ? "it" : "them"));
    }

    static CannotMaterialize noCommand() {
        return new CannotMaterialize(
                NOT_IMPLEMENTED,
                ErrorCode.ARGUMENT_INVALID,
                "This server was started without the larder command, so it cannot materialize. Start it with ./larder serve, or name the command with --larder-command; or run larder materialize yourself.");
    }

    static CannotMaterialize tooManyWait(int waiting) {
        return new CannotMaterialize(
                UNAVAILABLE,
                ErrorCode.PROCESS_FAILED,
                "%d materializations wait for their turn already. Try again when some are done.".formatted(waiting));
    }

    static CannotMaterialize stops() {
        return new CannotMaterialize(
                UNAVAILABLE,
                ErrorCode.PROCESS_FAILED,
                "The server stops, so the materialization was ended. Run it again: what is done is not done twice.");
    }
}
