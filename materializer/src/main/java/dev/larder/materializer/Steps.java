package dev.larder.materializer;

import dev.larder.materializer.compute.Compute;
import dev.larder.materializer.compute.Preview;
import dev.larder.materializer.ingest.Ingest;
import dev.larder.materializer.ingest.KafkaChangeLog;
import dev.larder.materializer.lake.Lake;
import dev.larder.materializer.online.Materialize;
import dev.larder.materializer.online.OnlineStores;
import dev.larder.model.DataSource;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureView;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.progress.Progress;
import dev.larder.registry.FileRegistry;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.LarderConfig.KafkaConfig;
import java.io.PrintStream;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Does the steps of one command line on one lake. */
final class Steps {
    private final FeatureStoreConfig config;
    private final Repository repository;
    private final Lake lake;
    private final @Nullable String kafka;
    private final Progress progress;
    private final Clock clock;
    private final PrintStream out;

    Steps(
            FeatureStoreConfig config,
            Repository repository,
            Lake lake,
            @Nullable String kafka,
            Progress progress,
            Clock clock,
            PrintStream out) {
        this.config = config;
        this.repository = repository;
        this.lake = lake;
        this.kafka = kafka;
        this.progress = progress;
        this.clock = clock;
        this.out = out;
    }

    /** Finds unknown names before Spark is started. */
    static void check(List<Step> steps, Repository repository) {
        for (Step step : steps) {
            if (step instanceof Step.Ingest ingest) {
                ingest.sources().forEach(repository::dataSource);
            } else if (step instanceof Step.Compute compute) {
                compute.views().forEach(repository::featureView);
            } else if (step instanceof Step.Preview preview) {
                repository.featureView(preview.view());
            } else if (step instanceof Step.Materialize materialize) {
                materialize.views().forEach(repository::featureView);
            } else if (step instanceof Step.MaterializeIncremental materialize) {
                materialize.views().forEach(repository::featureView);
            }
        }
    }

    void run(Step step) {
        if (step instanceof Step.Ingest ingest) {
            ingest(ingest);
        } else if (step instanceof Step.Compute compute) {
            Compute computing = new Compute(lake, repository, progress, clock);
            for (FeatureView view : views(compute.views(), false)) {
                computing.run(view, compute.from(), compute.to());
            }
        } else if (step instanceof Step.Preview preview) {
            new Preview(lake, repository, clock, out)
                    .run(
                            repository.featureView(preview.view()),
                            preview.entity(),
                            preview.from(),
                            preview.to(),
                            preview.limit());
        } else if (step instanceof Step.Materialize materialize) {
            for (FeatureView view : views(materialize.views(), true)) {
                materializing().run(view, materialize.start(), materialize.end());
            }
        } else if (step instanceof Step.MaterializeIncremental materialize) {
            for (FeatureView view : views(materialize.views(), true)) {
                materializing().incremental(view, materialize.end());
            }
        }
    }

    private void ingest(Step.Ingest step) {
        String servers = Optional.ofNullable(kafka)
                .or(() -> config.larder().kafka().map(KafkaConfig::bootstrapServers))
                .orElseThrow(
                        () -> new LarderException(
                                ErrorCode.ARGUMENT_INVALID,
                                "No Kafka is named (expected: --kafka HOST:PORT, or larder.kafka.bootstrap_servers in feature_store.yaml)"));
        Ingest ingest = new Ingest(lake, new KafkaChangeLog(lake.spark(), servers), progress);
        List<DataSource> sources = step.sources().isEmpty()
                ? repository.dataSources()
                : step.sources().stream().map(repository::dataSource).toList();
        sources.forEach(ingest::run);
    }

    private Materialize materializing() {
        return new Materialize(
                lake,
                repository,
                FileRegistry.open(config),
                OnlineStores.of(config),
                config.entityKeyVersion(),
                progress);
    }

    /** The named views; without names those that Larder computes, and of these maybe only the online ones. */
    private List<FeatureView> views(List<String> names, boolean onlineOnly) {
        if (!names.isEmpty()) {
            return names.stream().map(repository::featureView).toList();
        }
        return repository.featureViews().stream()
                .filter(view -> view.computation() != null)
                .filter(view -> view.online() || !onlineOnly)
                .toList();
    }
}
