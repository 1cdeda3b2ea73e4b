package dev.larder.server.materialize;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@code larder} command of this installation and the repository that it is run for. The server knows no more of
 * materializing: the command starts Spark in processes of its own.
 *
 * @param program the start script
 * @param repo folder of the feature repository
 * @param settings the repository's {@code feature_store.yaml}, or the file that was chosen in its place
 */
public record LarderCommand(Path program, Path repo, Path settings) {

    /** @throws LarderException {@code PROCESS_FAILED} if it cannot be started */
    LarderProcess start(List<String> arguments) {
        List<String> command =
                new ArrayList<>(List.of(program.toString(), "-c", repo.toString(), "-f", settings.toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // Its lines are read by this process: no colours, nothing that is written over.
        builder.environment().remove("LARDER_TERMINAL");
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            return new LarderProcess(process, arguments.get(0));
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PROCESS_FAILED,
                    "Cannot start %s: %s. Name the larder command of this installation with --larder-command."
                            .formatted(program, e.getMessage()),
                    e);
        }
    }
}
