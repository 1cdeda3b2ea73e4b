package dev.larder.cli;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "preview",
        mixinStandardHelpOptions = true,
        header = "Show the rows that a feature view computes for one entity; nothing is written.",
        footer = {
            "",
            "Examples:",
            "  larder preview transactions_last_week --entity 42",
            "  larder preview customer_demographics --entity user_id=42 --from 2026-11-01"
        })
final class PreviewCommand implements Callable<Integer> {
    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Parameters(paramLabel = "VIEW", description = "A feature view of the repository.")
    private String view = "";

    @Option(
            names = "--entity",
            required = true,
            paramLabel = "KEY",
            description = "The join key's value, or name=value pairs joined by commas.")
    private String entity = "";

    @Option(names = "--from", paramLabel = "TIME", description = "Stamps after this one.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Stamps up to and with this one.")
    private @Nullable String to;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many rows. Default: ${DEFAULT-VALUE}")
    private int limit = 50;

    @Override
    public Integer call() {
        List<String> step =
                new ArrayList<>(List.of("preview", view, "--entity", entity, "--limit", Integer.toString(limit)));
        if (from != null) {
            step.addAll(List.of(
                    "--from", Instants.parse("--from", from, Clock.systemUTC()).toString()));
        }
        if (to != null) {
            step.addAll(List.of(
                    "--to", Instants.parse("--to", to, Clock.systemUTC()).toString()));
        }
        return new SparkSteps().add(step).run(larder.home(), larder.config(), null);
    }
}
