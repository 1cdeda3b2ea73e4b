package dev.larder.cli;

import dev.larder.registry.config.FeatureStoreConfig;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "compute",
        mixinStandardHelpOptions = true,
        header = "Compute the feature rows of an interval of stamps.",
        description = {
            "A row stamped T holds what happened before T. The interval means stamps in (from, to]; days are exact partitions.",
            "Rows that come out as they were keep their version; an interval without a change makes no commit.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  larder compute                                        everything up to the last stamp",
            "  larder compute --from 2026-11-01 --to 2026-11-08      seven days again, after a correction",
            "  larder compute --view transactions_last_week"
        })
final class ComputeCommand implements Callable<Integer> {
    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "Stamps after this one. Default: the first that the data allows.")
    private @Nullable String from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            description = "Stamps up to and with this one. Default: the last one before now.")
    private @Nullable String to;

    @Option(
            names = "--view",
            paramLabel = "VIEW",
            description = "Only this feature view; may be repeated. Default: all.")
    private List<String> views = List.of();

    @Override
    public Integer call() {
        FeatureStoreConfig config = larder.config();
        List<String> step = new ArrayList<>(List.of("compute"));
        if (from != null) {
            step.addAll(List.of(
                    "--from", Instants.parse("--from", from, Clock.systemUTC()).toString()));
        }
        if (to != null) {
            step.addAll(List.of(
                    "--to", Instants.parse("--to", to, Clock.systemUTC()).toString()));
        }
        views.forEach(view -> step.addAll(List.of("--view", view)));
        return new SparkSteps().add(step).run(larder.home(), config, null);
    }
}
