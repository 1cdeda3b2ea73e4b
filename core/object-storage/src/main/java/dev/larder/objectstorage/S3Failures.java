package dev.larder.objectstorage;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What the AWS SDK reports, in words for the person who has to act. */
public final class S3Failures {
    private static final Set<String> WRONG_CREDENTIALS = Set.of(
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "InvalidToken",
            "ExpiredToken",
            "AuthorizationHeaderMalformed");
    private static final Set<String> SKEWED = Set.of("RequestTimeTooSkewed", "RequestInTheFuture", "RequestExpired");

    private static final Pattern OBJECT = Pattern.compile("s3://[^\\s,;'\")\\]]+");

    private final S3Settings settings;
    private final ErrorCode code;

    /** @param code of the exceptions that are made */
    public S3Failures(S3Settings settings, ErrorCode code) {
        this.settings = settings;
        this.code = code;
    }

    /**
     * Looks for S3's answer among the causes of a failure.
     *
     * @param location what was read or written, unless a cause says it more exactly
     * @return empty if S3 has nothing to do with it
     */
    public Optional<LarderException> find(String location, Throwable failure) {
        String known = location;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SdkException sdk) {
                return Optional.of(of(known, sdk));
            }
            Matcher object = OBJECT.matcher(String.valueOf(cause.getMessage()));
            if (object.find()) {
                known = object.group();
            }
        }
        return Optional.empty();
    }

    /** @param location what was read or written, for example {@code s3://bucket/key} */
    public LarderException of(String location, SdkException e) {
        return new LarderException(
                code, e instanceof S3Exception answer ? answered(location, answer) : unanswered(location, e), e);
    }

    private String answered(String location, S3Exception e) {
        String error = e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
                ? ""
                : e.awsErrorDetails().errorCode();
        if (SKEWED.contains(error)) {
            return "%s refuses %s because this machine's clock is wrong (%s). Set the clock (NTP) and run this again."
                    .formatted(settings.name(), location, error);
        }
        if (WRONG_CREDENTIALS.contains(error)) {
            return "%s does not accept the credentials (%s, asked for %s). Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile or role that the AWS SDK uses."
                    .formatted(settings.name(), error, location);
        }
        if (e.statusCode() == 401 || e.statusCode() == 403) {
            return "%s denies access to %s%s. Allow these credentials s3:ListBucket on the bucket and s3:GetObject, s3:PutObject and s3:DeleteObject below it."
                    .formatted(settings.name(), location, error.isEmpty() ? "" : " (" + error + ")");
        }
        if (error.equals("NoSuchBucket")) {
            return "The bucket of %s does not exist in %s. Run 'larder apply', which creates it, or correct the name."
                    .formatted(location, settings.name());
        }
        if (e.statusCode() == 404) {
            return "%s is not in %s any more. Restore it, or run the step again that writes it."
                    .formatted(location, settings.name());
        }
        if (e.statusCode() == 301
                || error.equals("PermanentRedirect")
                || error.equals("IllegalLocationConstraintException")) {
            return "The bucket of %s lies in another region (%s). Set larder.s3.region to it."
                    .formatted(location, error);
        }
        return "%s cannot do what was asked with %s: %d %s. See its log, and run this again when it is well."
                .formatted(settings.name(), location, e.statusCode(), error);
    }

    private String unanswered(String location, SdkException e) {
        String text = String.valueOf(e.getMessage());
        if (text.contains("Unable to load credentials")) {
            return "No credentials for %s. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a profile or role that the AWS SDK finds."
                    .formatted(settings.name());
        }
        if (text.contains("Unable to load region")) {
            return "The region of %s is not known. Set larder.s3.region (or AWS_REGION).".formatted(location);
        }
        if (e instanceof ApiCallTimeoutException) {
            return "%s does not answer in time: %s. See what keeps it busy, or correct larder.s3.endpoint (asked for %s)."
                    .formatted(settings.name(), text, location);
        }
        Throwable innermost = e;
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            innermost = cause;
            if (cause instanceof UnknownHostException) {
                return "%s does not answer: host %s is not known. Correct larder.s3.endpoint (asked for %s)."
                        .formatted(settings.name(), cause.getMessage(), location);
            }
            if (cause instanceof SSLException) {
                return "%s does not answer over TLS: %s. Check http:// or https:// in larder.s3.endpoint and the certificate (asked for %s)."
                        .formatted(settings.name(), cause.getMessage(), location);
            }
            if (cause instanceof ConnectException
                    || cause instanceof SocketException
                    || cause instanceof InterruptedIOException) {
                return "%s does not answer: %s. Start it, or correct larder.s3.endpoint (asked for %s)."
                        .formatted(settings.name(), cause.getMessage(), location);
            }
        }
        return "%s cannot be used for %s: %s".formatted(settings.name(), location, innermost.getMessage());
    }
}
