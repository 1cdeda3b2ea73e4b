package dev.larder.cli;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "materialize-incremental",
        mixinStandardHelpOptions = true,
        header = "Copy what is new since the last materialization into the online store.",
        description = {"Rows that were corrected since then are put right too, however old their stamps are.", ""},
        footer = {"", "Examples:", "  larder materialize-incremental now", "  larder materialize-incremental 2026-11-08"
        })
final class MaterializeIncrementalCommand implements Callable<Integer> {
    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Parameters(paramLabel = "END", description = "Stamps up to and with this one; without a zone UTC is meant.")
    private String end = "";

    @Option(
            names = {"--view", "--views"},
            paramLabel = "VIEW",
            description = "Only this feature view; may be repeated. Default: all online ones.")
    private List<String> views = List.of();

    @Override
    public Integer call() {
        List<String> step = new ArrayList<>(List.of(
                "materialize-incremental",
                Instants.parse("END", end, Clock.systemUTC()).toString()));
        views.forEach(view -> step.addAll(List.of("--view", view)));
        return new SparkSteps().add(step).run(larder.home(), larder.config(), null);
    }
}
