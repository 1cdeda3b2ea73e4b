package dev.larder.cli;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.progress.ConsoleProgress;
import dev.larder.progress.Progress;
import dev.larder.registry.RepositoryLoader;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code larder}: the options that every command shares. */
@Command(
        name = "larder",
        mixinStandardHelpOptions = true,
        version = "larder " + LarderCommand.VERSION,
        header = "A Feast-compatible feature store for the JVM.",
        description = {
            "Definitions in YAML describe entities, sources and feature views.",
            "The usual order of commands:",
            "  validate, apply      check the definitions and write registry.db",
            "  connect, ingest      capture the source's changes and take them into the lake",
            "  compute              feature rows of each stamp",
            "  materialize          the latest values into the online store",
            "  serve                answer online requests",
            "  training-set         point-in-time correct features for rows of your own",
            ""
        },
        footer = {
            "",
            "Try:  larder demo                     the banking example, end to end",
            "      larder -c my_repo validate      a repository of your own",
            "      larder help compute             what one command does, with examples"
        },
        subcommands = {
            picocli.CommandLine.HelpCommand.class,
            DemoCommand.class,
            InitCommand.class,
            ValidateCommand.class,
            ApplyCommand.class,
            StartCommand.class,
            GenerateCommand.class,
            ConnectCommand.class,
            IngestCommand.class,
            ComputeCommand.class,
            PreviewCommand.class,
            MaterializeCommand.class,
            MaterializeIncrementalCommand.class,
            DeleteEntityCommand.class,
            TrainingSetCommand.class,
            SqlCommand.class,
            ServeCommand.class,
            StatusCommand.class,
            StopCommand.class,
            CleanCommand.class
        })
final class LarderCommand implements Runnable {
    static final String VERSION = "0.1.0";

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-c", "--chdir"},
            paramLabel = "REPO",
            description =
                    "Feature repository: the folder of feature_store.yaml. Default: this folder, or else the only one below feature_repo/.")
    private @Nullable Path chdir;

    @Option(
            names = {"-f", "--feature-store-yaml"},
            paramLabel = "FILE",
            description =
                    "Settings in place of REPO's feature_store.yaml. Default: as the variable FEAST_FS_YAML_FILE_PATH says, if it is set.")
    private @Nullable Path file;

    private final Home home = Home.fromSystemProperty();

    @Override
    public void run() {
        CommandSpec self = java.util.Objects.requireNonNull(spec);
        throw new ParameterException(self.commandLine(), "Missing command");
    }

    Home home() {
        return home;
    }

    Progress progress() {
        return new ConsoleProgress(System.out);
    }

    FeatureStoreConfig config() {
        return FeatureStoreConfigLoader.load(repo(), file);
    }

    /** The settings file that was chosen by option; null: the usual one. */
    @Nullable
    Path file() {
        return file;
    }

    Repository repository(FeatureStoreConfig config) {
        return RepositoryLoader.load(config);
    }

    /** The repository's folder, absolute. */
    Path repo() {
        if (chdir != null) {
            return chdir.toAbsolutePath().normalize();
        }
        Path here = Path.of("").toAbsolutePath();
        if (Files.exists(here.resolve("feature_store.yaml"))) {
            return here;
        }
        List<Path> below = repositoriesBelow(here.resolve("feature_repo"));
        if (below.size() != 1) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "No feature_store.yaml in %s, and %s below feature_repo/ (expected: exactly one). Name the repository with -c REPO, or make one with larder init."
                            .formatted(here, below.isEmpty() ? "none" : "several (" + names(below) + ")"));
        }
        return below.get(0);
    }

    private static String names(List<Path> folders) {
        return String.join(
                ", ", folders.stream().map(p -> String.valueOf(p.getFileName())).toList());
    }

    private static List<Path> repositoriesBelow(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(child -> Files.exists(child.resolve("feature_store.yaml")))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new LarderException(ErrorCode.PATH_UNUSABLE, "Cannot list " + folder + ": " + e.getMessage(), e);
        }
    }
}
