package dev.larder.objectstorage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.servers.Part;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BucketTest {
    @SuppressWarnings("NullAway.Init")
    private static TestStack stack;

    @BeforeAll
    static void startMinio(@TempDir Path folder) {
        stack = TestStack.start(folder, Part.MINIO);
    }

    @AfterAll
    static void stopMinio() {
        stack.close();
    }

    @Test
    void aMissingBucketIsCreatedAndAccessIsTried() {
        String name = TestStack.newBucket();
        try (Bucket bucket = Bucket.open(stack.s3(), name, ErrorCode.LAKE_UNAVAILABLE);
                Bucket other = Bucket.open(stack.s3(), name, ErrorCode.LAKE_UNAVAILABLE)) {
            assertThat(bucket.read("a")).isEmpty();

            bucket.prepare("lake/warehouse");
            other.prepare("lake/warehouse");

            assertThat(bucket.read("lake/warehouse/.larder-access")).isEmpty();
            assertThat(bucket.replace("a", bytes("1"), null)).isTrue();
            assertThat(other.read("a")).map(Bucket.Stored::bytes).contains(bytes("1"));
        }
    }

    @Test
    void anObjectIsReplacedOnlyWhileItIsTheOneThatWasRead() {
        try (Bucket bucket = open()) {
            assertThat(bucket.etag("a")).isEmpty();
            assertThat(bucket.replace("a", bytes("1"), null)).isTrue();
            String first = bucket.etag("a").orElseThrow();
            assertThat(bucket.replace("a", bytes("other"), null)).isFalse();

            assertThat(bucket.replace("a", bytes("2"), first)).isTrue();
            assertThat(bucket.replace("a", bytes("3"), first)).isFalse();
            assertThat(bucket.replace("gone", bytes("3"), first)).isFalse();

            Bucket.Stored stored = bucket.read("a").orElseThrow();
            assertThat(stored.bytes()).isEqualTo(bytes("2"));
            assertThat(bucket.etag("a")).contains(stored.etag());
            assertThat(stored.etag()).isNotEqualTo(first);
        }
    }

    @Test
    void theFirstWriteMakesTheBucketAndAsksForAnotherLook() {
        try (Bucket bucket = Bucket.open(stack.s3(), TestStack.newBucket(), ErrorCode.REGISTRY_UNAVAILABLE)) {
            assertThat(bucket.replace("a", bytes("1"), null)).isFalse();
            assertThat(bucket.replace("a", bytes("1"), null)).isTrue();
        }
    }

    @Test
    void ofManyWritersAtOnceOneWins() throws ExecutionException, InterruptedException {
        try (Bucket bucket = open()) {
            ExecutorService threads = Executors.newFixedThreadPool(8);
            List<Future<Boolean>> answers = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                byte[] content = bytes("writer " + i);
                answers.add(threads.submit(() -> bucket.replace("contended", content, null)));
            }
            threads.shutdown();
            int won = 0;
            for (Future<Boolean> answer : answers) {
                won += answer.get() ? 1 : 0;
            }

            assertThat(won).isEqualTo(1);
        }
    }

    @Test
    void aDownloadOfWhatIsGoneSaysSo(@TempDir Path folder) throws IOException {
        try (Bucket bucket = open()) {
            assertThat(bucket.replace("there", bytes("content"), null)).isTrue();
            assertThat(bucket.download("there", folder.resolve("a"))).isEqualTo(7);
            assertThat(Files.readString(folder.resolve("a"))).isEqualTo("content");

            refused(
                    () -> bucket.download("data/gone.parquet", folder.resolve("b")),
                    "s3://%s/data/gone.parquet is not in S3 at %s any more. Restore it, or run the step again that writes it."
                            .formatted(bucket.name(), stack.s3().endpoint()));
        }
    }

    @Test
    void anEndpointWithoutAServerIsNamed() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        URI nowhere = URI.create("http://127.0.0.1:" + free);
        try (Bucket bucket = Bucket.open(new S3Settings(nowhere, null, true), "bucket", ErrorCode.LAKE_UNAVAILABLE)) {
            assertThatThrownBy(() -> bucket.prepare("lake"))
                    .isInstanceOfSatisfying(
                            LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LAKE_UNAVAILABLE))
                    .hasMessageStartingWith("S3 at %s does not answer: ", nowhere)
                    .hasMessageEndingWith(
                            "Connection refused. Start it, or correct larder.s3.endpoint (asked for s3://bucket).");
        }
    }

    @Test
    void aHostThatDoesNotExistIsNamed() {
        S3Settings unknown = new S3Settings(URI.create("http://no-such-host.invalid:9000"), null, true);
        try (Bucket bucket = Bucket.open(unknown, "bucket", ErrorCode.LAKE_UNAVAILABLE)) {
            assertThatThrownBy(() -> bucket.prepare("lake"))
                    .hasMessageContaining("does not answer: host no-such-host.invalid")
                    .hasMessageContaining("Correct larder.s3.endpoint");
        }
    }

    @Test
    void wrongCredentialsAreToldFromMissingOnes() {
        String key = System.getProperty("aws.accessKeyId");
        String secret = System.getProperty("aws.secretAccessKey");
        String bucketName = TestStack.newBucket();
        try (Bucket bucket = open(bucketName)) {
            assertThat(bucket.replace("a", bytes("1"), null)).isTrue();
            System.setProperty("aws.secretAccessKey", "not-the-secret");
            refused(
                    () -> bucket.read("a"),
                    "S3 at %s does not accept the credentials (SignatureDoesNotMatch, asked for s3://%s/a). Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile or role that the AWS SDK uses."
                            .formatted(stack.s3().endpoint(), bucketName));
            System.setProperty("aws.accessKeyId", "nobody");
            assertThatThrownBy(() -> bucket.prepare("lake")).hasMessageContaining("(InvalidAccessKeyId, asked for");
        } finally {
            System.setProperty("aws.accessKeyId", key);
            System.setProperty("aws.secretAccessKey", secret);
        }
    }

    /** What only a server says that is set up for it: answered here by a socket in its words. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "403 | AccessDenied | denies access to s3://bucket/a (AccessDenied). Allow these credentials s3:ListBucket",
                "403 | RequestTimeTooSkewed | refuses s3://bucket/a because this machine's clock is wrong (RequestTimeTooSkewed). Set the clock",
                "301 | PermanentRedirect | The bucket of s3://bucket/a lies in another region (PermanentRedirect). Set larder.s3.region",
                "400 | InvalidRequest | cannot do what was asked with s3://bucket/a: 400 InvalidRequest.",
            })
    void answersOfServersAreExplained(int status, String error, String expected) throws IOException {
        String body = "<Error><Code>%s</Code><Message>m</Message></Error>".formatted(error);
        String answer =
                "HTTP/1.1 %d X\r\nContent-Type: application/xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                        .formatted(status, body.length(), body);
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> answer(server, answer));
            answering.setDaemon(true);
            answering.start();
            S3Settings settings = new S3Settings(URI.create("http://127.0.0.1:" + server.getLocalPort()), null, true);
            try (Bucket bucket = Bucket.open(settings, "bucket", ErrorCode.LAKE_UNAVAILABLE)) {
                assertThatThrownBy(() -> bucket.read("a")).hasMessageContaining(expected);
            }
        }
    }

    private static void answer(ServerSocket server, String answer) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                socket.getInputStream().read(new byte[8192]);
                OutputStream out = socket.getOutputStream();
                out.write(bytes(answer));
                out.flush();
            } catch (IOException e) {
                // The test is over, or the client has gone: the next one is answered anew.
            }
        }
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(LarderException.class).hasMessage(message);
    }

    private static Bucket open() {
        return open(TestStack.newBucket());
    }

    private static Bucket open(String name) {
        Bucket bucket = Bucket.open(stack.s3(), name, ErrorCode.LAKE_UNAVAILABLE);
        bucket.prepare("lake");
        return bucket;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
