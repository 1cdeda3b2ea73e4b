package dev.larder.server;

import dev.larder.model.LarderException;
import dev.larder.server.materialize.CannotMaterialize;
import dev.larder.server.online.OnDemandViewException;
import dev.larder.server.write.FeastFailure;
import java.math.BigDecimal;
import java.time.Duration;

/**
 * How a failure is answered: an HTTP status, and the class of {@code feast.errors} that Feast's clients raise for it.
 * Clients repeat a request on 500, 502, 503, 504 and 429 and then lose the message, so what the caller can mend is 4xx.
 */
record ErrorAnswer(int status, String feastClass, String message) {
    private static final String FEAST_ERROR = "FeastError";

    static ErrorAnswer of(LarderException e) {
        String message = String.valueOf(e.getMessage());
        if (e instanceof OnDemandViewException) {
            return new ErrorAnswer(501, FEAST_ERROR, message);
        }
        if (e instanceof FeastFailure failure) {
            return new ErrorAnswer(failure.status(), failure.feastClass(), message);
        }
        if (e instanceof CannotMaterialize cannot) {
            return new ErrorAnswer(cannot.status(), FEAST_ERROR, message);
        }
        return switch (e.code()) {
            case FEATURE_VIEW_NOT_FOUND -> new ErrorAnswer(404, "FeatureViewNotFoundException", message);
            case FEATURE_SERVICE_NOT_FOUND -> new ErrorAnswer(404, "FeatureServiceNotFoundException", message);
            case FEATURE_NOT_FOUND -> new ErrorAnswer(404, "FeastObjectNotFoundException", message);
            case DATA_SOURCE_NOT_FOUND -> new ErrorAnswer(404, "DataSourceNotFoundException", message);
            case FEATURE_NAME_COLLISION -> new ErrorAnswer(400, "FeatureNameCollisionError", message);
            case ARGUMENT_INVALID, VALUE_TYPE_MISMATCH, DEFINITION_INVALID ->
                new ErrorAnswer(400, FEAST_ERROR, message);
            case STEP_MISSING,
                    REGISTRY_UNAVAILABLE,
                    ONLINE_STORE_UNAVAILABLE,
                    LAKE_UNAVAILABLE,
                    SOURCE_UNAVAILABLE,
                    CONNECTOR_FAILED,
                    SOURCE_NOT_CAUGHT_UP,
                    PATH_UNUSABLE -> new ErrorAnswer(503, FEAST_ERROR, message);
            // The codes of SQL exploration never reach a server.
            case ONLINE_STORE_CORRUPT,
                    PORT_TAKEN,
                    PROCESS_FAILED,
                    QUERY_INVALID,
                    TRINO_UNAVAILABLE,
                    QUERY_FAILED,
                    QUERY_TIMEOUT,
                    QUERY_CANCELLED,
                    INTERNAL -> new ErrorAnswer(500, FEAST_ERROR, message);
        };
    }

    static ErrorAnswer bodyTooLarge(int allowed) {
        return new ErrorAnswer(
                413,
                FEAST_ERROR,
                "The request's body is larger than the %d bytes allowed. Send several requests, or start the server with a greater --max-body-bytes."
                        .formatted(allowed));
    }

    static ErrorAnswer overloaded(HttpLimits limits) {
        return new ErrorAnswer(
                503,
                FEAST_ERROR,
                "The server has too much to do: %d requests are at work and %d wait (--max-concurrent, --max-queued). Try again in a moment."
                        .formatted(limits.concurrent(), limits.queued()));
    }

    static ErrorAnswer timedOut(Duration allowed) {
        return new ErrorAnswer(
                503,
                FEAST_ERROR,
                "The request could not be answered within %s s (--request-timeout). Try again in a moment."
                        .formatted(seconds(allowed)));
    }

    private static String seconds(Duration time) {
        return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString();
    }

    static ErrorAnswer unexpected() {
        return new ErrorAnswer(500, FEAST_ERROR, "The server failed unexpectedly; its log says why.");
    }
}
