package dev.larder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryWatcherTest {
    private static final Duration EVERY = Duration.ofMillis(100);

    private final Path folder;
    private final Path file;
    private final AtomicLong nanos = new AtomicLong();
    private final ShopRepository shop;
    private final FileRegistry registry;

    RegistryWatcherTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        shop = new ShopRepository(folder);
        file = folder.resolve("registry.db");
        registry = FileRegistry.open(file);
        registry.apply(registry.plan(shop.config(), shop.load()));
    }

    @Test
    void seesAChangeOnceTheIntervalHasPassed() throws IOException {
        RegistryWatcher watcher = new RegistryWatcher(registry, EVERY, nanos::get);
        Snapshot before = watcher.current();
        change();

        assertThat(watcher.current()).isSameAs(before);
        pass();
        assertThat(watcher.current().versionId()).isEqualTo(registry.read().versionId());
        assertThat(watcher.current()).isNotSameAs(before);
    }

    @Test
    void unchangedFileKeepsTheSameSnapshot() {
        RegistryWatcher watcher = new RegistryWatcher(registry, EVERY, nanos::get);
        Snapshot before = watcher.current();
        pass();

        assertThat(watcher.current()).isSameAs(before);
        pass();
        assertThat(watcher.current()).isSameAs(before);
        assertThat(watcher.lastFailure()).isEmpty();
    }

    @Test
    void brokenOrMissingFileLeavesTheLastGoodContentAndSaysWhy() throws IOException {
        RegistryWatcher watcher = new RegistryWatcher(registry, EVERY, nanos::get);
        Snapshot good = watcher.current();

        Files.writeString(file, "\u0001 no registry");
        pass();
        assertThat(watcher.current()).isSameAs(good);
        assertThat(watcher.lastFailure())
                .hasValueSatisfying(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE));

        Files.delete(file);
        pass();
        assertThat(watcher.current()).isSameAs(good);
        assertThat(watcher.lastFailure()).hasValueSatisfying(failure -> assertThat(failure)
                .hasMessageStartingWith("Cannot look at the registry " + file));

        registry.apply(registry.plan(shop.config(), shop.load()));
        pass();
        assertThat(watcher.current().versionId()).isEqualTo(registry.read().versionId());
        assertThat(watcher.lastFailure()).isEmpty();
    }

    @Test
    void doesNotStartWithoutARegistry() {
        FileRegistry absent = FileRegistry.open(folder.resolve("absent.db"));

        assertThatThrownBy(() -> new RegistryWatcher(absent, EVERY))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STEP_MISSING));
    }

    private void change() throws IOException {
        shop.replace("ttl: 30d", "ttl: 31d");
        registry.apply(registry.plan(shop.config(), shop.load()));
    }

    private void pass() {
        nanos.addAndGet(EVERY.toNanos());
    }
}
