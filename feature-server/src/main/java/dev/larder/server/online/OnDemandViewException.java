package dev.larder.server.online;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;

/** An on-demand view was asked for: its values come from Python code, which this server cannot run. */
public final class OnDemandViewException extends LarderException {
    private static final long serialVersionUID = 1L;

    OnDemandViewException(String view) {
        super(
                ErrorCode.ARGUMENT_INVALID,
                "On-demand feature view %s is Python code, which this server does not run. Ask for the features that it is computed from, and compute it in the caller."
                        .formatted(view));
    }
}
