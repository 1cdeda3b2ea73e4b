package dev.larder.servers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A Kafka Connect worker with Debezium's PostgreSQL connector on its class path: standalone in the embedded demo, in the full
 * stack as a company runs it.
 */
record ConnectPart(
        StackFolder folder,
        ProjectFiles project,
        JavaProgram java,
        Answers answers,
        int port,
        KafkaEndpoint kafka,
        StackOptions.Kind kind)
        implements StackPart {

    private static Path workerProperties(StackFolder folder) {
        return folder.data(Part.CONNECT).resolve("worker.properties");
    }

    @Override
    public Part part() {
        return Part.CONNECT;
    }

    @Override
    public void prepare(Cancellation cancellation) {
        StackFolder.replace(
                workerProperties(folder),
                project.overlaid(
                        "deploy/connect/worker.properties",
                        """
                        bootstrap.servers = %s
                        listeners = http://%s:%s
                        rest.advertised.host.name = %s
                        """
                                        .formatted(kafka.bootstrapServers(), Ports.HOST, port, Ports.HOST)
                                + offsets()));
    }

    /** Where a standalone worker keeps them; a distributed one would make it a setting of its topic. */
    private String offsets() {
        return switch (kind) {
            case EMBEDDED ->
                "offset.storage.file.filename = %s%n"
                        .formatted(folder.data(Part.CONNECT)
                                .resolve("offsets")
                                .toString()
                                .replace("\\", "\\\\"));
            case FULL -> "";
        };
    }

    @Override
    public List<String> command() {
        return java.command(
                JavaProgram.flags(
                        project.variables("deploy/connect/connect.env"), JavaLogging.configure(folder, Part.CONNECT)),
                "org.apache.kafka.connect.cli."
                        + switch (kind) {
                            case EMBEDDED -> "ConnectStandalone";
                            case FULL -> "ConnectDistributed";
                        },
                workerProperties(folder).toString());
    }

    @Override
    public List<String> dependsOn() {
        return List.of(kafka.bootstrapServers(), kind.name());
    }

    @Override
    public List<String> programs() {
        return List.of(JavaProgram.java().toString());
    }

    @Override
    public boolean isReady(long pid) {
        return answers.ok(port, "/connectors").isPresent();
    }

    @Override
    public Duration timeToStart() {
        return Duration.ofMinutes(3);
    }
}
