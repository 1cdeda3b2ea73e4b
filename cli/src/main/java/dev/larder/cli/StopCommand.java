package dev.larder.cli;

import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.servers.EmbeddedStack;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "stop",
        mixinStandardHelpOptions = true,
        header = "Stop every process that larder start or larder demo has started for this repository; data is kept.",
        footer = {"", "Example:  larder -c feature_repo/banking stop"})
final class StopCommand implements Callable<Integer> {
    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Override
    public Integer call() {
        FeatureStoreConfig config = larder.config();
        stopAll(config);
        System.out.println("Stopped. The data is kept in " + config.larder().data());
        return 0;
    }

    static void stopAll(FeatureStoreConfig config) {
        stopOwn(config);
        NativeStack.stop(config.repo());
    }

    /** What belongs to this feature_store file. */
    static void stopOwn(FeatureStoreConfig config) {
        FeatureServer.of(config).stop();
        EmbeddedStack.stop(Parts.stackFolder(config));
    }
}
