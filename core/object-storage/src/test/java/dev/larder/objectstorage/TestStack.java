package dev.larder.objectstorage;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.progress.Progress;
import dev.larder.servers.EmbeddedStack;
import dev.larder.servers.MinioEndpoint;
import dev.larder.servers.Part;
import dev.larder.servers.ServerClassPath;
import dev.larder.servers.StackEndpoints;
import dev.larder.servers.StackOptions;
import java.nio.file.Path;
import java.util.UUID;
import org.opentest4j.TestAbortedException;

/** A real MinIO, and other parts beside it, for the tests of one class. Its credentials become those of the test's JVM. */
public final class TestStack implements AutoCloseable {
    private final Path folder;
    private final StackEndpoints endpoints;

    private TestStack(Path folder, StackEndpoints endpoints) {
        this.folder = folder;
        this.endpoints = endpoints;
    }

    /**
     * @param folder empty; it holds the parts' data
     * @throws TestAbortedException outside of CI, if a part's program is missing on this machine
     */
    public static TestStack start(Path folder, Part... parts) {
        Path root = Path.of(System.getProperty("larder.root"));
        try {
            TestStack stack = new TestStack(
                    folder,
                    EmbeddedStack.start(
                            folder,
                            ServerClassPath.read(root.resolve("testing/servers/target/classpath")),
                            StackOptions.forTests().withParts(parts),
                            Progress.none()));
            stack.endpoints.minio().ifPresent(TestStack::useCredentials);
            return stack;
        } catch (LarderException e) {
            if (e.code() == ErrorCode.STEP_MISSING && System.getenv("CI") == null) {
                throw new TestAbortedException(e.getMessage(), e);
            }
            throw e;
        }
    }

    private static void useCredentials(MinioEndpoint minio) {
        System.setProperty("aws.accessKeyId", minio.accessKey());
        System.setProperty("aws.secretAccessKey", minio.secretKey());
    }

    public StackEndpoints endpoints() {
        return endpoints;
    }

    /** How MinIO is reached. */
    public S3Settings s3() {
        return new S3Settings(endpoints.minio().orElseThrow().url(), MinioEndpoint.REGION, true);
    }

    /** A bucket's name that was never used. */
    public static String newBucket() {
        return "test-" + UUID.randomUUID();
    }

    /** Ends a part as a crash would; it can be started again. */
    public void kill(Part part) {
        EmbeddedStack.kill(folder, part);
    }

    /** Starts again, on its port, what was killed. */
    public void restart(Part... parts) {
        start(folder, parts);
    }

    @Override
    public void close() {
        EmbeddedStack.stop(folder);
    }
}
