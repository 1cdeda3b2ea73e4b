package dev.larder.cli;

import dev.larder.cdc.ConnectClient;
import dev.larder.cdc.ConnectorConfig;
import dev.larder.registry.config.FeatureStoreConfig;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "connect",
        mixinStandardHelpOptions = true,
        header = "Register the Debezium connector that captures the repository's sources, and wait until it runs.",
        description = {
            "Safe to repeat: the same configuration changes nothing. It creates a replication slot and a publication named",
            "larder_<project> in the source database, which must have wal_level = logical.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  larder connect",
            "  larder connect --print      the configuration, for a Kafka Connect that is managed elsewhere",
            "  larder connect --restart    start failed tasks again"
        })
final class ConnectCommand implements Callable<Integer> {
    private static final Duration TIME_TO_RUN = Duration.ofMinutes(2);

    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Option(
            names = "--print",
            description = "Print the connector's configuration and register nothing; it may hold a password.")
    private boolean print;

    @Option(names = "--restart", description = "Start the connector's failed tasks again.")
    private boolean restart;

    @Override
    public Integer call() {
        FeatureStoreConfig config = larder.config();
        if (print) {
            System.out.print(connector(larder, config).toJson());
        } else {
            if (restart) {
                client(config).restart(new Parts(config).connectorName());
            }
            connect(larder, config);
        }
        return 0;
    }

    static void connect(LarderCommand larder, FeatureStoreConfig config) {
        client(config).register(connector(larder, config), TIME_TO_RUN, larder.progress());
    }

    static ConnectClient client(FeatureStoreConfig config) {
        return new ConnectClient(new Parts(config).connect());
    }

    private static ConnectorConfig connector(LarderCommand larder, FeatureStoreConfig config) {
        Parts parts = new Parts(config);
        return ConnectorConfig.of(
                config.project(),
                parts.connectorName(),
                parts.postgres(),
                larder.repository(config).dataSources(),
                1);
    }
}
