package dev.larder.registry;

import dev.larder.model.Repository;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** A small repository in a folder of the test's own, to be changed at will. */
final class ShopRepository {
    static final String DEFINITIONS = resource("/repo/definitions.yaml");

    private final Path folder;

    ShopRepository(Path folder) throws IOException {
        this.folder = folder;
        Files.writeString(folder.resolve("feature_store.yaml"), resource("/repo/feature_store.yaml"));
        write(DEFINITIONS);
    }

    void write(String definitions) throws IOException {
        Files.writeString(folder.resolve("definitions.yaml"), definitions);
    }

    void replace(String from, String to) throws IOException {
        String text = Files.readString(folder.resolve("definitions.yaml"));
        if (!text.contains(from)) {
            throw new IllegalArgumentException("from: '" + from + "' is not in the definitions");
        }
        write(text.replace(from, to));
    }

    Path folder() {
        return folder;
    }

    FeatureStoreConfig config() {
        return FeatureStoreConfigLoader.load(folder, Map.of());
    }

    Repository load() {
        return RepositoryLoader.load(config());
    }

    static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(ShopRepository.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
