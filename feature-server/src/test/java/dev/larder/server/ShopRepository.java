package dev.larder.server;

import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.SqliteOnlineStore;
import dev.larder.registry.FileRegistry;
import dev.larder.registry.RepositoryLoader;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A repository whose views Larder computes, applied; nothing is materialized. */
final class ShopRepository {
    static final String TWO_VIEWS =
            """
            kind: Entity
            name: user
            join_key: user_id
            value_type: Int64
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
              - {name: at, type: Timestamp}
            ---
            kind: FeatureView
            name: orders_7d
            entities: [user]
            source: orders
            aggregations:
              - {name: n7, function: count, window: 7d, type: Int64}
            ---
            kind: FeatureView
            name: orders_1d
            entities: [user]
            source: orders
            aggregations:
              - {name: n1, function: count, window: 1d, type: Int64}
            ---
            kind: FeatureView
            name: offline_only
            entities: [user]
            source: orders
            online: false
            aggregations:
              - {name: n2, function: count, window: 2d, type: Int64}
            """;

    private ShopRepository() {}

    static Path repo(Path folder, String definitions) {
        try {
            Files.writeString(
                    folder.resolve("feature_store.yaml"),
                    """
                    project: shop
                    provider: local
                    registry: registry.db
                    online_store: {type: sqlite, path: online_store.db}
                    """);
            Files.writeString(folder.resolve("definitions.yaml"), definitions);
            FeatureStoreConfig config = FeatureStoreConfigLoader.load(folder);
            apply(config);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void apply(FeatureStoreConfig config) {
        try (FileRegistry registry = FileRegistry.open(config);
                OnlineStore store =
                        SqliteOnlineStore.open(config.repo().resolve("online_store.db"), config.project())) {
            registry.apply(registry.plan(config, RepositoryLoader.load(config)));
            store.prepare(registry.read().repository(config.project()).featureViews());
        }
    }
}
