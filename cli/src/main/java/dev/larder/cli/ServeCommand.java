package dev.larder.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Listed for its help; the start script hands {@code serve} to the server's own main without a detour. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        header = "Answer online feature requests over HTTP, as Feast's feature server does.",
        footer = {
            "",
            "Examples:",
            "  larder -c feature_repo/banking serve",
            "  larder serve --host 0.0.0.0 --port 6566 --mode feast"
        })
final class ServeCommand implements Callable<Integer> {
    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Option(names = "--host", paramLabel = "HOST", description = "Address to listen on. Default: ${DEFAULT-VALUE}")
    private String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "PORT", description = "Port to listen on. Default: ${DEFAULT-VALUE}")
    private int port = 6566;

    @Override
    public Integer call() {
        return ChildProcess.run(command(larder.home(), larder.config().repo(), host, port));
    }

    /** The command line that starts the server of a repository. */
    static List<String> command(Home home, java.nio.file.Path repo, String host, int port) {
        List<String> command = new ArrayList<>(List.of(Home.java(), "-Xmx256m", "-XX:+UseSerialGC"));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", home.classPath("feature-server"), "dev.larder.server.Main"));
        command.addAll(List.of("-c", repo.toString(), "serve", "--host", host, "--port", Integer.toString(port)));
        return command;
    }
}
