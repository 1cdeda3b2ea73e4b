package dev.larder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.objectstorage.Bucket;
import dev.larder.objectstorage.Location;
import dev.larder.objectstorage.S3Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RegistryWatcherTest {
    private static final Duration NEVER_BY_ITSELF = Duration.ofHours(1);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Path folder;
    private final Path file;
    private final ShopRepository shop;
    private final FileRegistry registry;
    private final List<RegistryWatcher<?>> opened = new ArrayList<>();

    RegistryWatcherTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        shop = new ShopRepository(folder);
        file = folder.resolve("registry.db");
        registry = FileRegistry.open(file);
        apply();
    }

    @AfterEach
    void close() {
        opened.forEach(RegistryWatcher::close);
    }

    @Test
    void seesChangesByItself() throws IOException {
        RegistryWatcher<Snapshot> watcher = watch(registry, Duration.ofMillis(100));
        watcher.refresh(LIMIT);
        Snapshot before = watcher.current();
        change();

        Awaitility.await().until(() -> !watcher.current().equals(before));
        assertThat(watcher.current().versionId()).isEqualTo(registry.read().versionId());
    }

    @Test
    void aRefreshBringsWhatWasWrittenBeforeIt() throws IOException {
        RegistryWatcher<Snapshot> watcher = watch(registry, NEVER_BY_ITSELF);
        for (int days = 31; days < 51; days++) {
            shop.replace("ttl: " + (days - 1) + "d", "ttl: " + days + "d");
            apply();
            watcher.refresh(LIMIT);
            assertThat(watcher.current().versionId()).isEqualTo(registry.read().versionId());
        }
    }

    @Test
    void anUnchangedContentIsDecodedOnceAndOnTheWatchersThread() throws IOException {
        List<String> decodedBy = new ArrayList<>();
        RegistryWatcher<String> watcher = RegistryWatcher.start(registry, NEVER_BY_ITSELF, snapshot -> {
            decodedBy.add(Thread.currentThread().getName());
            return snapshot.versionId();
        });
        opened.add(watcher);
        watcher.refresh(LIMIT);
        String before = watcher.current();
        Files.setLastModifiedTime(file, FileTime.fromMillis(0));
        watcher.refresh(LIMIT);
        watcher.refresh(LIMIT);

        assertThat(watcher.current()).isSameAs(before);
        assertThat(watcher.lastFailure()).isEmpty();
        assertThat(decodedBy).containsExactly("larder-registry");
    }

    @Test
    void aBrokenOrMissingFileLeavesTheLastGoodContentAndSaysWhy() throws IOException {
        RegistryWatcher<Snapshot> watcher = watch(registry, NEVER_BY_ITSELF);
        watcher.refresh(LIMIT);
        Snapshot good = watcher.current();

        Files.writeString(file, "\u0001 no registry");
        assertFails(() -> watcher.refresh(LIMIT), file + " is not a Feast registry");
        assertThat(watcher.current()).isSameAs(good);
        assertThat(watcher.lastFailure())
                .hasValueSatisfying(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE));

        Files.delete(file);
        assertFails(() -> watcher.refresh(LIMIT), "The registry " + file + " is gone");
        assertThat(watcher.current()).isSameAs(good);

        apply();
        watcher.refresh(LIMIT);
        assertThat(watcher.current().versionId()).isEqualTo(registry.read().versionId());
        assertThat(watcher.lastFailure()).isEmpty();
        assertThat(watcher.failures()).isEqualTo(2);
    }

    @Test
    void aContentThatCannotBeDecodedLeavesTheOneBefore() throws IOException {
        RegistryWatcher<String> watcher =
                RegistryWatcher.start(registry, NEVER_BY_ITSELF, snapshot -> snapshot.repository("shop")
                        .featureView("user_facts")
                        .ttl()
                        .toString());
        opened.add(watcher);
        watcher.refresh(LIMIT);
        assertThat(watcher.current()).isEqualTo("PT720H");

        shop.replace("user_facts", "user_moods");
        apply();
        assertThatThrownBy(() -> watcher.refresh(LIMIT)).hasMessageContaining("user_facts does not exist");
        assertThat(watcher.current()).isEqualTo("PT720H");
    }

    @Test
    void aDecoderThatFailsUnexpectedlyDoesNotEndTheLooking() {
        AtomicBoolean failing = new AtomicBoolean(true);
        RegistryWatcher<String> watcher = RegistryWatcher.start(registry, NEVER_BY_ITSELF, snapshot -> {
            if (failing.get()) {
                throw new IllegalStateException("not today");
            }
            return snapshot.versionId();
        });
        opened.add(watcher);
        assertFails(
                () -> watcher.refresh(LIMIT),
                "The registry " + file + " cannot be used: java.lang.IllegalStateException: not today");
        failing.set(false);
        watcher.refresh(LIMIT);
        assertThat(watcher.current()).isEqualTo(registry.read().versionId());
    }

    @Test
    void beforeTheFirstApplyItSaysSoAndThenServes() throws IOException {
        Path absent = folder.resolve("absent.db");
        RegistryWatcher<Snapshot> watcher = watch(FileRegistry.open(absent), Duration.ofMillis(50));
        assertThatThrownBy(() -> watcher.refresh(LIMIT))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STEP_MISSING));
        assertThatThrownBy(watcher::current)
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STEP_MISSING))
                .hasMessage("The registry %s does not exist yet. Run 'larder apply' first.".formatted(absent));

        Files.write(absent, new byte[0]);
        watcher.refresh(LIMIT);
        assertThat(watcher.current().isEmpty()).isTrue();

        Files.copy(file, absent, StandardCopyOption.REPLACE_EXISTING);
        Awaitility.await()
                .until(() ->
                        watcher.current().versionId().equals(registry.read().versionId()));
    }

    /** As Feast writes: the file is emptied, then filled, and a reader may come between. */
    @Test
    void aFileThatIsWrittenInPlaceIsNeverSeenEmptyOrInPart() throws Exception {
        RegistryWatcher<Snapshot> watcher = watch(registry, Duration.ofMillis(10));
        watcher.refresh(LIMIT);
        byte[] content = Files.readAllBytes(file);
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 50; i++) {
                writeSlowly(content);
            }
        });
        Snapshot first = watcher.current();
        while (!writing.isDone()) {
            assertThat(watcher.current()).isSameAs(first);
        }
        writing.get();

        Files.write(file, new byte[0]);
        Awaitility.await().untilAsserted(() -> assertThat(watcher.lastFailure())
                .hasValueSatisfying(failure -> assertThat(failure).hasMessageContaining("has no content any more")));
        assertThat(watcher.current()).isSameAs(first);

        Files.write(file, content);
        Awaitility.await().until(() -> watcher.lastFailure().isEmpty());
        assertThat(watcher.current()).isEqualTo(first);
    }

    private void writeSlowly(byte[] content) {
        try (SeekableByteChannel channel =
                Files.newByteChannel(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            Thread.sleep(12);
            int half = channel.write(ByteBuffer.wrap(content, 0, content.length / 2));
            Thread.sleep(12);
            channel.write(ByteBuffer.wrap(content, half, content.length - half));
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void storageThatHangsSlowsNobody() throws Exception {
        try (ServerSocket hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            URI endpoint = URI.create("http://127.0.0.1:" + hanging.getLocalPort());
            Location.S3 location = new Location.S3("bucket", "registry.db");
            System.setProperty("aws.accessKeyId", "none");
            System.setProperty("aws.secretAccessKey", "none");
            FileRegistry away = new FileRegistry(
                    new RegistryObject(
                            Bucket.open(new S3Settings(endpoint, null, true), "bucket", ErrorCode.REGISTRY_UNAVAILABLE),
                            location),
                    Clock.systemUTC());
            long start = System.nanoTime();
            RegistryWatcher<Snapshot> watcher = RegistryWatcher.start(away, Duration.ofMillis(10), Function.identity());
            assertFails(watcher::current, "The registry " + location + " has not been read yet");
            assertFails(
                    () -> watcher.refresh(Duration.ofMillis(300)),
                    "The registry " + location + " has not answered within 300 ms");
            assertThat(secondsSince(start)).isLessThan(5);

            Awaitility.await().atMost(Duration.ofSeconds(9)).untilAsserted(() -> assertThat(Objects.requireNonNull(
                            watcher.lastFailure().orElseThrow().getMessage()))
                    .matches("The registry " + location + " has not answered for [5-8] s.*"));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () -> assertFails(watcher::current, "S3 at " + endpoint + " does not answer in time"));

            long closing = System.nanoTime();
            watcher.close();
            away.close();
            assertThat(secondsSince(closing)).isLessThan(5);
        }
    }

    private RegistryWatcher<Snapshot> watch(FileRegistry from, Duration interval) {
        RegistryWatcher<Snapshot> watcher = RegistryWatcher.start(from, interval, Function.identity());
        opened.add(watcher);
        return watcher;
    }

    private static void assertFails(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE))
                .hasMessageStartingWith(message);
    }

    private static long secondsSince(long nanos) {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - nanos);
    }

    private void change() throws IOException {
        shop.replace("ttl: 30d", "ttl: 31d");
        apply();
    }

    private void apply() throws IOException {
        registry.apply(registry.plan(shop.config(), shop.load()));
    }
}
