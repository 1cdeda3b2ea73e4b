package dev.larder.cli;

import dev.larder.model.Repository;
import dev.larder.registry.RepositoryLoader;
import dev.larder.registry.config.FeatureStoreConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        header = "Check every definition of the repository; nothing is written.",
        description = {
            "Reads feature_store.yaml and all YAML files beside it and reports every mistake at once as file:line.",
            ""
        },
        footer = {"", "Example:  larder -c feature_repo/banking validate"})
final class ValidateCommand implements Callable<Integer> {
    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Override
    public Integer call() {
        FeatureStoreConfig config = larder.config();
        OnlineStores.check(config);
        RepositoryLoader.Validation validation = RepositoryLoader.validate(config);
        validation.warnings().forEach(warning -> System.out.println("warning: " + warning));
        Repository repository = validation.repository();
        System.out.printf(
                "Project %s is valid: entities %d, data sources %d, feature views %d, feature services %d%n",
                repository.project(),
                repository.entities().size(),
                repository.dataSources().size(),
                repository.featureViews().size(),
                repository.featureServices().size());
        return 0;
    }
}
