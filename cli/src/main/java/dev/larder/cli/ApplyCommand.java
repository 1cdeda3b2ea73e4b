package dev.larder.cli;

import dev.larder.model.Repository;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.registry.ApplyPlan;
import dev.larder.registry.FileRegistry;
import dev.larder.registry.config.FeatureStoreConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "apply",
        mixinStandardHelpOptions = true,
        header = "Write the definitions to the registry, in Feast's format, and make room in the online store.",
        description = {
            "The definitions are the project's whole desired state: what they no longer name is removed, with its online",
            "values. Other projects in the same registry are not touched. Nothing is written where nothing has changed.",
            ""
        },
        footer = {"", "Examples:", "  larder apply --dry-run      what would change", "  larder apply"})
final class ApplyCommand implements Callable<Integer> {
    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Option(names = "--dry-run", description = "Only show what would change.")
    private boolean dryRun;

    @Override
    public Integer call() {
        FeatureStoreConfig config = larder.config();
        if (dryRun) {
            try (FileRegistry registry = FileRegistry.open(config)) {
                print(registry.plan(config, larder.repository(config)));
            }
        } else {
            apply(larder, config);
        }
        return 0;
    }

    static void apply(LarderCommand larder, FeatureStoreConfig config) {
        Repository repository = larder.repository(config);
        try (OnlineStore store = OnlineStores.open(config)) {
            store.prepare(repository.featureViews());
        }
        try (FileRegistry registry = FileRegistry.open(config)) {
            print(registry.apply(registry.plan(config, repository)));
        }
    }

    private static void print(ApplyPlan plan) {
        if (plan.isEmpty()) {
            System.out.println("  registry: up to date");
        }
        plan.lines().forEach(line -> System.out.println("  " + line));
    }
}
