package dev.larder.offlinestore;

import dev.larder.objectstorage.S3Settings;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.iceberg.aws.s3.S3FileIOAwsClientFactory;
import org.apache.iceberg.exceptions.NotFoundException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.DelegatingS3Client;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Request;

/**
 * Makes the clients of Iceberg's S3FileIO, so that registry, lake and every engine reach S3 in one way. Iceberg makes this one
 * by its name, also on Spark's executors; credentials are found where the client is made.
 */
public final class S3Clients implements S3FileIOAwsClientFactory {
    private static final String ENDPOINT = "s3.endpoint";
    private static final String PATH_STYLE = "s3.path-style-access";
    private static final String REGION = "client.region";
    private static final long serialVersionUID = 1L;

    private @Nullable String endpoint;
    private @Nullable String region;
    private boolean pathStyle;

    /** Properties of a catalog whose files are in S3. */
    static Map<String, String> properties(S3Settings settings) {
        Map<String, String> properties = new HashMap<>();
        properties.put("s3.client-factory-impl", S3Clients.class.getName());
        properties.put(PATH_STYLE, Boolean.toString(settings.pathStyle()));
        if (settings.endpoint() != null) {
            properties.put(ENDPOINT, settings.endpoint().toString());
        }
        settings.knownRegion().ifPresent(name -> properties.put(REGION, name));
        return properties;
    }

    @Override
    public void initialize(Map<String, String> properties) {
        endpoint = properties.get(ENDPOINT);
        region = properties.get(REGION);
        pathStyle = Boolean.parseBoolean(properties.get(PATH_STYLE));
    }

    @Override
    public S3Client s3() {
        return new Impatient(
                new S3Settings(endpoint == null ? null : URI.create(endpoint), region, pathStyle).client());
    }

    @Override
    public S3AsyncClient s3Async() {
        throw new UnsupportedOperationException("Larder reads S3 without asynchronous clients: leave s3.crt.enabled and"
                + " s3.analytics-accelerator.enabled unset");
    }

    /** Iceberg's word for what no repetition mends; it would otherwise try for minutes what the client has tried already. */
    private static final class Unreachable extends NotFoundException {
        private static final long serialVersionUID = 1L;

        Unreachable(Throwable cause) {
            super(cause, "%s", String.valueOf(cause.getMessage()));
        }
    }

    /** Marks a store that does not answer, or lets nobody in. What it says of a single object is left to Iceberg. */
    private static final class Impatient extends DelegatingS3Client {
        Impatient(S3Client client) {
            super(client);
        }

        @Override
        protected <T extends S3Request, R> R invokeOperation(T request, Function<T, R> operation) {
            try {
                return operation.apply(request);
            } catch (SdkClientException e) {
                throw new Unreachable(e);
            } catch (S3Exception e) {
                throw e.statusCode() == 401 || e.statusCode() == 403 ? new Unreachable(e) : e;
            }
        }
    }
}
