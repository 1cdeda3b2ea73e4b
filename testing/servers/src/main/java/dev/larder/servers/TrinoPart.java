package dev.larder.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A Trino server with the configuration of trino/etc, started without its launcher: that is a Python program which reads
 * jvm.config and keeps the process number, both of which are done here.
 *
 * @param heapMegabytes 0 for what jvm.config says
 * @param addresses where the parts are that its catalogs name
 */
record TrinoPart(
        StackFolder folder,
        ProjectFiles project,
        Answers answers,
        Path server,
        Path java,
        int port,
        int heapMegabytes,
        Map<String, String> addresses)
        implements StackPart {

    @Override
    public Part part() {
        return Part.TRINO;
    }

    @Override
    public void prepare(Cancellation cancellation) {
        try {
            Files.createDirectories(data());
        } catch (IOException e) {
            throw StackFolder.unusable(data(), "created", e);
        }
    }

    private Path data() {
        return folder.data(Part.TRINO).resolve("data");
    }

    @Override
    public List<String> command() {
        Path etc = project.shared("trino/etc");
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.addAll(virtualMachine(etc.resolve("jvm.config")));
        command.addAll(List.of(
                "-Dnode.environment=larder",
                "-Dnode.id=native",
                "-Ddiscovery.uri=" + StackEndpoints.url(port),
                "-Dnode.internal-address=" + Ports.HOST,
                "-Dnode.bind-ip=" + Ports.HOST,
                "-Dnode.data-dir=" + data(),
                "-Dplugin.dir=" + server.resolve("plugin"),
                "-Dcatalog.config-dir=" + etc.resolve("catalog"),
                "-Dlog.levels-file=" + etc.resolve("log.properties"),
                "-Dconfig=" + etc.resolve("config.properties")));
        command.addAll(List.of("-cp", server.resolve("lib") + "/*", "io.trino.server.TrinoServer"));
        return command;
    }

    private List<String> virtualMachine(Path file) {
        List<String> flags = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file)) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    flags.add(line.strip());
                }
            }
        } catch (IOException e) {
            throw StackFolder.unusable(file, "read", e);
        }
        if (heapMegabytes > 0) {
            flags.removeIf(flag -> flag.startsWith("-Xmx"));
            flags.add("-Xmx%sm".formatted(heapMegabytes));
            // What a query may take and what Trino does not count must fit together.
            flags.add("-Dquery.max-memory=%sMB".formatted(heapMegabytes / 4));
            flags.add("-Dquery.max-memory-per-node=%sMB".formatted(heapMegabytes / 4));
            flags.add("-Dmemory.heap-headroom-per-node=%sMB".formatted(heapMegabytes / 5));
        }
        return flags;
    }

    @Override
    public Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>(addresses);
        variables.put("TRINO_HTTP_PORT", Integer.toString(port));
        variables.put("TRINO_DATA", data().toString());
        return variables;
    }

    @Override
    public List<String> dependsOn() {
        return addresses.entrySet().stream().map(Map.Entry::toString).sorted().toList();
    }

    @Override
    public List<String> programs() {
        return List.of(java.toString());
    }

    @Override
    public boolean isReady(long pid) {
        return answers.ok(port, "/v1/info")
                .filter(info -> info.replace(" ", "").contains("\"starting\":false"))
                .isPresent();
    }

    @Override
    public Duration timeToStart() {
        return Duration.ofMinutes(4);
    }
}
