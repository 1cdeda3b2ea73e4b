package dev.larder.cli;

import dev.larder.objectstorage.Location;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.OnlineStoreConfig;
import dev.larder.servers.EmbeddedStack;
import dev.larder.servers.StackEndpoints;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        header = "Show what runs for this repository and where.",
        footer = {"", "Example:  larder status"})
final class StatusCommand implements Callable<Integer> {
    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Override
    public Integer call() {
        FeatureStoreConfig config = larder.config();
        print(config, FeatureServer.of(config).url());
        return 0;
    }

    static void print(FeatureStoreConfig config, Optional<String> server) {
        Optional<StackEndpoints> stack = EmbeddedStack.running(Parts.stackFolder(config));
        line("feature server", server.orElse("does not run"));
        line(
                "PostgreSQL",
                config.larder()
                        .postgres()
                        .map(p -> "%s:%d/%s (yours)".formatted(p.host(), p.port(), p.database()))
                        .or(() -> stack.map(s -> s.postgres().jdbcUrl()))
                        .orElse("does not run"));
        line(
                "Kafka",
                config.larder()
                        .kafka()
                        .map(k -> k.bootstrapServers() + " (yours)")
                        .or(() -> stack.map(s -> s.kafka().bootstrapServers()))
                        .orElse("does not run"));
        line(
                "Kafka Connect",
                config.larder()
                        .connect()
                        .map(c -> c.url() + " (yours)")
                        .or(() -> stack.map(s -> s.connect().url().toString()))
                        .orElse("does not run"));
        line("registry", config.registry().text());
        line("online store", onlineStore(config.onlineStore()));
        line("lake", config.larder().lake().warehouse().text());
        line("lake's catalog", config.larder().lake().catalogAddress());
        if (config.registry() instanceof Location.S3 || config.larder().lake().warehouse() instanceof Location.S3) {
            line("S3", config.larder().s3().name());
        }
        config.larder().trino().ifPresent(trino -> line("Trino", trino.url()));
        line("settings", config.file().toString());
        line("data", config.larder().data().toString());
    }

    static String onlineStore(OnlineStoreConfig store) {
        return store instanceof OnlineStoreConfig.Redis redis
                ? "%s %s".formatted(redis.redisType(), redis.address())
                : "sqlite " + ((OnlineStoreConfig.Sqlite) store).path();
    }

    private static void line(String what, String where) {
        System.out.printf("  %-16s %s%n", what, where);
    }
}
