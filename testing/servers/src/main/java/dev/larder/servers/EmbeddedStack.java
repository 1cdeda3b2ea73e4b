package dev.larder.servers;

import dev.larder.progress.Progress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Real PostgreSQL, Kafka and Kafka Connect (with Debezium) on this machine, on 127.0.0.1 only. Their processes live until
 * {@link #stop}, whatever becomes of the one that started them; their data, logs and ports stay in one folder.
 *
 * <p>A caller that wants nothing left behind when it is interrupted calls {@link #stop} in a shutdown hook: a start that is
 * under way in another thread then fails and starts nothing more.
 *
 * <p>Connect runs standalone: it keeps its offsets on disk but no connectors, so register them after each start.
 */
public final class EmbeddedStack {
    private EmbeddedStack() {}

    /** As {@link #start(Path, ServerClassPath, StackOptions, Progress)} with {@link StackOptions#defaults()}. */
    public static StackEndpoints start(Path stackFolder, ServerClassPath classPath, Progress progress) {
        return start(stackFolder, classPath, StackOptions.defaults(), progress);
    }

    /**
     * Starts what does not run and waits until every part answers. Parts that run are left alone; a part that has died starts
     * again on its old data, and on its old port unless another process has taken it.
     *
     * @throws dev.larder.model.LarderException {@code PROCESS_FAILED} with the part, its last log lines and its log's path;
     *     what this call has started is stopped again. {@code PORT_TAKEN} if a prescribed port is in use. {@code
     *     PATH_UNUSABLE} if the folder cannot be written
     */
    public static StackEndpoints start(
            Path stackFolder, ServerClassPath classPath, StackOptions options, Progress progress) {
        StackFolder folder = StackFolder.of(stackFolder);
        folder.create();
        return new StackStart(folder, new JavaProgram(classPath), options, progress).run();
    }

    /** Where the parts answer, if every part's process lives. */
    public static Optional<StackEndpoints> running(Path stackFolder) {
        StackFolder folder = StackFolder.of(stackFolder);
        Optional<Integer> postgres = livingPort(folder, Part.POSTGRES);
        Optional<Integer> kafka = livingPort(folder, Part.KAFKA);
        Optional<Integer> connect = livingPort(folder, Part.CONNECT);
        if (postgres.isEmpty() || kafka.isEmpty() || connect.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(StackStart.endpoints(postgres.get(), kafka.get(), connect.get()));
    }

    /** Stops every part that runs, the last one first, and whatever they have started. Safe to call again. */
    public static void stop(Path stackFolder) {
        StackFolder folder = StackFolder.of(stackFolder);
        StackStart.cancel(folder);
        for (Part part : Part.inReverse()) {
            StackStop.stop(folder, part);
        }
    }

    /** Stops one part. */
    public static void stop(Path stackFolder, Part part) {
        StackStop.stop(StackFolder.of(stackFolder), part);
    }

    /** Ends one part as a crash would, for tests of what happens then. */
    public static void kill(Path stackFolder, Part part) {
        StackStop.kill(StackFolder.of(stackFolder), part);
    }

    /** The process number of a part that runs. */
    public static Optional<Long> pid(Path stackFolder, Part part) {
        return ProcessRecord.read(StackFolder.of(stackFolder).processFile(part))
                .flatMap(ProcessRecord::process)
                .map(ProcessHandle::pid);
    }

    private static Optional<Integer> livingPort(StackFolder folder, Part part) {
        return ProcessRecord.read(folder.processFile(part))
                .filter(recorded -> recorded.process().isPresent())
                .map(ProcessRecord::port);
    }
}
