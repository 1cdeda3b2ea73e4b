package dev.larder.objectstorage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.objectstorage.ObjectCache.Fixed;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ObjectCacheTest {
    private final Path folder;
    private final Queue<String> fetched = new ConcurrentLinkedQueue<>();

    ObjectCacheTest(@TempDir Path folder) {
        this.folder = folder.resolve("cache");
    }

    @Test
    void anObjectIsFetchedOnceAndFoundByLaterUses() throws IOException {
        AtomicLong bytes = new AtomicLong();
        List<Path> first;
        try (ObjectCache.Use use = cache(1000).open()) {
            first = use.files(
                    List.of(object("a", 10), object("large", 20), object("a", 10)), this::download, bytes::addAndGet);
        }
        try (ObjectCache.Use use = cache(1000).open()) {
            assertThat(use.files(List.of(object("large", 20)), this::download, bytes::addAndGet))
                    .containsExactly(first.get(1));
        }

        assertThat(fetched).containsExactlyInAnyOrder("a", "large");
        assertThat(first.get(0)).isEqualTo(first.get(2)).hasSize(10).hasExtension("parquet");
        assertThat(bytes).hasValue(50);
    }

    @Test
    void theSameNameWithAnotherSizeIsAnotherObject() {
        try (ObjectCache.Use use = cache(1000).open()) {
            Path file = use.files(List.of(object("a", 10)), this::download, bytes -> {})
                    .get(0);
            Path rewritten = use.files(List.of(object("a", 11)), (location, target) -> write(target, 11), bytes -> {})
                    .get(0);

            assertThat(file).hasSize(10);
            assertThat(rewritten).hasSize(11);
        }
    }

    @Test
    void whatWasNotUsedForLongestGoesFirst() throws IOException {
        fill(cache(30), "a", "b", "c");
        age("a", 1);
        age("b", 3);
        age("c", 2);

        fill(cache(30), "d");

        assertThat(kept()).containsExactlyInAnyOrder("a", "c", "d");
    }

    @Test
    void nothingGoesWhileAnyoneIsAtWork() throws IOException {
        try (ObjectCache.Use use = cache(30).open()) {
            List<Path> files =
                    use.files(List.of(object("a", 10), object("b", 10), object("c", 10)), this::download, b -> {});
            fill(cache(30), "d", "e");

            assertThat(files).allSatisfy(file -> assertThat(file).exists());
            assertThat(kept()).hasSize(5);
        }

        assertThat(kept()).hasSize(3);
    }

    @Test
    void nothingGoesWhileAnotherProcessIsAtWork() throws Exception {
        fill(cache(30), "a", "b", "c");
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holding.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(other.getInputStream().read()).isEqualTo('h');
            fill(cache(20), "d");
            assertThat(kept()).hasSize(4);
        } finally {
            other.getOutputStream().close();
            assertThat(other.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }

        fill(cache(20), "d");
        assertThat(kept()).hasSize(2).contains("d");
    }

    /** Another process that uses the folder until its input ends. */
    static final class Holding {
        private Holding() {}

        public static void main(String[] arguments) throws IOException {
            try (ObjectCache.Use use = new ObjectCache(Path.of(arguments[0]), 1000).open()) {
                use.files(List.of(), (location, file) -> 0, bytes -> {});
                System.out.write('h');
                System.out.flush();
                System.in.transferTo(OutputStream.nullOutputStream());
            }
        }
    }

    @Test
    void moreThanFitsAtOnceIsRefusedBeforeAnythingIsFetched() {
        try (ObjectCache.Use use = cache(15).open()) {
            assertThatThrownBy(() -> use.files(List.of(object("a", 10), object("b", 10)), this::download, bytes -> {}))
                    .isInstanceOfSatisfying(
                            LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARGUMENT_INVALID))
                    .hasMessageContaining("Raise larder.lake.cache_size");
        }
        assertThat(fetched).isEmpty();
    }

    @Test
    void aFailedOrWrongDownloadLeavesNothingBehind() throws IOException {
        try (ObjectCache.Use use = cache(1000).open()) {
            assertThatThrownBy(() -> use.files(
                            List.of(object("a", 10)),
                            (location, file) -> {
                                write(file, 7);
                                return 7;
                            },
                            bytes -> {}))
                    .isInstanceOfSatisfying(
                            LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LAKE_UNAVAILABLE))
                    .hasMessage(
                            "s3://bucket/a.parquet has 7 bytes (expected: 10, as its table says). It was overwritten: run the step again that writes the table.");
            assertThatThrownBy(() -> use.files(
                            List.of(object("b", 10)),
                            (location, file) -> {
                                write(file, 3);
                                throw new LarderException(ErrorCode.LAKE_UNAVAILABLE, "S3 went away");
                            },
                            bytes -> {}))
                    .hasMessage("S3 went away");
        }
        assertThat(kept()).isEmpty();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactly(".lock");
        }
    }

    @Test
    void whatKilledDownloadsLeftBehindGoesAfterAnHour() throws IOException {
        Files.createDirectories(folder);
        Path old = Files.writeString(folder.resolve(".tmp-old"), "x");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        Path young = Files.writeString(folder.resolve(".tmp-young"), "x");

        fill(cache(30), "a");

        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }

    @Test
    void manyAreFetchedAtATime() {
        CyclicBarrier four = new CyclicBarrier(4);
        List<Fixed> objects =
                IntStream.range(0, 4).mapToObj(i -> object("o" + i, 10)).toList();
        try (ObjectCache.Use use = cache(1000).open()) {
            List<Path> files = use.files(
                    objects,
                    (location, file) -> {
                        try {
                            four.await(20, TimeUnit.SECONDS);
                        } catch (Exception e) {
                            throw new IllegalStateException("not four at a time", e);
                        }
                        return download(location, file);
                    },
                    bytes -> {});

            assertThat(files).hasSize(4);
        }
    }

    private ObjectCache cache(long limit) {
        return new ObjectCache(folder, limit);
    }

    private static Fixed object(String name, long bytes) {
        return new Fixed(new Location.S3("bucket", name + ".parquet"), bytes);
    }

    private void fill(ObjectCache cache, String... names) {
        try (ObjectCache.Use use = cache.open()) {
            use.files(Stream.of(names).map(name -> object(name, 10)).toList(), this::download, bytes -> {});
        }
    }

    private long download(Location.S3 location, Path file) {
        String name = location.key().replace(".parquet", "");
        fetched.add(name);
        return write(file, name.startsWith("large") ? 20 : 10);
    }

    private static long write(Path file, long bytes) {
        try {
            Files.write(file, new byte[(int) bytes]);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void age(String name, int hours) throws IOException {
        Path file = path(name);
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(hours))));
    }

    private Path path(String name) {
        try (ObjectCache.Use use = cache(1_000_000).open()) {
            return use.files(
                            List.of(object(name, 10)),
                            (location, file) -> {
                                throw new IllegalStateException(name + " is not kept");
                            },
                            bytes -> {})
                    .get(0);
        }
    }

    /** The names of the objects that have a copy. */
    private List<String> kept() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> copies = files.filter(
                            file -> !String.valueOf(file.getFileName()).startsWith("."))
                    .toList();
            return Stream.of("a", "b", "c", "d", "e")
                    .filter(name -> copies.contains(expected(name)))
                    .toList();
        }
    }

    private Path expected(String name) {
        return new ObjectCache(folder, 1).file(object(name, 10));
    }
}
