package dev.larder.servers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Starts Java programs with the virtual machine that runs this one. */
record JavaProgram(ServerClassPath classPath) {

    List<String> command(List<String> flags, String mainClass, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(java().toString());
        // Two cores and a start that people wait for: the quick compiler is the better one here.
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"));
        command.addAll(List.of("-Djava.awt.headless=true", "-Duser.timezone=UTC", "-Dfile.encoding=UTF-8"));
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath.joined(), mainClass));
        command.addAll(List.of(arguments));
        return command;
    }

    /** The heap of a Kafka program as Kafka's own start scripts take it, and further flags. */
    static List<String> flags(Map<String, String> variables, String... more) {
        List<String> flags = new ArrayList<>(
                List.of(variables.getOrDefault("KAFKA_HEAP_OPTS", "-Xmx256m").split(" +", -1)));
        flags.addAll(List.of(more));
        return flags;
    }

    /** As the operating system names the program: without symbolic links. */
    static Path java() {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        try {
            return java.toRealPath();
        } catch (IOException e) {
            throw StackFolder.unusable(java, "found", e);
        }
    }
}
