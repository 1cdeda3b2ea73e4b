package dev.larder.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;

/** One Kafka node, broker and controller in one. */
record KafkaPart(StackFolder folder, JavaProgram java, int port, int controllerPort) implements StackPart {

    @Override
    public Part part() {
        return Part.KAFKA;
    }

    @Override
    public void prepare(Cancellation cancellation) {
        StackFolder.replace(
                folder.data(Part.KAFKA).resolve("server.properties"),
                """
                process.roles = broker,controller
                node.id = 1
                controller.quorum.voters = 1@%1$s:%3$s
                listeners = PLAINTEXT://%1$s:%2$s,CONTROLLER://%1$s:%3$s
                advertised.listeners = PLAINTEXT://%1$s:%2$s
                controller.listener.names = CONTROLLER
                inter.broker.listener.name = PLAINTEXT
                listener.security.protocol.map = CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
                log.dirs = %4$s
                # The change log is kept: the lake can be built anew from it.
                log.retention.ms = -1
                log.index.size.max.bytes = 1048576
                num.network.threads = 2
                num.io.threads = 4
                num.partitions = 1
                offsets.topic.num.partitions = 1
                offsets.topic.replication.factor = 1
                transaction.state.log.num.partitions = 1
                transaction.state.log.replication.factor = 1
                transaction.state.log.min.isr = 1
                share.coordinator.state.topic.num.partitions = 1
                share.coordinator.state.topic.replication.factor = 1
                share.coordinator.state.topic.min.isr = 1
                group.initial.rebalance.delay.ms = 0
                """
                        .formatted(
                                Ports.HOST,
                                port,
                                controllerPort,
                                folder.data(Part.KAFKA)
                                        .resolve("log")
                                        .toString()
                                        .replace("\\", "\\\\")));
        try {
            Files.deleteIfExists(folder.readyFile(Part.KAFKA));
        } catch (IOException e) {
            throw StackFolder.unusable(folder.readyFile(Part.KAFKA), "deleted", e);
        }
    }

    @Override
    public List<String> command() {
        return java.command(
                List.of("-Xms128m", "-Xmx384m", JavaLogging.configure(folder, Part.KAFKA)),
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
