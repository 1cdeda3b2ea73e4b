package dev.larder.objectstorage;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** A bucket and the right to use it. Safe for use by many threads. */
public final class Bucket implements AutoCloseable {
    /** Always the same, so that a bucket whose objects may not be deleted keeps one of them and not many. */
    private static final String PROBE = ".larder-access";

    /** With all its attempts: whoever asks looks again and again, and must not hang on a store that does. */
    private static final Duration TIME_TO_SAY_ETAG = Duration.ofSeconds(10);

    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int PRECONDITION_FAILED = 412;

    private final S3Client client;
    private final String name;
    private final S3Settings settings;
    private final S3Failures failures;

    private Bucket(S3Client client, String name, S3Settings settings, S3Failures failures) {
        this.client = client;
        this.name = name;
        this.settings = settings;
        this.failures = failures;
    }

    /**
     * A bucket, which need not exist yet; nothing is asked of the store.
     *
     * @param code of the exceptions when the store cannot be used
     * @throws LarderException with that code if no region is known
     */
    public static Bucket open(S3Settings settings, String name, ErrorCode code) {
        S3Failures failures = new S3Failures(settings, code);
        try {
            return new Bucket(settings.client(), name, settings, failures);
        } catch (SdkException e) {
            throw failures.of(Location.S3_SCHEME + name, e);
        }
    }

    /** An object's content, and the tag that changes with it. */
    public record Stored(byte[] bytes, String etag) {}

    public String name() {
        return name;
    }

    /** What messages call the store that the bucket is in. */
    public String storeName() {
        return settings.name();
    }

    /**
     * Creates the bucket where it is missing, then writes a small object, reads it and deletes it.
     *
     * @param folder where the object is written, without a slash at its end; rights may be limited to it
     * @throws LarderException saying which of endpoint, credentials, clock, bucket or rights is wrong
     */
    public void prepare(String folder) {
        if (isMissing()) {
            create();
        }
        String probe = folder + "/" + PROBE;
        calling(
                probe,
                () -> client.putObject(
                        r -> r.bucket(name).key(probe),
                        RequestBody.fromBytes("larder".getBytes(StandardCharsets.UTF_8))));
        // Another process that tries its access now may have deleted it already.
        Optional<Stored> unused = read(probe);
        try {
            client.deleteObject(r -> r.bucket(name).key(probe));
        } catch (S3Exception e) {
            // Whoever may not delete can still write and read.
            if (e.statusCode() != 403) {
                throw failures.of(uri(probe), e);
            }
        } catch (SdkException e) {
            throw failures.of(uri(probe), e);
        }
    }

    private boolean isMissing() {
        try {
            client.headBucket(r -> r.bucket(name));
            return false;
        } catch (S3Exception e) {
            if (e.statusCode() == NOT_FOUND) {
                return true;
            }
            if (e.statusCode() == 403) {
                // An answer to HEAD does not say why; the write that follows does.
                return false;
            }
            throw failures.of(Location.S3_SCHEME + name, e);
        } catch (SdkException e) {
            throw failures.of(Location.S3_SCHEME + name, e);
        }
    }

    private void create() {
        try {
            client.createBucket(r -> r.bucket(name));
        } catch (S3Exception e) {
            // Another process was faster.
            if (e.statusCode() == CONFLICT && !isMissing()) {
                return;
            }
            LarderException why = failures.of(Location.S3_SCHEME + name, e);
            throw new LarderException(
                    why.code(),
                    "Bucket %s does not exist in %s and cannot be created: %s"
                            .formatted(name, settings.name(), why.getMessage()),
                    e);
        } catch (SdkException e) {
            throw failures.of(Location.S3_SCHEME + name, e);
        }
    }

    /** An object's content; empty if there is no such object, or no such bucket. */
    public Optional<Stored> read(String key) {
        try {
            ResponseBytes<GetObjectResponse> object =
                    client.getObjectAsBytes(r -> r.bucket(name).key(key));
            return Optional.of(
                    new Stored(object.asByteArrayUnsafe(), object.response().eTag()));
        } catch (S3Exception e) {
            if (e.statusCode() == NOT_FOUND) {
                return Optional.empty();
            }
            throw failures.of(uri(key), e);
        } catch (SdkException e) {
            throw failures.of(uri(key), e);
        }
    }

    /** The tag of an object's content; empty if there is no such object, or no such bucket. An answer is soon there or fails. */
    public Optional<String> etag(String key) {
        try {
            return Optional.of(client.headObject(r -> r.bucket(name)
                            .key(key)
                            .overrideConfiguration(call -> call.apiCallTimeout(TIME_TO_SAY_ETAG)))
                    .eTag());
        } catch (S3Exception e) {
            if (e.statusCode() == NOT_FOUND) {
                return Optional.empty();
            }
            throw failures.of(uri(key), e);
        } catch (SdkException e) {
            throw failures.of(uri(key), e);
        }
    }

    /**
     * Writes an object if its content is still the expected one; creates the bucket where it is missing.
     *
     * @param expected tag of the content to replace; null: there is no object yet
     * @return whether it was written; false if another writer came first or the bucket is new: read again
     */
    public boolean replace(String key, byte[] bytes, @Nullable String expected) {
        try {
            put(key, bytes, expected);
            return true;
        } catch (S3Exception e) {
            if (e.statusCode() == PRECONDITION_FAILED || e.statusCode() == CONFLICT) {
                return false;
            }
            if (e.statusCode() == NOT_FOUND) {
                if (expected == null && isMissing()) {
                    create();
                }
                // Either what was to be replaced is gone, or there is a bucket now: both need another look.
                return false;
            }
            throw failures.of(uri(key), e);
        } catch (SdkException e) {
            throw failures.of(uri(key), e);
        }
    }

    private void put(String key, byte[] bytes, @Nullable String expected) {
        client.putObject(
                r -> {
                    r.bucket(name).key(key);
                    if (expected == null) {
                        r.ifNoneMatch("*");
                    } else {
                        r.ifMatch(expected);
                    }
                },
                RequestBody.fromBytes(bytes));
    }

    /**
     * Copies an object into a file that does not exist yet.
     *
     * @return how many bytes it has
     * @throws LarderException also if the object is gone
     */
    public long download(String key, Path file) {
        calling(key, () -> client.getObject(r -> r.bucket(name).key(key), ResponseTransformer.toFile(file)));
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot look at " + file, e);
        }
    }

    private <T> T calling(String key, Supplier<T> call) {
        try {
            return call.get();
        } catch (SdkException e) {
            throw failures.of(uri(key), e);
        }
    }

    private String uri(String key) {
        return Location.S3_SCHEME + name + "/" + key;
    }

    @Override
    public void close() {
        client.close();
    }
}
