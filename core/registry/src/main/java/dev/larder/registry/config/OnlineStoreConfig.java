package dev.larder.registry.config;

import java.nio.file.Path;

/** The block {@code online_store:} under the keys that Feast reads. */
public sealed interface OnlineStoreConfig {
    /** Feast's name of the store's type. */
    String type();

    /** A SQLite file; Feast's default is {@code data/online.db}. */
    record Sqlite(Path path) implements OnlineStoreConfig {
        @Override
        public String type() {
            return "sqlite";
        }
    }
}
