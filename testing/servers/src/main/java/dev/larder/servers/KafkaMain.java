package dev.larder.servers;

import java.io.FileReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;

/** A Kafka node: formats its storage at the first start and writes a file with its process number once it answers. */
final class KafkaMain {
    private KafkaMain() {}

    /** Arguments: the node's properties, and the file to write when it is ready. */
    public static void main(String[] args) throws IOException {
        Path properties = Path.of(args[0]);
        Path ready = Path.of(args[1]);
        Properties settings = new Properties();
        try (Reader in = new FileReader(properties.toFile(), StandardCharsets.UTF_8)) {
            settings.load(in);
        }
        Path log = Path.of(settings.getProperty("log.dirs"));
        if (!Files.exists(log.resolve("meta.properties"))) {
            int code = StorageTool.execute(
                    new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", args[0]}, System.out);
            if (code != 0) {
                System.exit(code);
            }
        }
        String listener = settings.getProperty("advertised.listeners");
        Thread announcer = new Thread(
                () -> announce(listener.substring(listener.indexOf("://") + "://".length()), ready), "announcer");
        announcer.setDaemon(true);
        announcer.start();
        Kafka.main(new String[] {args[0]});
    }

    private static void announce(String bootstrapServers, Path ready) {
        try (Admin admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                "200",
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                "600000"))) {
            admin.describeCluster().nodes().get();
            Path temporary = ready.resolveSibling("." + ready.getFileName() + ".tmp");
            Files.writeString(temporary, Long.toString(ProcessHandle.current().pid()));
            Files.move(temporary, ready, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (ExecutionException | IOException e) {
            System.err.println("The node does not answer: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
