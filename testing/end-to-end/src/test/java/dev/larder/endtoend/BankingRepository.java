package dev.larder.endtoend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The example's definitions, copied to where a test may change them and fill the data folder. */
final class BankingRepository {
    private BankingRepository() {}

    static Path copyInto(Path folder) throws IOException {
        Path from = LarderProcess.ROOT.resolve("feature_repo/banking");
        Path to = Files.createDirectories(folder.resolve("banking"));
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
        return to;
    }

    /** Command lines of running processes that name the folder. */
    static List<String> processesOf(Path folder) {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains(folder.toString()))
                .toList();
    }
}
