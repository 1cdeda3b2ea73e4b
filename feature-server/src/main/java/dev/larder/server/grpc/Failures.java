package dev.larder.server.grpc;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.server.metrics.FailureLog;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a failure is answered over gRPC: with the text that HTTP answers, and the status that means what HTTP's does.
 *
 * @param httpStatus the one that HTTP answers a failure with
 */
record Failures(ToIntFunction<LarderException> httpStatus) {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);
    private static final FailureLog FAILURES = new FailureLog(LOG);

    /** Clients take 8 KiB of trailers, and the text is not alone in them. */
    private static final int LONGEST_TEXT = 4096;

    private static final String CUT = "...";

    StatusRuntimeException of(String method, Exception failure) {
        return status(method, failure).asRuntimeException();
    }

    private Status status(String method, Exception failure) {
        if (failure instanceof StatusRuntimeException known) {
            return known.getStatus();
        } else if (failure instanceof IOException unreadable) {
            return unreadable(method, unreadable);
        } else if (failure instanceof LarderException known) {
            if (known.code().kind() != ErrorCode.Kind.CALLER) {
                FAILURES.failed(method, known);
            }
            return code(httpStatus.applyAsInt(known))
                    .toStatus()
                    .withDescription(fitting(String.valueOf(known.getMessage())));
        }
        LOG.error("Cannot answer {}", method, failure);
        return Status.INTERNAL.withDescription("The server failed unexpectedly; its log says why.");
    }

    static Status unreadable(String method, IOException reason) {
        return Status.INVALID_ARGUMENT.withDescription(
                fitting("The request is not the message that %s takes: %s".formatted(method, reason.getMessage())));
    }

    private static Status.Code code(int httpStatus) {
        return switch (httpStatus) {
            case 400, 422 -> Status.Code.INVALID_ARGUMENT;
            case 404 -> Status.Code.NOT_FOUND;
            case 501 -> Status.Code.UNIMPLEMENTED;
            case 503 -> Status.Code.UNAVAILABLE;
            default -> Status.Code.INTERNAL;
        };
    }

    /** A text that lists many names is cut: trailers that are too long would hide the status too. */
    static String fitting(String text) {
        int sent = 0;
        for (int i = 0; i < text.length(); ) {
            int symbol = text.codePointAt(i);
            sent += sentBytes(symbol);
            if (sent > LONGEST_TEXT - CUT.length()) {
                return text.substring(0, i) + CUT;
            }
            i += Character.charCount(symbol);
        }
        return text;
    }

    /** On the wire, what is not printable ASCII takes three bytes for each one of its UTF-8. */
    private static int sentBytes(int symbol) {
        if (symbol >= ' ' && symbol < 0x7f && symbol != '%') {
            return 1;
        } else if (symbol < 0x80) {
            return 3;
        } else if (symbol < 0x800) {
            return 6;
        }
        return symbol < 0x10000 ? 9 : 12;
    }
}
