package dev.larder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class DefinitionSchemaTest {
    private final JsonSchema schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(ShopRepository.resource("/dev/larder/registry/definitions.schema.json"));
    private final ObjectMapper json = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(strings = {"entities.yaml", "sources.yaml", "views.yaml", "services.yaml"})
    void acceptsTheBankingExample(String file) throws IOException {
        Path banking = Path.of(Objects.requireNonNull(System.getProperty("larder.root")), "feature_repo", "banking");

        assertThat(mistakes(Files.readString(banking.resolve(file)))).isEmpty();
    }

    @Test
    void acceptsEveryKeyThatTheLoaderReads() {
        assertThat(mistakes(ShopRepository.DEFINITIONS)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.larder.registry.Mistake#all")
    void refusesWhatCanBeSeenInOneDocument(Mistake mistake) {
        assertThat(mistakes(mistake.broken()).isEmpty()).isEqualTo(!mistake.schemaSees());
    }

    private List<ValidationMessage> mistakes(String yaml) {
        List<ValidationMessage> found = new ArrayList<>();
        for (Object document : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(yaml)) {
            found.addAll(schema.validate(json.valueToTree(document)));
        }
        return found;
    }
}
