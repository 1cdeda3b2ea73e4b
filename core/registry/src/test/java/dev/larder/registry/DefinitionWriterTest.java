package dev.larder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class DefinitionWriterTest {
    private final Path folder;

    DefinitionWriterTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void shopSurvivesTheWayThroughTheRegistry() throws IOException {
        roundTrip(new ShopRepository(Files.createDirectory(folder.resolve("shop"))).config());
    }

    @Test
    void bankingExampleSurvivesTheWayThroughTheRegistry() throws IOException {
        roundTrip(FeatureStoreConfigLoader.load(
                Path.of(Objects.requireNonNull(System.getProperty("larder.root")), "feature_repo", "banking")));
    }

    private void roundTrip(FeatureStoreConfig config) throws IOException {
        Repository defined = RepositoryLoader.load(config);
        FileRegistry registry = FileRegistry.open(folder.resolve("registry.db"));
        registry.apply(registry.plan(config, defined));

        Repository registered = registry.read().repository(config.project());
        Map<String, String> files = DefinitionWriter.write(registered);
        Path copy = Files.createDirectory(folder.resolve("copy"));
        Files.writeString(copy.resolve("feature_store.yaml"), "project: " + config.project() + "\nregistry: r.db\n");
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(copy.resolve(file.getKey()), file.getValue());
        }
        Repository reloaded = RepositoryLoader.load(FeatureStoreConfigLoader.load(copy, Map.of()));

        assertThat(registered).isEqualTo(defined);
        assertThat(reloaded).isEqualTo(defined);
        assertThat(DefinitionWriter.write(reloaded)).isEqualTo(files);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "two words",
                "",
                " space ",
                "no",
                "null",
                "7",
                "1e3",
                "2026-01-05",
                "a: b",
                "# c",
                "quote\"'",
                "back\\slash",
                "line\nbreak\ttab",
                "umlaut ä",
                "\u0000\u007f\u0085\u2028\ufeff",
                "😀",
                "~",
                "- x",
                "-",
                "a #b",
                "{x}",
                "=",
                "<<",
                "0x1f",
                "12:30:45",
                ".5",
                "y",
                "trailing ",
                "a-",
                "a/b.c"
            })
    void everyTextReadsBackAsItself(String text) {
        String yaml = "{key: " + DefinitionWriter.scalar(text) + ", next: 1}";

        Map<String, Object> read = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);

        assertThat(read).containsEntry("key", text).containsEntry("next", 1);
    }

    @Test
    void viewThatPythonDefinedHasNoFormInYaml() throws IOException {
        Path golden = folder.resolve("golden.db");
        Golden.copy("registry.db", golden);
        Repository python = FileRegistry.open(golden).read().repository("golden");

        assertThatThrownBy(() -> DefinitionWriter.write(python))
                .isInstanceOf(LarderException.class)
                .hasMessageMatching(
                        "Feature view '[a-z_]+' was not defined in YAML, so it cannot be written as YAML\\. .*");
    }
}
