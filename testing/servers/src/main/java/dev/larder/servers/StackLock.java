package dev.larder.servers;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Held while a process is started and recorded, or looked up and ended, so that two commands cannot do that to one stack at
 * once; within this virtual machine and between several.
 */
final class StackLock {
    /** A file lock belongs to the whole virtual machine, so its threads need a lock of their own. */
    private static final ReentrantLock IN_THIS_MACHINE = new ReentrantLock();

    private StackLock() {}

    /** Work that must not be done by two at once. */
    interface Work<T> {
        T run() throws IOException;
    }

    static <T> T holding(Path file, Work<T> work) throws IOException {
        IN_THIS_MACHINE.lock();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            FileLock lock = channel.lock();
            try {
                return work.run();
            } finally {
                lock.release();
            }
        } finally {
            IN_THIS_MACHINE.unlock();
        }
    }
}
