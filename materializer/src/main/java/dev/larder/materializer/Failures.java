package dev.larder.materializer;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.objectstorage.S3Failures;
import dev.larder.offlinestore.LakeAddress;
import java.io.IOException;
import java.sql.SQLException;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/** What went wrong, in words for the user, found among the causes that engines wrap around it. */
final class Failures {
    private Failures() {}

    static LarderException of(Throwable failure) {
        return of(failure, null);
    }

    /** @param lake where the lake is, as far as that is known */
    static LarderException of(Throwable failure, @Nullable LakeAddress lake) {
        Throwable innermost = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof LarderException known) {
                return known;
            }
            if (cause instanceof KafkaException) {
                return failure(
                        ErrorCode.SOURCE_UNAVAILABLE,
                        "Kafka does not answer as it should",
                        "See whether it runs, and run the step again",
                        cause);
            }
            if (cause instanceof SdkException answer && lake != null) {
                return new S3Failures(lake.s3(), ErrorCode.LAKE_UNAVAILABLE)
                        .find(lake.warehouse().text(), failure)
                        .orElseThrow(() -> answer);
            }
            if (cause instanceof SQLException) {
                return failure(
                        ErrorCode.LAKE_UNAVAILABLE,
                        "The lake's catalog cannot be used",
                        "Check larder.lake.catalog of feature_store.yaml and who else uses it",
                        cause);
            }
            innermost = cause;
        }
        String told = lastCauseIn(String.valueOf(innermost.getMessage()));
        if (lake != null && !told.isEmpty()) {
            return new LarderException(
                    ErrorCode.LAKE_UNAVAILABLE,
                    "%s cannot be used: %s. Start it, or correct larder.s3 of feature_store.yaml, and run the step again."
                            .formatted(lake.s3().name(), told),
                    innermost);
        }
        if (innermost instanceof IOException) {
            return failure(
                    ErrorCode.LAKE_UNAVAILABLE,
                    "The lake's files cannot be read or written",
                    "Check larder.lake.warehouse of feature_store.yaml, its permissions and the free space",
                    innermost);
        }
        return failure(
                ErrorCode.INTERNAL,
                "Something failed that should not",
                "Run it again with LARDER_DEBUG=1 to see where",
                innermost);
    }

    /**
     * Spark tells a task's failure as a text with all causes in it, where the exception itself could not be sent; of these the last
     * one that S3's client has thrown; empty if there is none.
     */
    private static String lastCauseIn(String text) {
        return text.lines()
                .filter(line -> line.startsWith("Caused by: ") && line.contains("awssdk"))
                .reduce((first, second) -> second)
                .map(line -> line.substring("Caused by: ".length()))
                .orElse("");
    }

    private static LarderException failure(ErrorCode code, String what, String wayOut, Throwable cause) {
        String detail = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        return new LarderException(
                code, "%s: %s: %s. %s.".formatted(what, cause.getClass().getSimpleName(), detail, wayOut), cause);
    }
}
