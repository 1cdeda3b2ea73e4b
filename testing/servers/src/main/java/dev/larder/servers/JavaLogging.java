package dev.larder.servers;

import java.nio.file.Path;

/** Logging of the Java processes: one file of bounded size and one older one. */
final class JavaLogging {
    private static final int MAX_BYTES = 10_000_000;

    private JavaLogging() {}

    /** Writes the configuration of {@code java.util.logging}; returns the flag that names it. */
    static String configure(StackFolder folder, Part part) {
        Path file = folder.data(part).resolve("logging.properties");
        StackFolder.replace(
                file,
                """
                handlers = java.util.logging.FileHandler
                .level = INFO
                java.util.logging.FileHandler.pattern = %s
                java.util.logging.FileHandler.limit = %s
                java.util.logging.FileHandler.count = 2
                java.util.logging.FileHandler.append = true
                java.util.logging.FileHandler.encoding = UTF-8
                java.util.logging.FileHandler.formatter = java.util.logging.SimpleFormatter
                java.util.logging.SimpleFormatter.format = %%1$tFT%%1$tT.%%1$tL %%4$s %%5$s [%%3$s]%%6$s%%n
                org.apache.kafka.common.config.AbstractConfig.level = WARNING
                org.apache.kafka.common.utils.AppInfoParser.level = WARNING
                org.apache.kafka.clients.level = WARNING
                kafka.server.KafkaConfig.level = WARNING
                org.apache.kafka.connect.runtime.WorkerConfig.level = WARNING
                org.reflections.level = SEVERE
                org.glassfish.level = SEVERE
                """
                        .formatted(pattern(folder.logs(), part), MAX_BYTES));
        return "-Djava.util.logging.config.file=" + file;
    }

    private static String pattern(Path logs, Part part) {
        return logs.toString().replace("\\", "\\\\").replace("%", "%%") + "/" + part.fileName() + ".%g.log";
    }
}
