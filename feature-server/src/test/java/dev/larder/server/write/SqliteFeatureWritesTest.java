package dev.larder.server.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.SqliteOnlineStore;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.registry.config.OnlineStoreConfig;
import dev.larder.server.online.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteFeatureWritesTest extends FeatureWritesContract {
    @TempDir
    private Path folder = Path.of("");

    @Override
    protected OnlineStore openStore() {
        return SqliteOnlineStore.open(file(), "banking");
    }

    @Override
    protected OnlineStoreConfig config() {
        return new OnlineStoreConfig.Sqlite(file());
    }

    private Path file() {
        return folder.resolve("data").resolve("online.db");
    }

    @Test
    void aFileThatIsRemovedIsMadeAgain() throws IOException {
        FeatureWrites writes = writes(store(), Mode.STRICT, Limits.DEFAULT);
        Frame frame = Frame.row(Map.of("user_id", 1, "day", 1, "week", 1, "event_timestamp", "2026-03-01"));
        assertThat(writes.write("counts", frame, false)).isEqualTo(1);
        store().close();
        Files.delete(file());

        assertThat(writes.write("counts", frame, false)).isEqualTo(1);
    }
}
