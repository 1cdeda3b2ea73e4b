package dev.larder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureView;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RepositoryLoaderTest {
    private static final String FIRST = "f15160";
    private static final String SECOND = "f104777";

    private final Path folder;
    private final ShopRepository shop;

    RepositoryLoaderTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        shop = new ShopRepository(folder);
    }

    @Test
    void bankingExampleLoadsWithoutWarning() {
        Path banking = Path.of(Objects.requireNonNull(System.getProperty("larder.root")), "feature_repo", "banking");

        RepositoryLoader.Validation validation = RepositoryLoader.validate(FeatureStoreConfigLoader.load(banking));

        assertThat(validation.warnings()).isEmpty();
        Repository repository = validation.repository();
        assertThat(repository.project()).isEqualTo("banking");
        FeatureView lastWeek = repository.featureView("transactions_last_week");
        assertThat(lastWeek.features().stream()
                        .map(f -> f.name() + " " + f.type().displayName()))
                .containsExactly(
                        "num_transactions_l1w Int64",
                        "total_amount_l1w Float32",
                        "avg_amount_l1w Float32",
                        "min_amount_l1w Float32",
                        "max_amount_l1w Float32",
                        "num_vendors_l1w Int64",
                        "num_sources_l1w Int64");
        assertThat(lastWeek.joinKeys()).containsExactly("user_id");
        assertThat(lastWeek.computation())
                .asInstanceOf(type(FeatureView.Aggregated.class))
                .satisfies(computation -> {
                    assertThat(computation.every()).isEqualTo(Duration.ofDays(1));
                    assertThat(computation.zone().getId()).isEqualTo("UTC");
                });
        assertThat(repository.featureView("customer_demographics").computation())
                .asInstanceOf(type(FeatureView.Versions.class))
                .satisfies(computation ->
                        assertThat(computation.columns()).containsExactly("age", "gender", "location", "occupation"));
        assertThat(repository.featureService("user_risk").projections()).hasSize(2);
    }

    @ParameterizedTest
    @MethodSource("dev.larder.registry.Mistake#all")
    void mistakeIsReportedWithItsLineAndWhatIsAllowed(Mistake mistake) throws IOException {
        shop.replace(mistake.from(), mistake.to());

        assertThatThrownBy(shop::load)
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEFINITION_INVALID))
                .message()
                .satisfies(message -> {
                    String lines = Objects.requireNonNull(message).substring(message.indexOf('\n') + 1);
                    assertThat(lines).isEqualTo("definitions.yaml:" + mistake.line());
                });
    }

    @Test
    void allMistakesOfAllFilesComeAtOnceInOrder() throws IOException {
        shop.replace("window: 36h", "window: none");
        shop.replace("kind: Entity", "kind: Thing");
        Files.writeString(folder.resolve("a.yml"), "kind: Entity\nname: card\njoin_key: card_id\n");
        Files.writeString(folder.resolve("z.yaml"), "kind: [Entity\n");

        assertThatThrownBy(shop::load)
                .hasMessageStartingWith(
                        "4 mistakes in " + folder + ":\na.yml:1: Entity 'card': 'value_type' is missing")
                .hasMessageContaining("\ndefinitions.yaml:1: unknown kind 'Thing'")
                .hasMessageContaining("\ndefinitions.yaml:39: window: 'none'")
                .hasMessageContaining("\nz.yaml:2: not valid YAML: while parsing a flow sequence");
    }

    @Test
    void referenceToADefinitionWithAMistakeIsNoSecondMistake() throws IOException {
        shop.replace("public.orders", "orders");

        assertThatThrownBy(shop::load).hasMessageStartingWith("1 mistake in");
    }

    @Test
    void tabIsNamedAsTheCause() throws IOException {
        shop.replace("columns:\n  - {name: user_id", "columns:\n\t- {name: user_id");

        assertThatThrownBy(shop::load)
                .hasMessageContaining("definitions.yaml:30: not valid YAML")
                .hasMessageContaining("the line holds a tab; indent with spaces");
    }

    @Test
    void featuresWithTheSameOnlineKeyAreRefused() throws IOException {
        // Found by search: under view orders_7d both have the hash cfe78fa6.
        shop.replace("name: n,", "name: " + FIRST + ",");
        shop.replace("name: total,", "name: " + SECOND + ",");
        shop.replace("[total]", "[" + SECOND + "]");

        assertThatThrownBy(shop::load)
                .hasMessageContaining("definitions.yaml:33: features orders_7d:%s and orders_7d:%s share one key"
                        .formatted(FIRST, SECOND));
    }

    @Test
    void ttlThatHidesExpiryRowsGivesAWarning() throws IOException {
        shop.replace("available_after: 10m", "ttl: 2d");

        List<String> warnings = RepositoryLoader.validate(shop.config()).warnings().stream()
                .map(Object::toString)
                .toList();

        assertThat(warnings)
                .containsExactly(
                        "definitions.yaml:42: ttl: '2d' hides the row that says that an entity has gone quiet (count 0) after that time, and answers null instead (better: 0s, the default)");
    }

    @Test
    void windowShorterThanTheStampsDistanceGivesAWarning() throws IOException {
        shop.replace("window: 36h", "window: 6h");

        assertThat(RepositoryLoader.validate(shop.config()).warnings())
                .singleElement()
                .satisfies(warning -> assertThat(warning.text())
                        .startsWith("aggregation 'total' looks back 6h but is computed every 12h"));
    }

    @Test
    void topicDefaultsToDebeziumsNameForTheTable() {
        assertThat(shop.load().dataSource("orders").topic()).isEqualTo("shop.public.orders");
        assertThat(shop.load().dataSource("users").topic()).isEqualTo("changes.users");
    }

    @Test
    void repositoryWithoutViewsNamesTheWayOut() throws IOException {
        shop.write("# nothing yet\n");

        assertThatThrownBy(shop::load)
                .isInstanceOf(LarderException.class)
                .hasMessage(
                        folder
                                + " defines no feature view. Write one in a file such as views.yaml, or start with 'larder init' in a new folder.");
    }

    @Test
    void foldersOfLarderAndHiddenOnesAreNotRead() throws IOException {
        for (String name : List.of("data", ".hidden")) {
            Files.createDirectories(folder.resolve(name));
            Files.writeString(folder.resolve(name).resolve("broken.yaml"), "kind: Nonsense\n");
        }
        Files.createDirectories(folder.resolve("more"));
        Files.writeString(
                folder.resolve("more/card.yaml"), "kind: Entity\nname: card\njoin_key: card_id\nvalue_type: String\n");

        assertThat(shop.load().entities()).hasSize(2);
    }

    @Test
    void fileThatIsNotUtf8IsNamed() throws IOException {
        Files.write(folder.resolve("latin.yaml"), new byte[] {'#', ' ', (byte) 0xe4, '\n'});

        assertThatThrownBy(shop::load).hasMessageEndingWith("latin.yaml is not UTF-8 text. Save it as UTF-8.");
    }
}
