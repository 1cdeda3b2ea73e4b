package dev.larder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.model.DataSource;
import dev.larder.model.FeatureView;
import dev.larder.model.Repository;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefinitionHashTest {
    private final ShopRepository shop;

    DefinitionHashTest(@TempDir Path folder) throws IOException {
        shop = new ShopRepository(folder);
    }

    @Test
    void storedHashesStayValid() {
        Repository repository = shop.load();
        FeatureView view = repository.featureView("orders_7d");
        DataSource source = repository.dataSource("orders");

        assertThat(DefinitionHash.text(view, source))
                .isEqualTo(
                        """
                        larder definition 1
                        table public.orders
                        mode FACTS
                        primary_key order_id
                        event_time at
                        join_key user_id INT64
                        every PT12H Europe/Berlin
                        aggregation n COUNT null rolling PT168H INT64
                        aggregation total SUM amount rolling PT36H DOUBLE
                        column order_id INT64 0
                        column user_id INT64 0
                        column amount DECIMAL 2
                        column at TIMESTAMP 0
                        """);
        assertThat(DefinitionHash.of(view, source))
                .isEqualTo("b6ce90750437e9c87cb531d1a15a27c61b44eaad7bdbd46bf466cbc9d719e01e");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "window: 36h        | window: 35h",
                "function: sum      | function: avg",
                "column: amount     | column: user_id",
                "every: 12h         | every: 1d",
                "Europe/Berlin      | Europe/Rome",
                "event_time: at     | event_time: day_of",
                "scale: 2           | scale: 3",
                "public.orders      | archive.orders",
                "name: n,           | name: number,",
                "function: sum, column: amount, window: 36h, type: Float64 | function: sum, column: amount, window: 36h, type: Float32"
            })
    void changesWithTheComputation(String from, String to) throws IOException {
        shop.replace("- {name: at, type: Timestamp}", "- {name: at, type: Timestamp}\n  - {name: day_of, type: Date}");
        String before = hash("orders_7d");

        shop.replace(from, to);

        assertThat(hash("orders_7d")).isNotEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "available_after: 10m | available_after: 20m",
                "available_after: 10m | ttl: 30d",
                "available_after: 10m | online: false",
                "owner: risk@example.com | tags: {a: b}",
                "{name: shop, type: String} | {name: store, type: Int32}",
                "table: public.orders | {table: public.orders, topic: t}"
            })
    void staysTheSameWhereNoRowChanges(String from, String to) throws IOException {
        String before = hash("orders_7d");

        shop.replace(from, to.startsWith("{table") ? "table: public.orders\ntopic: other" : to);

        assertThat(hash("orders_7d")).isEqualTo(before);
    }

    @Test
    void versionsDependOnTheColumnOfEachFeature() throws IOException {
        shop.replace("- {name: city, type: String}", "- {name: city, type: String}\n  - {name: town, type: String}");
        String before = hash("user_facts");

        shop.replace("column: city", "column: town");

        assertThat(hash("user_facts")).isNotEqualTo(before);
    }

    private String hash(String view) {
        Repository repository = shop.load();
        FeatureView found = repository.featureView(view);
        return DefinitionHash.of(found, repository.dataSource(found.source()));
    }
}
