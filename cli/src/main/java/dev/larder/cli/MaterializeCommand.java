package dev.larder.cli;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "materialize",
        mixinStandardHelpOptions = true,
        header = "Copy the latest feature values of an interval into the online store.",
        description = {
            "Afterwards the online value of an entity is its latest remaining feature row, whatever was corrected since.",
            "An older row never replaces a newer one; running it again changes nothing.",
            ""
        },
        footer = {"", "Example:  larder materialize 2026-11-01 2026-11-08"})
final class MaterializeCommand implements Callable<Integer> {
    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Parameters(
            index = "0",
            paramLabel = "START",
            description =
                    "A store that is filled anew gets the entities with a row since then; without a zone UTC is meant.")
    private String start = "";

    @Parameters(index = "1", paramLabel = "END", description = "Rows with stamps up to and with this one.")
    private String end = "";

    @Option(
            names = {"--view", "--views"},
            paramLabel = "VIEW",
            description = "Only this feature view; may be repeated. Default: all online ones.")
    private List<String> views = List.of();

    @Override
    public Integer call() {
        Instant from = Instants.parse("START", start, Clock.systemUTC());
        Instant to = Instants.parse("END", end, Clock.systemUTC());
        if (from.isAfter(to)) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "START: %s is after END %s (expected: START <= END)".formatted(from, to));
        }
        List<String> step = new ArrayList<>(List.of("materialize", from.toString(), to.toString()));
        views.forEach(view -> step.addAll(List.of("--view", view)));
        return new SparkSteps().add(step).run(larder.home(), larder.config(), null);
    }
}
