package dev.larder.objectstorage;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * How to reach S3. Credentials are never part of it: they come from where the AWS SDK looks for them (the variables {@code
 * AWS_ACCESS_KEY_ID} and {@code AWS_SECRET_ACCESS_KEY}, the profile file, the role of the machine).
 *
 * @param endpoint address of a store other than AWS; null: AWS
 * @param region null: with an endpoint {@code us-east-1}, else as the AWS SDK finds it
 * @param pathStyle whether buckets are part of the path ({@code http://host/bucket}) and not of the host's name
 */
public record S3Settings(@Nullable URI endpoint, @Nullable String region, boolean pathStyle) {
    private static final String DEFAULT_REGION = "us-east-1";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(60);
    private static final int CONNECTIONS = 64;

    /** Enough for a store that restarts; what is really gone is still reported within some seconds. */
    private static final int ATTEMPTS = 6;

    /** AWS itself, with the region that the SDK finds. */
    public static S3Settings aws() {
        return new S3Settings(null, null, false);
    }

    /** A new client; it is the caller's to close. */
    public S3Client client() {
        S3ClientBuilder builder = S3Client.builder()
                .forcePathStyle(pathStyle)
                .httpClientBuilder(ApacheHttpClient.builder()
                        .connectionTimeout(CONNECT_TIMEOUT)
                        .socketTimeout(SOCKET_TIMEOUT)
                        .maxConnections(CONNECTIONS))
                .overrideConfiguration(
                        override -> override.retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(ATTEMPTS)
                                .build()));
        if (endpoint != null) {
            // Stores that are not AWS know the old checksums for certain, the new ones perhaps.
            builder.endpointOverride(endpoint)
                    .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                    .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        }
        knownRegion().map(Region::of).ifPresent(builder::region);
        return builder.build();
    }

    /** The region, unless the AWS SDK has to find it. */
    public Optional<String> knownRegion() {
        return Optional.ofNullable(region == null && endpoint != null ? DEFAULT_REGION : region);
    }

    /** What messages call the store. */
    public String name() {
        return endpoint == null ? "S3 (AWS)" : "S3 at " + endpoint;
    }
}
