package dev.larder.servers;

import dev.larder.progress.Progress;
import java.nio.file.Path;

/** Stacks for tests, from this module's own build. */
final class Stacks {
    private Stacks() {}

    static ServerClassPath classPath() {
        return ServerClassPath.read(
                Path.of(System.getProperty("larder.root"), "testing", "servers", "target", "classpath"));
    }

    static StackEndpoints start(Path folder) {
        return EmbeddedStack.start(folder, classPath(), StackOptions.forTests(), Progress.none());
    }

    static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false) && !ProcessRecord.isZombie(pid);
    }
}
