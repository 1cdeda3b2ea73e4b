package dev.larder.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Ends recorded processes and forgets them. */
final class StackStop {
    private StackStop() {}

    static void stop(StackFolder folder, Part part) {
        end(folder, part, process -> Ending.end(part, process));
    }

    static void kill(StackFolder folder, Part part) {
        end(folder, part, Ending::kill);
    }

    private static void end(StackFolder folder, Part part, Consumer<ProcessHandle> ending) {
        if (!folder.exists()) {
            return;
        }
        Path file = folder.processFile(part);
        try {
            boolean unused = StackLock.holding(folder.lockFile(), () -> {
                ProcessRecord.read(file).flatMap(ProcessRecord::process).ifPresent(ending);
                if (part == Part.AIRFLOW) {
                    Ending.endMarked(folder.mark(part));
                }
                return Files.deleteIfExists(file);
            });
        } catch (IOException e) {
            throw StackFolder.unusable(file, "deleted", e);
        }
    }
}
