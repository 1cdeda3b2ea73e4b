package dev.larder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.DataSource;
import dev.larder.model.DataSource.ColumnType;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import dev.larder.registry.config.LarderConfig.PostgresConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryTemplateTest {
    private static final PostgresConfig POSTGRES =
            new PostgresConfig("db.example.com", 5433, "bank", "reader", "s3cret");

    private final Path parent;

    RepositoryTemplateTest(@TempDir Path parent) {
        this.parent = parent;
    }

    @Test
    void factsGetAnAggregatedViewThatPassesValidate() throws IOException {
        Path folder = parent.resolve("new/repo");

        List<Path> files = RepositoryTemplate.write(folder, "bank", payments("paid_at"), Optional.of(POSTGRES));

        assertThat(files)
                .containsExactly(
                        folder.resolve("feature_store.yaml"),
                        folder.resolve("entities.yaml"),
                        folder.resolve("sources.yaml"),
                        folder.resolve("views.yaml"),
                        folder.resolve("services.yaml"),
                        folder.resolve("definitions.schema.json"),
                        folder.resolve(".gitignore"));
        FeatureStoreConfig config = FeatureStoreConfigLoader.load(
                folder, Map.of(RepositoryTemplate.PASSWORD_VARIABLE, "from the environment"));
        assertThat(config.larder().postgres())
                .contains(new PostgresConfig("db.example.com", 5433, "bank", "reader", "from the environment"));
        RepositoryLoader.Validation validation = RepositoryLoader.validate(config);
        assertThat(validation.warnings()).isEmpty();
        Repository repository = validation.repository();
        assertThat(repository.entities()).singleElement().satisfies(entity -> {
            assertThat(entity.name()).isEqualTo("account");
            assertThat(entity.joinKey()).isEqualTo("account_id");
        });
        assertThat(repository.dataSource("payments").topic()).isEqualTo("bank.public.payments");
        assertThat(repository.featureView("payments_last_week").features().stream()
                        .map(Field::name))
                .containsExactly(
                        "num_payments_l1w",
                        "total_amount_l1w",
                        "avg_amount_l1w",
                        "total_fee_l1w",
                        "avg_fee_l1w",
                        "num_distinct_shop_l1w");
        assertThat(repository.featureService("account_features").projections()).hasSize(1);
        for (Path file : files) {
            assertThat(Files.readString(file)).doesNotContain("s3cret");
        }
        assertThat(Files.readString(folder.resolve("sources.yaml")))
                .contains("# Left out, because features cannot be made of them: note (jsonb), Odd name (String)\n");
    }

    @Test
    void oneRowPerEntityBecomesAState() {
        SourceTable customers = new SourceTable(
                "public",
                "customers",
                List.of(
                        column("id", ColumnType.INT32),
                        column("city", ColumnType.STRING),
                        column("day", ColumnType.DATE)),
                List.of(),
                List.of("id"),
                "id",
                null);

        RepositoryTemplate.write(parent, "bank", customers, Optional.empty());

        FeatureStoreConfig config = FeatureStoreConfigLoader.load(parent, Map.of());
        assertThat(config.larder().postgres()).isEmpty();
        Repository repository = RepositoryLoader.load(config);
        assertThat(repository.dataSource("customers").mode()).isEqualTo(DataSource.Mode.STATE);
        assertThat(repository.featureView("customers_latest").features().stream()
                        .map(f -> f.name() + " " + f.type().displayName()))
                .containsExactly("city String", "day_value UnixTimestamp");
    }

    @Test
    void existingFilesAreNeverOverwritten() throws IOException {
        Files.writeString(parent.resolve("views.yaml"), "mine");

        assertThatThrownBy(() -> RepositoryTemplate.write(parent, "bank", payments("paid_at"), Optional.empty()))
                .isInstanceOf(LarderException.class)
                .hasMessage("Files exist already and are not overwritten: %s. Name another folder, or move them away."
                        .formatted(parent.resolve("views.yaml")));
        try (var files = Files.list(parent)) {
            assertThat(files).containsExactly(parent.resolve("views.yaml"));
        }
    }

    @Test
    void whatCannotBecomeFeaturesIsRefusedWithTheWayOut() {
        assertRefused(
                payments(null),
                "Table public.payments: rows are facts about 'account_id', but there is no event time (expected: a column that says when a row happened)");
        assertRefused(
                payments("amount"),
                "Table public.payments: event time 'amount' is Decimal (expected: a timestamp or date column)");
        assertRefused(
                new SourceTable("public", "t", List.of(), List.of("x (jsonb)"), List.of("x"), "x", null),
                "Table public.t: column 'x' does not exist or has a type without a counterpart (expected: one of )");
        assertRefused(
                new SourceTable("public", "t", List.of(column("x", ColumnType.INT32)), List.of(), List.of(), "x", null),
                "Table public.t: it has no primary key (expected: a table with one: the change log names rows by it)");
        assertRefused(
                new SourceTable(
                        "public", "t", List.of(column("x", ColumnType.BOOL)), List.of(), List.of("x"), "x", null),
                "Table public.t: column 'x' (Bool) cannot be a join key (expected: an integer or text column with a name other than event_timestamp, created, is_deleted, day)");
        assertThatThrownBy(() -> RepositoryTemplate.write(parent, "_x", payments("paid_at"), Optional.empty()))
                .hasMessage("Project '_x' is no usable name (expected: letters, digits and '_', not '_' first)");
    }

    private void assertRefused(SourceTable table, String message) {
        assertThatThrownBy(() -> RepositoryTemplate.write(parent, "bank", table, Optional.empty()))
                .isInstanceOf(LarderException.class)
                .hasMessage(message);
        assertThat(parent).isEmptyDirectory();
    }

    private static SourceTable payments(@Nullable String eventTime) {
        return new SourceTable(
                "public",
                "payments",
                List.of(
                        column("payment_id", ColumnType.INT64),
                        column("account_id", ColumnType.INT64),
                        new DataSource.Column("amount", ColumnType.DECIMAL, 2),
                        new DataSource.Column("fee", ColumnType.DECIMAL, 6),
                        column("shop", ColumnType.STRING),
                        column("Odd name", ColumnType.STRING),
                        column("paid_at", ColumnType.TIMESTAMP)),
                List.of("note (jsonb)"),
                List.of("payment_id"),
                "account_id",
                eventTime);
    }

    private static DataSource.Column column(String name, ColumnType type) {
        return new DataSource.Column(name, type, 0);
    }
}
