package dev.larder.cli;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.PrintWriter;
import picocli.CommandLine;

/** Entry point of {@code larder}: exit code 0 on success only, 2 for a mistake of the caller, 1 for anything else. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new LarderCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command.getErr()));
    }

    private static int report(Exception failure, PrintWriter err) {
        ErrorCode code = failure instanceof LarderException known ? known.code() : ErrorCode.INTERNAL;
        err.println("error " + code + ": " + describe(failure));
        if (System.getenv("LARDER_DEBUG") != null) {
            failure.printStackTrace(err);
        } else if (code.kind() == ErrorCode.Kind.INTERNAL) {
            err.println("Run again with LARDER_DEBUG=1 for the stack trace.");
        }
        err.flush();
        return code.kind() == ErrorCode.Kind.CALLER ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    }

    private static String describe(Exception failure) {
        return failure instanceof LarderException || failure.getMessage() == null
                ? String.valueOf(failure.getMessage())
                : failure.getClass().getSimpleName() + ": " + failure.getMessage();
    }
}
