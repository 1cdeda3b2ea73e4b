package dev.larder.server;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The command of the server's process: {@code Main -c REPO serve}. A failure is one line on standard error, {@code error CODE:
 * message}, and exit code 2 where it is the caller's to mend, otherwise 1; a stack trace follows only with {@code
 * LARDER_DEBUG=1}.
 */
@Command(
        name = "larder-server",
        description = "Serves features online from a feature repository.",
        subcommands = ServeCommand.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    private static final int WRONG_ARGUMENT = 2;
    private static final int FAILED = 1;

    @Option(
            names = {"-c", "--chdir"},
            paramLabel = "REPO",
            showDefaultValue = Visibility.NEVER,
            description = "Folder of the feature repository (default: the working folder).")
    private Path repo = Path.of("");

    @Option(
            names = {"-f", "--feature-store-yaml"},
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            showDefaultValue = Visibility.NEVER,
            description =
                    "Settings in place of REPO's feature_store.yaml (default: as the variable FEAST_FS_YAML_FILE_PATH says, if it is set).")
    private @Nullable Path file;

    @Option(names = "--help", usageHelp = true, description = "Shows this text.")
    @SuppressWarnings("unused") // read by the parser
    private boolean help;

    private Main() {}

    public static void main(String[] args) {
        int exitCode = run(args);
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }

    /** Runs the command to its end, for a server until it has stopped. */
    static int run(String... args) {
        return new CommandLine(new Main())
                .setParameterExceptionHandler((e, given) -> {
                    fail(e.getCommandLine().getErr(), ErrorCode.ARGUMENT_INVALID, String.valueOf(e.getMessage()), e);
                    return WRONG_ARGUMENT;
                })
                .setExecutionExceptionHandler((e, command, parsed) -> {
                    ErrorCode code = e instanceof LarderException failure ? failure.code() : ErrorCode.INTERNAL;
                    String message = e instanceof LarderException ? String.valueOf(e.getMessage()) : e.toString();
                    fail(command.getErr(), code, message, e);
                    return code.kind() == ErrorCode.Kind.CALLER ? WRONG_ARGUMENT : FAILED;
                })
                .execute(args);
    }

    Path repo() {
        return repo;
    }

    /** The settings file that was chosen by option; null: the usual one. */
    @Nullable
    Path file() {
        return file;
    }

    private static void fail(PrintWriter err, ErrorCode code, String message, Exception e) {
        err.println("error " + code + ": " + message);
        if (System.getenv("LARDER_DEBUG") != null) {
            e.printStackTrace(err);
        }
        err.flush();
    }
}
