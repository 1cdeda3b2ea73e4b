package dev.larder.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Unmatched;

/** Listed for its help; the start script hands {@code serve} to the server's own main without a detour. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        header = "Answer online feature requests over HTTP and gRPC, as Feast's feature servers do.",
        description = {"All options with their defaults: larder serve --help", ""},
        footer = {
            "",
            "Examples:",
            "  larder -c feature_repo/banking serve",
            "  larder serve --host 0.0.0.0 --port 6566 --mode feast",
            "  larder serve --grpc-port 6565 --key server.key --cert server.crt"
        })
final class ServeCommand implements Callable<Integer> {
    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Unmatched
    private List<String> options = new ArrayList<>();

    @Override
    public Integer call() {
        return ChildProcess.run(command(larder.home(), larder.repo(), larder.file(), options));
    }

    /**
     * The command line that starts the server of a repository.
     *
     * @param file its settings; null: the usual ones
     */
    static List<String> command(Home home, Path repo, @Nullable Path file, List<String> options) {
        List<String> command = new ArrayList<>(List.of(Home.java(), "-Xmx256m", "-XX:+UseSerialGC"));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.add("-Dlarder.home=" + home.root());
        command.addAll(List.of("-cp", home.classPath("feature-server"), "dev.larder.server.Main"));
        command.addAll(List.of("-c", repo.toString()));
        if (file != null) {
            command.addAll(List.of("-f", file.toString()));
        }
        command.add("serve");
        command.addAll(options);
        return command;
    }
}
