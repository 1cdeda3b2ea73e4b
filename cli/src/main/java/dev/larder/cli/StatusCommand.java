package dev.larder.cli;

import dev.larder.registry.config.FeatureStoreConfig;
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
        print(larder.config());
        return 0;
    }

    static void print(FeatureStoreConfig config) {
        Optional<StackEndpoints> stack = EmbeddedStack.running(Parts.stackFolder(config));
        line("feature server", FeatureServer.of(config).url().orElse("does not run"));
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
        line("data", config.larder().data().toString());
    }

    private static void line(String what, String where) {
        System.out.printf("  %-16s %s%n", what, where);
    }
}
