package dev.larder.cli;

import dev.larder.cdc.CaughtUp;
import dev.larder.cdc.ConnectorConfig;
import dev.larder.registry.config.FeatureStoreConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "ingest",
        mixinStandardHelpOptions = true,
        header = "Take the change events that are new in Kafka into the lake.",
        description = {
            "First waits until Debezium has delivered everything that the source had committed when the command began, so",
            "that a day is never silently short. Where it stopped is kept in the lake itself; running it again is safe.",
            ""
        },
        footer = {"", "Examples:", "  larder ingest", "  larder ingest --source transactions --no-wait"})
final class IngestCommand implements Callable<Integer> {
    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Option(
            names = "--source",
            paramLabel = "SOURCE",
            description = "Only this data source; may be repeated. Default: all.")
    private List<String> sources = List.of();

    @Option(names = "--no-wait", negatable = true, description = "Take what is there without waiting for Debezium.")
    private boolean wait = true;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "How long to wait for Debezium. Default: ${DEFAULT-VALUE}")
    private long timeoutSeconds = 600;

    @Override
    public Integer call() {
        FeatureStoreConfig config = larder.config();
        if (wait) {
            awaitSource(larder, config, Duration.ofSeconds(timeoutSeconds));
        }
        List<String> step = new ArrayList<>(List.of("ingest"));
        sources.forEach(source -> step.addAll(List.of("--source", source)));
        return new SparkSteps().add(step).run(larder.home(), config, new Parts(config).kafka());
    }

    static void awaitSource(LarderCommand larder, FeatureStoreConfig config, Duration limit) {
        Parts parts = new Parts(config);
        new CaughtUp(parts.postgres(), ConnectCommand.client(config))
                .await(ConnectorConfig.slotName(config.project()), parts.connectorName(), limit, larder.progress());
    }
}
