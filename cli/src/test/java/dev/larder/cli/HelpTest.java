package dev.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class HelpTest {
    @TempDir
    Path folder = Path.of("");

    @BeforeAll
    static void home() {
        System.setProperty("larder.home", System.getProperty("larder.root"));
    }

    static Stream<String> commands() {
        System.setProperty("larder.home", System.getProperty("larder.root"));
        return Main.commandLine().getSubcommands().keySet().stream().filter(name -> !name.equals("help"));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandTeachesByExample(String command) {
        Printed printed = execute(command, "--help");
        assertThat(printed.exitCode()).isZero();
        assertThat(printed.out())
                .contains("Usage: larder " + command)
                .containsPattern("Examples?:")
                .contains("larder ");
    }

    @Test
    void theFirstPageNamesTheOrderOfCommandsAndEveryCommand() {
        Printed printed = execute("--help");
        assertThat(printed.exitCode()).isZero();
        assertThat(printed.out()).contains("The usual order of commands");
        assertThat(commands()).allSatisfy(command -> assertThat(printed.out()).contains("  " + command));
    }

    @Test
    void aMistypedCommandIsAMistakeOfTheCaller() {
        Printed printed = execute("materialise", "a", "b");
        assertThat(printed.exitCode()).isEqualTo(2);
        assertThat(printed.err()).contains("Did you mean").contains("materialize");
    }

    @Test
    void aReversedIntervalIsRefusedBeforeSparkStarts() {
        Printed printed = execute("-c", folder.toString(), "materialize", "2026-11-08", "2026-11-01");
        assertThat(printed.exitCode()).isEqualTo(2);
        assertThat(printed.err())
                .isEqualToIgnoringNewLines(
                        "error ARGUMENT_INVALID: START: 2026-11-08T00:00:00Z is after END 2026-11-01T00:00:00Z (expected: START <= END)");
    }

    private record Printed(int exitCode, String out, String err) {}

    private static Printed execute(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int exitCode = command.execute(arguments);
        return new Printed(exitCode, out.toString(), err.toString());
    }
}
