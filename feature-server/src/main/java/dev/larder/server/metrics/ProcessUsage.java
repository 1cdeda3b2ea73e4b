package dev.larder.server.metrics;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;

/** How much of the machine this process takes, in Feast's (psutil's) terms. */
final class ProcessUsage {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";
    private static final double PERCENT = 100;
    private static final double KIB = 1024;

    private final OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private final String pid = Long.toString(ProcessHandle.current().pid());
    private long lastCpuNanos = system.getProcessCpuTime();
    private long lastNanos = System.nanoTime();

    String pid() {
        return pid;
    }

    /** Percent of one core since the last call, so more than 100 on several. */
    synchronized double cpuPercent() {
        long cpuNanos = system.getProcessCpuTime();
        long nanos = System.nanoTime();
        double percent = PERCENT * (cpuNanos - lastCpuNanos) / Math.max(1, nanos - lastNanos);
        lastCpuNanos = cpuNanos;
        lastNanos = nanos;
        return percent;
    }

    /** Resident memory, as percent of the machine's; empty where the system does not tell it. */
    OptionalDouble memoryPercent() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(RESIDENT)) {
                    double kib = Double.parseDouble(
                            line.substring(RESIDENT.length()).replace("kB", "").strip());
                    return OptionalDouble.of(PERCENT * KIB * kib / system.getTotalMemorySize());
                }
            }
            return OptionalDouble.empty();
        } catch (IOException e) {
            return OptionalDouble.empty();
        }
    }
}
