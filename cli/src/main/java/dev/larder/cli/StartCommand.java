package dev.larder.cli;

import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.servers.EmbeddedStack;
import dev.larder.servers.ServerClassPath;
import dev.larder.servers.StackEndpoints;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        header = "Start the embedded PostgreSQL, Kafka and Kafka Connect (with Debezium) of this repository.",
        description = {
            "For trying things out and for tests; they listen on 127.0.0.1 only and keep running until larder stop.",
            "Data, logs and ports stay below data/stack. With parts of your own, name them in feature_store.yaml instead.",
            "With --full the parts of feature_store.stack.yaml: Redis, MinIO and Trino too, below data/native, each a process;",
            "deploy/native/prepare.sh brings their programs.",
            ""
        },
        footer = {"", "Examples:", "  larder start && larder status", "  larder start --full"})
final class StartCommand implements Callable<Integer> {
    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Option(names = "--full", description = "The parts of the full stack instead of the embedded ones.")
    private boolean full;

    @Override
    public Integer call() {
        if (full) {
            NativeStack.start(larder);
            return 0;
        }
        start(larder, larder.config());
        return 0;
    }

    /** Starts what does not run; an interrupt meanwhile stops all of it again. */
    static StackEndpoints start(LarderCommand larder, FeatureStoreConfig config) {
        Path folder = Parts.stackFolder(config);
        boolean ran = EmbeddedStack.running(folder).isPresent();
        Thread undo = new Thread(() -> EmbeddedStack.stop(folder), "stop-stack");
        if (!ran) {
            Runtime.getRuntime().addShutdownHook(undo);
        }
        Path classPath = larder.home().root().resolve("testing/servers/target/classpath");
        StackEndpoints endpoints = EmbeddedStack.start(folder, ServerClassPath.read(classPath), larder.progress());
        if (!ran) {
            Runtime.getRuntime().removeShutdownHook(undo);
        }
        return endpoints;
    }
}
