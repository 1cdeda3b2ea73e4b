package dev.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.feast.EntityKeyCodec;
import dev.larder.feast.ValueCodec;
import dev.larder.model.EntityKey;
import dev.larder.model.EntityKey.JoinKey;
import dev.larder.model.FeatureValue;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.onlinestore.SqliteOnlineStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class DeleteEntityTest {
    private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void apply() throws IOException {
        System.setProperty("larder.home", System.getProperty("larder.root"));
        Files.writeString(
                folder.resolve("feature_store.yaml"),
                """
                project: shop
                provider: local
                registry: registry.db
                online_store: {type: sqlite, path: online_store.db}
                """);
        Files.writeString(
                folder.resolve("definitions.yaml"),
                """
                kind: Entity
                name: user
                join_key: user_id
                value_type: Int64
                ---
                kind: Entity
                name: shop
                join_key: shop_id
                value_type: String
                ---
                kind: DataSource
                name: orders
                type: cdc
                table: public.orders
                primary_key: [order_id]
                event_time: at
                columns:
                  - {name: order_id, type: Int64}
                  - {name: user_id, type: Int64}
                  - {name: shop_id, type: String}
                  - {name: at, type: Timestamp}
                ---
                kind: FeatureView
                name: orders_7d
                entities: [user]
                source: orders
                aggregations: [{name: n7, function: count, window: 7d, type: Int64}]
                ---
                kind: FeatureView
                name: orders_1d
                entities: [user]
                source: orders
                aggregations: [{name: n1, function: count, window: 1d, type: Int64}]
                ---
                kind: FeatureView
                name: visits
                entities: [user, shop]
                source: orders
                aggregations: [{name: visits, function: count, window: 1d, type: Int64}]
                """);
        assertThat(execute("apply").exitCode()).isZero();
        try (OnlineStore store = store()) {
            for (long user = 41; user <= 42; user++) {
                EntityKey key = EntityKey.of("user_id", FeatureValue.of(user));
                put(store, "orders_7d", "n7", key);
                put(store, "orders_1d", "n1", key);
                put(
                        store,
                        "visits",
                        "visits",
                        new EntityKey(List.of(
                                new JoinKey("user_id", FeatureValue.of(user)),
                                new JoinKey("shop_id", FeatureValue.of("north")))));
            }
        }
    }

    @Test
    void anEntityGoesFromAllViewsOfItsJoinKeysAndOtherEntitiesStay() {
        assertThat(execute("delete-entity", "--entity", "user_id=42", "--dry-run")
                        .out())
                .isEqualToNormalizingNewlines("  user_id=42 is in 2 of 2 feature views: orders_7d, orders_1d\n");
        assertThat(held("orders_7d")).isEqualTo(2);

        assertThat(execute("delete-entity", "--entity", "user_id=42").out())
                .isEqualToNormalizingNewlines(
                        """
                          user_id=42 is removed from 2 of 2 feature views: orders_7d, orders_1d
                          The offline tables keep its rows. It comes back when a row of it is new or corrected, or when the store is filled anew.
                        """);
        assertThat(held("orders_7d")).isEqualTo(1);
        assertThat(held("orders_1d")).isEqualTo(1);
        assertThat(held("visits")).isEqualTo(2);
        assertThat(execute("delete-entity", "--entity", "user_id=42").out())
                .isEqualToNormalizingNewlines("  user_id=42 is in none of 2 feature views\n");
    }

    @Test
    void oneViewCanBeNamedAndAnEntitysNameStandsForItsJoinKey() {
        assertThat(execute("delete-entity", "--entity", "user=42", "--view", "orders_1d")
                        .out())
                .startsWith("  user=42 is removed from 1 of 1 feature view: orders_1d");
        assertThat(held("orders_7d")).isEqualTo(2);
        assertThat(held("orders_1d")).isEqualTo(1);

        assertThat(execute("delete-entity", "--entity", "shop_id=north", "--entity", "user_id=41")
                        .out())
                .startsWith("  shop_id=north, user_id=41 is removed from 1 of 1 feature view: visits");
        assertThat(held("visits")).isEqualTo(1);
    }

    @Test
    void aMistakeNamesWhatExists() {
        assertFails(
                "error ARGUMENT_INVALID: --entity: userid is no join key of a feature view (known: shop_id, user_id)",
                "--entity",
                "userid=42");
        assertFails(
                "error ARGUMENT_INVALID: --entity: join key user_id of feature view visits is missing (expected: a value for each of user_id, shop_id)",
                "--entity",
                "shop_id=north");
        assertFails(
                "error ARGUMENT_INVALID: --entity: join key shop_id of feature view visits is missing (expected: a value for each of user_id, shop_id)",
                "--entity",
                "user_id=42",
                "--view",
                "visits");
        assertFails(
                "error ARGUMENT_INVALID: --entity: no feature view has the join keys user_id, shop_id (known: orders_7d has user_id)",
                "--entity",
                "user_id=42",
                "--entity",
                "shop_id=north",
                "--view",
                "orders_7d");
        assertFails(
                "error ARGUMENT_INVALID: --entity: '42' (expected: key=value, for example user_id=42)",
                "--entity",
                "42");
        assertFails(
                "error ARGUMENT_INVALID: --entity: join key user_id is given twice",
                "--entity",
                "user_id=1",
                "--entity",
                "user=2");
        assertFails(
                "error FEATURE_VIEW_NOT_FOUND: Feature view nope does not exist in project shop (known: orders_1d, orders_7d, visits)",
                "--entity",
                "user_id=1",
                "--view",
                "nope");
        Printed mismatch = delete("--entity", "user_id=forty");
        assertThat(mismatch.exitCode()).isEqualTo(2);
        assertThat(mismatch.err())
                .startsWith("error VALUE_TYPE_MISMATCH: --entity: user_id: ")
                .contains("forty");
        assertThat(held("orders_7d")).isEqualTo(2);
    }

    private void assertFails(String message, String... arguments) {
        Printed printed = delete(arguments);
        assertThat(printed.err().strip()).isEqualTo(message);
        assertThat(printed.exitCode()).isEqualTo(2);
    }

    private long held(String view) {
        try (OnlineStore store = store()) {
            return store.keys(view).count();
        }
    }

    private OnlineStore store() {
        return SqliteOnlineStore.open(folder.resolve("online_store.db"), "shop");
    }

    private static void put(OnlineStore store, String view, String feature, EntityKey key) {
        OnlineWrite row = new OnlineWrite(EntityKeyCodec.encode(key, 3), NOON, 1, new byte[][] {ValueCodec.int64(7)});
        assertThat(store.put(view, List.of(feature), List.of(row))).isEqualTo(1);
    }

    private record Printed(int exitCode, String out, String err) {}

    private Printed delete(String... arguments) {
        List<String> all = new ArrayList<>(List.of("delete-entity"));
        all.addAll(List.of(arguments));
        return execute(all.toArray(String[]::new));
    }

    private Printed execute(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> all = new ArrayList<>(List.of("-c", folder.toString()));
        all.addAll(List.of(arguments));
        CommandLine command = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int exitCode = command.execute(all.toArray(String[]::new));
        return new Printed(exitCode, out.toString(), err.toString());
    }
}
