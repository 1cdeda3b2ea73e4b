package dev.larder.cli;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.objectstorage.Location;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.LarderConfig.LakeConfig;
import dev.larder.registry.config.OnlineStoreConfig;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "clean",
        mixinStandardHelpOptions = true,
        header = "Stop everything and delete the repository's data folder: registry, stores, lake, embedded databases.",
        description = {
            "Definitions stay. What lies elsewhere (S3, Redis, PostgreSQL, Kafka) is never touched: it may be others', too.",
            ""
        },
        footer = {"", "Example:  larder -c feature_repo/banking clean --yes"})
final class CleanCommand implements Callable<Integer> {
    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Override
    public Integer call() {
        FeatureStoreConfig config = larder.config();
        Path data = config.larder().data();
        refuseDangerous(config.repo(), data);
        if (Files.exists(data) && !yes && !confirmed(data)) {
            System.out.println("Nothing deleted.");
            return 1;
        }
        StopCommand.stopAll(config);
        delete(data);
        System.out.println("Deleted " + data);
        elsewhere(config, data).forEach(line -> System.out.println("Not touched: " + line));
        return 0;
    }

    private static List<String> elsewhere(FeatureStoreConfig config, Path data) {
        LakeConfig lake = config.larder().lake();
        List<String> places = new ArrayList<>();
        if (!isBelow(config.registry(), data)) {
            places.add("registry " + config.registry());
        }
        if (!(config.onlineStore() instanceof OnlineStoreConfig.Sqlite sqlite
                && sqlite.path().startsWith(data))) {
            places.add("online store " + StatusCommand.onlineStore(config.onlineStore()));
        }
        if (!isBelow(lake.warehouse(), data)) {
            places.add("lake " + lake.warehouse());
        }
        if (!lake.catalog().startsWith("jdbc:sqlite:" + data)) {
            places.add("the lake's catalog " + lake.catalogAddress());
        }
        return places;
    }

    private static boolean isBelow(Location location, Path folder) {
        return location instanceof Location.Local local && local.path().startsWith(folder);
    }

    private static boolean confirmed(Path data) {
        System.out.printf("Delete %s with all that is in it? [y/N] ", data);
        System.out.flush();
        try {
            int answer = System.in.read();
            return answer == 'y' || answer == 'Y';
        } catch (IOException e) {
            throw new LarderException(ErrorCode.ARGUMENT_INVALID, "No answer could be read; use --yes", e);
        }
    }

    /** A data folder that holds the definitions, or lies above them, would take them along. */
    private static void refuseDangerous(Path repo, Path data) {
        if (repo.startsWith(data)) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "larder: data: is %s, which holds the definitions in %s (expected: a folder of its own)"
                            .formatted(data, repo));
        }
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                        throws IOException {
                    if (failure != null) {
                        throw failure;
                    }
                    Files.delete(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new LarderException(ErrorCode.PATH_UNUSABLE, "Cannot delete " + folder + ": " + e.getMessage(), e);
        }
    }
}
