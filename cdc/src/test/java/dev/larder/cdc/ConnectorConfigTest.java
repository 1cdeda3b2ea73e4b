package dev.larder.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.DataSource;
import dev.larder.model.LarderException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ConnectorConfigTest {
    private static final PostgresSource POSTGRES =
            new PostgresSource("postgres", 5432, "banking", "larder", "change-me");

    @Test
    void theExampleIsWhatTheCodeMakes() throws Exception {
        Path example = Path.of(System.getProperty("larder.root"), "cdc", "connectors", "banking.json");
        ConnectorConfig config = ConnectorConfig.of(
                "banking",
                "banking",
                POSTGRES,
                List.of(
                        source("transactions", "public.transactions", "banking.public.transactions"),
                        source("customers", "public.customers", "banking.public.customers")),
                1);

        assertThat(example).content().isEqualTo(config.toJson());
        assertThat(Files.size(example)).isPositive();
    }

    @Test
    void aPointInATableNameStandsForItselfAlone() {
        ConnectorConfig config = ConnectorConfig.of(
                "shop", "shop", POSTGRES, List.of(source("orders", "eu-west.orders", "shop.eu-west.orders")), 3);

        assertThat(config.settings())
                .containsEntry("table.include.list", "eu\\-west\\.orders")
                .containsEntry("topic.prefix", "shop")
                .containsEntry("topic.creation.default.partitions", "3");
    }

    @Test
    void slotAndPublicationBearTheProjectsName() {
        assertThat(ConnectorConfig.slotName("My-Shop")).isEqualTo("larder_my_shop");
        assertThat(ConnectorConfig.slotName("x".repeat(80))).hasSize(63);
    }

    @Test
    void thePasswordIsNotPrinted() {
        ConnectorConfig config =
                ConnectorConfig.of("p", "c", POSTGRES, List.of(source("t", "public.t", "p.public.t")), 1);

        assertThat(config.settings()).containsEntry("database.password", "change-me");
        assertThat(config.toString() + POSTGRES).doesNotContain("change-me");
    }

    @Test
    void aTopicThatDoesNotFitItsTableIsRefused() {
        assertThatThrownBy(
                        () -> ConnectorConfig.of("p", "c", POSTGRES, List.of(source("t", "public.t", "elsewhere")), 1))
                .isInstanceOf(LarderException.class)
                .hasMessage("Data source t: topic elsewhere does not fit table public.t"
                        + " (expected: PREFIX.public.t, for example t.public.t)");
    }

    @Test
    void oneConnectorHasOnePrefix() {
        assertThatThrownBy(() -> ConnectorConfig.of(
                        "p",
                        "c",
                        POSTGRES,
                        List.of(source("t", "public.t", "a.public.t"), source("u", "public.u", "b.public.u")),
                        1))
                .isInstanceOf(LarderException.class)
                .hasMessageContaining("a and b");
    }

    static DataSource source(String name, String table, String topic) {
        return new DataSource(
                name, table, topic, DataSource.Mode.FACTS, List.of("id"), null, List.of(), "", Map.of(), "");
    }
}
