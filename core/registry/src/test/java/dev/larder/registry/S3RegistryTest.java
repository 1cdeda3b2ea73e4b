package dev.larder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.objectstorage.Bucket;
import dev.larder.objectstorage.Location;
import dev.larder.objectstorage.TestStack;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import dev.larder.servers.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class S3RegistryTest extends RegistryContract {
    private static final String KEY = "shop/registry.db";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @SuppressWarnings("NullAway.Init")
    private static TestStack stack;

    private final Location.S3 location;
    private final Bucket bucket;

    S3RegistryTest(@TempDir Path folder) throws IOException {
        super(folder, open(new Location.S3(TestStack.newBucket(), KEY)));
        this.location = (Location.S3) registry().location();
        this.bucket = Bucket.open(stack.s3(), location.bucket(), ErrorCode.REGISTRY_UNAVAILABLE);
    }

    @BeforeAll
    static void startMinio(@TempDir Path folder) {
        stack = TestStack.start(folder, Part.MINIO);
    }

    @AfterAll
    static void stopMinio() {
        stack.close();
    }

    @AfterEach
    void close() {
        bucket.close();
        registry().close();
    }

    private static RegistryObject open(Location.S3 location) {
        return new RegistryObject(Bucket.open(stack.s3(), location.bucket(), ErrorCode.REGISTRY_UNAVAILABLE), location);
    }

    @Override
    FileRegistry another() {
        return new FileRegistry(open(location), Clock.systemUTC());
    }

    @Override
    byte @Nullable [] stored() {
        return bucket.read(KEY).map(Bucket.Stored::bytes).orElse(null);
    }

    @Override
    void store(byte[] bytes) {
        while (true) {
            Optional<String> etag = bucket.etag(KEY);
            if (bucket.replace(KEY, bytes, etag.orElse(null))) {
                return;
            }
        }
    }

    @Test
    void theSettingsFileNamesIt() throws IOException {
        apply();
        Files.writeString(
                folder().resolve("feature_store.yaml"),
                """
                project: shop
                registry: %s
                larder: {s3: {endpoint: "%s", path_style: true}}
                """
                        .formatted(location, stack.s3().endpoint()));

        try (FileRegistry registry = FileRegistry.open(FeatureStoreConfigLoader.load(folder()))) {
            assertThat(registry.location()).isEqualTo(location);
            assertThat(registry.read().projects()).containsExactly("shop");
        }
    }

    @Test
    void aServerSeesChangesAndKeepsTheLastGoodContentWhileS3IsAway() {
        apply();
        try (RegistryWatcher<Snapshot> watcher =
                RegistryWatcher.start(registry(), Duration.ofHours(1), Function.identity())) {
            watcher.refresh(LIMIT);
            Snapshot first = watcher.current();
            watcher.refresh(LIMIT);
            assertThat(watcher.current()).isSameAs(first);

            registry().recordMaterialization("shop", "orders_7d", START.minusSeconds(9), START);
            watcher.refresh(LIMIT);
            Snapshot second = watcher.current();
            assertThat(second.versionId())
                    .isEqualTo(registry().read().versionId())
                    .isNotEqualTo(first.versionId());

            stack.kill(Part.MINIO);
            assertThatThrownBy(() -> watcher.refresh(LIMIT))
                    .isInstanceOfSatisfying(
                            LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE))
                    .hasMessageContaining("does not answer");
            assertThat(watcher.current()).isSameAs(second);
            assertThat(watcher.lastFailure())
                    .hasValueSatisfying(failure -> assertThat(failure).hasMessageContaining("does not answer"));
            assertThatThrownBy(registry()::read).isInstanceOfSatisfying(LarderException.class, e -> assertThat(e.code())
                    .isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE));

            stack.restart(Part.MINIO);
            registry().recordMaterialization("shop", "orders_7d", START, LATER);
            watcher.refresh(LIMIT);
            assertThat(watcher.current().versionId())
                    .isEqualTo(registry().read().versionId())
                    .isNotEqualTo(second.versionId());
            assertThat(watcher.lastFailure()).isEmpty();
        }
    }
}
