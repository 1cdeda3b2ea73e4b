package dev.larder.servers;

import dev.larder.progress.Progress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Real servers on this machine, on 127.0.0.1 only: PostgreSQL, Kafka and Kafka Connect (with Debezium) for the embedded demo,
 * and Redis, MinIO, Trino and Airflow beside them for the full stack. Their processes live until {@link #stop}, whatever
 * becomes of the one that started them; their data, logs and ports stay in one folder. What the full stack shares with
 * docker-compose it reads from the project's folders deploy/ and trino/etc, and lays its own addresses over that.
 *
 * <p>A caller that wants nothing left behind when it is interrupted calls {@link #stop} in a shutdown hook: a start that is
 * under way in another thread then fails and starts nothing more.
 *
 * <p>In the embedded demo Connect runs standalone: it keeps its offsets on disk but no connectors, so register them after each
 * start. In the full stack it keeps both in Kafka.
 *
 * <p>Parts can be started one after another: a start with other {@link StackOptions#parts() parts} leaves alone what runs,
 * except that a part is started anew if a part that it uses has moved.
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
     *     what this call has started is stopped again. {@code STEP_MISSING} if a program has not been prepared. {@code PORT_TAKEN} if a prescribed port is in use. {@code
     *     PATH_UNUSABLE} if the folder cannot be written
     */
    public static StackEndpoints start(
            Path stackFolder, ServerClassPath classPath, StackOptions options, Progress progress) {
        StackFolder folder = StackFolder.of(stackFolder);
        folder.create(options.parts());
        return new StackStart(folder, new JavaProgram(classPath), options, progress).run();
    }

    /** Where the parts answer that run, if all of the embedded demo's do. */
    public static Optional<StackEndpoints> running(Path stackFolder) {
        return running(stackFolder, Part.EMBEDDED);
    }

    /** Where the parts answer that run, if these are among them. */
    public static Optional<StackEndpoints> running(Path stackFolder, Set<Part> required) {
        return Optional.of(StackStart.living(StackFolder.of(stackFolder)))
                .filter(endpoints -> endpoints.ports().keySet().containsAll(required));
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
}
