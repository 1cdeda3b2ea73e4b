package dev.larder.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;

/** One Kafka node, broker and controller in one. */
record KafkaPart(StackFolder folder, ProjectFiles project, JavaProgram java, int port) implements StackPart {

    @Override
    public Part part() {
        return Part.KAFKA;
    }

    @Override
    public void prepare(Cancellation cancellation) {
        int controllerPort = Ports.read(folder.portsFile()).claim("kafka-controller", "Kafka's controller", 0);
        StackFolder.replace(
                folder.data(Part.KAFKA).resolve("server.properties"),
                project.overlaid(
                        "deploy/kafka/server.properties",
                        """
                        controller.quorum.voters = 1@%1$s:%3$s
                        listeners = PLAINTEXT://%1$s:%2$s,CONTROLLER://%1$s:%3$s
                        advertised.listeners = PLAINTEXT://%1$s:%2$s
                        log.dirs = %4$s
                        """
                                .formatted(
                                        Ports.HOST,
                                        port,
                                        controllerPort,
                                        folder.data(Part.KAFKA)
                                                .resolve("log")
                                                .toString()
                                                .replace("\\", "\\\\"))));
        try {
            Files.deleteIfExists(folder.readyFile(Part.KAFKA));
        } catch (IOException e) {
            throw StackFolder.unusable(folder.readyFile(Part.KAFKA), "deleted", e);
        }
    }

    @Override
    public List<String> command() {
        return java.command(
                JavaProgram.flags(
                        project.variables("deploy/kafka/kafka.env"), JavaLogging.configure(folder, Part.KAFKA)),
                KafkaMain.class.getName(),
                folder.data(Part.KAFKA).resolve("server.properties").toString(),
                folder.readyFile(Part.KAFKA).toString());
    }

    @Override
    public List<String> programs() {
        return List.of(JavaProgram.java().toString());
    }

    @Override
    public boolean isReady(long pid) {
        try {
            return Files.readString(folder.readyFile(Part.KAFKA)).equals(Long.toString(pid));
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public Duration timeToStart() {
        return Duration.ofMinutes(2);
    }
}
