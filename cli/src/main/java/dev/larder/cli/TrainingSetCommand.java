package dev.larder.cli;

import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureRef;
import dev.larder.model.FeatureView;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.objectstorage.ObjectCache;
import dev.larder.offlinestore.Lake;
import dev.larder.offlinestore.LakeAddress;
import dev.larder.offlinestore.LakeFiles;
import dev.larder.offlinestore.training.DuckDbPointInTimeJoin;
import dev.larder.offlinestore.training.DuckDbSettings;
import dev.larder.offlinestore.training.RequestedView;
import dev.larder.offlinestore.training.TrainingSet;
import dev.larder.offlinestore.training.TrainingSetRequest;
import dev.larder.offlinestore.training.TrainingSets;
import dev.larder.registry.DefinitionHash;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.LarderConfig.LakeConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "training-set",
        mixinStandardHelpOptions = true,
        header = "Join features to rows of your own, as they were known at each row's time.",
        description = {
            "The entity file holds the join keys, event_timestamp (without an offset: UTC) and any other columns; the output",
            "has the same rows in the same order with the features behind them. A sidecar file names the snapshots that were",
            "read; the tables keep them for a year, so --repeat gives the same rows cell for cell.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  larder training-set --entities labels.csv --feature-service user_risk --out training.parquet",
            "  larder training-set --entities labels.parquet --out training.csv \\",
            "         --features transactions_last_week:total_amount_l1w,customer_demographics:age",
            "  larder training-set --repeat training.parquet.larder.json --out again.parquet"
        })
final class TrainingSetCommand implements Callable<Integer> {
    private static final String DEFAULT_MEMORY = defaultMemory();

    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @ArgGroup(exclusive = true, multiplicity = "1")
    private What what = new What();

    @Option(names = "--entities", paramLabel = "FILE", description = "CSV or Parquet file of entity rows.")
    private @Nullable Path entities;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "Where to write; .parquet or .csv decides the format.")
    private Path out = Path.of("");

    @Option(names = "--full-feature-names", description = "Name the columns view__feature.")
    private boolean fullFeatureNames;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description = "Memory of the join; what does not fit goes to disk. Default: ${DEFAULT-VALUE}")
    private String memory = DEFAULT_MEMORY;

    private static String defaultMemory() {
        String set = System.getenv("LARDER_TRAINING_MEMORY");
        return set == null || set.isEmpty() ? "1GB" : set;
    }

    /** One way to say which features. */
    static final class What {
        @Option(
                names = "--features",
                split = ",",
                paramLabel = "VIEW:FEATURE",
                description = "Features, joined by commas.")
        private @Nullable List<String> features;

        @Option(names = "--feature-service", paramLabel = "NAME", description = "All features of a feature service.")
        private @Nullable String featureService;

        @Option(
                names = "--repeat",
                paramLabel = "SIDECAR",
                description = "Export again what this .larder.json describes.")
        private @Nullable Path sidecar;
    }

    @Override
    public Integer call() {
        FeatureStoreConfig config = larder.config();
        if (what.sidecar != null) {
            Path sidecar = what.sidecar;
            write(config, memory, sets -> sets.repeat(sidecar, out, larder.progress()));
        } else {
            TrainingSetRequest request = request(larder.repository(config));
            write(config, memory, sets -> sets.export(request, out, larder.progress()));
        }
        return 0;
    }

    /** Exports all features of a service. */
    static void export(LarderCommand larder, FeatureStoreConfig config, Path entities, String service, Path out) {
        Repository repository = larder.repository(config);
        List<RequestedView> views =
                RequestedView.ofService(repository, repository.featureService(service), definitions(repository));
        TrainingSetRequest request = new TrainingSetRequest(entities, views, false);
        write(config, DEFAULT_MEMORY, sets -> sets.export(request, out, larder.progress()));
    }

    private static void write(FeatureStoreConfig config, String memory, Function<TrainingSets, TrainingSet> work) {
        LakeConfig lakeConfig = config.larder().lake();
        LakeAddress address = new LakeAddress(
                lakeConfig.catalog(),
                lakeConfig.user(),
                lakeConfig.password(),
                lakeConfig.warehouse(),
                config.larder().s3());
        LakeFiles files = LakeFiles.of(
                address, new ObjectCache(config.larder().data().resolve("cache/lake"), lakeConfig.cacheBytes()));
        DuckDbSettings settings =
                new DuckDbSettings(memory, Runtime.getRuntime().availableProcessors());
        try (Lake lake = Lake.open(address, config.project())) {
            TrainingSet written = work.apply(new TrainingSets(
                    lake, new DuckDbPointInTimeJoin(settings, files), LarderCommand.VERSION, Clock.systemUTC()));
            System.out.printf(
                    Locale.ROOT,
                    "  wrote %s: %,d rows, %d columns%n",
                    written.output(),
                    written.rows(),
                    written.columns().size());
        }
    }

    private TrainingSetRequest request(Repository repository) {
        if (entities == null) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "--entities is missing (expected: a CSV or Parquet file with the join keys and event_timestamp)");
        }
        List<RequestedView> views = what.features != null
                ? RequestedView.ofFeatures(
                        repository,
                        what.features.stream().map(FeatureRef::parse).toList(),
                        definitions(repository))
                : RequestedView.ofService(
                        repository,
                        repository.featureService(String.valueOf(what.featureService)),
                        definitions(repository));
        return new TrainingSetRequest(entities, views, fullFeatureNames);
    }

    private static Function<FeatureView, Optional<String>> definitions(Repository repository) {
        return view -> view.computation() == null
                ? Optional.empty()
                : Optional.of(DefinitionHash.of(view, repository.dataSource(view.source())));
    }
}
