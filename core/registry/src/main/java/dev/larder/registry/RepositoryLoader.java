package dev.larder.registry;

import dev.larder.feast.FeatureHash;
import dev.larder.model.DataSource;
import dev.larder.model.Entity;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureService;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import dev.larder.registry.yaml.NearNames;
import dev.larder.registry.yaml.Problem;
import dev.larder.registry.yaml.Problems;
import dev.larder.registry.yaml.YamlFile;
import dev.larder.registry.yaml.YamlMap;
import dev.larder.registry.yaml.YamlNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the definitions of a repository: every {@code *.yaml} and {@code *.yml} file in its folder and below, except
 * {@code feature_store*.yaml}, hidden folders and the folder that Larder writes.
 */
public final class RepositoryLoader {
    private static final List<String> KINDS = List.of("Entity", "DataSource", "FeatureView", "FeatureService");

    private final FeatureStoreConfig config;
    private final Problems problems = new Problems();
    private final Problems warnings = new Problems();
    private final Set<String> unreadable = new HashSet<>();
    private final Definitions<Entity> entities = new Definitions<>("entity", unreadable);
    private final Definitions<DataSource> sources = new Definitions<>("source", unreadable);
    private final Definitions<FeatureView> views = new Definitions<>("feature view", unreadable);
    private final Definitions<FeatureService> services = new Definitions<>("feature service", unreadable);

    private RepositoryLoader(FeatureStoreConfig config) {
        this.config = config;
    }

    /** Definitions without a mistake, and what is allowed but probably not meant. */
    public record Validation(Repository repository, List<Problem> warnings) {
        public Validation {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * @throws LarderException {@code DEFINITION_INVALID} with all mistakes, one {@code file:line} each;
     *     {@code PATH_UNUSABLE} if a file cannot be read
     */
    public static Repository load(FeatureStoreConfig config) {
        return validate(config).repository();
    }

    /** As {@link #load}, with the warnings. */
    public static Validation validate(FeatureStoreConfig config) {
        return new RepositoryLoader(config).validation();
    }

    private Validation validation() {
        Map<String, List<YamlMap>> byKind = documents();
        read(byKind, "Entity", entities, new EntityReader()::read);
        read(byKind, "DataSource", sources, new DataSourceReader(config.project())::read);
        read(byKind, "FeatureView", views, new FeatureViewReader(entities, sources, problems, warnings)::read);
        read(byKind, "FeatureService", services, new FeatureServiceReader(views, warnings)::read);
        checkLakeNames();
        checkHashes();
        problems.throwIfAny(config.repo().toString());
        if (views.isEmpty()) {
            throw new LarderException(
                    ErrorCode.DEFINITION_INVALID,
                    "%s defines no feature view. Write one in a file such as views.yaml, or start with 'larder init' in a new folder."
                            .formatted(config.repo()));
        }
        return new Validation(
                new Repository(
                        config.project(), entities.values(), sources.values(), views.values(), services.values()),
                warnings.sorted());
    }

    private Map<String, List<YamlMap>> documents() {
        Map<String, List<YamlMap>> byKind = new HashMap<>();
        for (Path path : files()) {
            String name = config.repo().relativize(path).toString();
            for (YamlNode document : new YamlFile(name, problems).documents(text(path))) {
                YamlMap map = document.asMap();
                String kind = map == null ? null : kind(map);
                if (map != null && kind != null) {
                    byKind.computeIfAbsent(kind, k -> new ArrayList<>()).add(map);
                } else if (map != null) {
                    YamlNode named = map.get("name");
                    unreadable.add(named == null || !named.isText() ? "" : String.valueOf(named.asText()));
                }
            }
        }
        return byKind;
    }

    private static @Nullable String kind(YamlMap map) {
        YamlNode node = map.require("kind", "one of " + String.join(", ", KINDS));
        String kind = node == null ? null : node.asText();
        if (node == null || kind == null) {
            return null;
        }
        if (!KINDS.contains(kind)) {
            node.report("unknown kind '%s' (%s)".formatted(kind, NearNames.instead(kind, KINDS)));
            return null;
        }
        return kind;
    }

    private static <T> void read(
            Map<String, List<YamlMap>> byKind,
            String kind,
            Definitions<T> definitions,
            BiFunction<YamlMap, String, @Nullable T> reader) {
        for (YamlMap map : byKind.getOrDefault(kind, List.of())) {
            String name = Identifier.read(map.named(kind), "name", "my_" + kind.toLowerCase(Locale.ROOT));
            String shown = name == null ? kind : kind + " '" + name + "'";
            // Read even without a name: the other mistakes belong to the same report.
            T value = reader.apply(map.named(shown), name == null ? "unnamed" : name);
            if (name != null) {
                definitions.add(name, map.self(), value);
            }
        }
    }

    /** Every view's table of finished rows is registered as a source, too. */
    private void checkLakeNames() {
        for (String view : views.names()) {
            String lakeName = view + "_lake";
            if (sources.names().contains(lakeName)) {
                sources.where(lakeName)
                        .report("source '%s' has the name of the table of feature view '%s' (expected: another name)"
                                .formatted(lakeName, view));
            }
        }
    }

    /** Feast's Redis store keeps all views of the same entities in one hash, under four bytes per feature. */
    private void checkHashes() {
        Map<String, String> features = new HashMap<>();
        for (FeatureView view : views.values()) {
            String entitySet = view.joinKeys().stream().sorted().collect(Collectors.joining(","));
            for (Field feature : view.features()) {
                String reference = view.name() + ":" + feature.name();
                String slot = entitySet + "/" + FeatureHash.of(view.name(), feature.name());
                String other = features.putIfAbsent(slot, reference);
                if (other != null) {
                    views.where(view.name())
                            .report(
                                    "features %s and %s share one key in Feast's online layout (expected: rename one of them)"
                                            .formatted(other, reference));
                }
            }
        }
    }

    private List<Path> files() {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(config.repo(), new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    boolean skipped = folder.equals(config.larder().data())
                            || folder.equals(config.repo().resolve("data"))
                            || (!folder.equals(config.repo()) && isHidden(folder));
                    return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    String name = String.valueOf(file.getFileName());
                    boolean yaml = name.endsWith(".yaml") || name.endsWith(".yml");
                    if (yaml && !isHidden(file) && !FeatureStoreConfigLoader.isSettingsFile(name)) {
                        files.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "Cannot list the files of %s: %s. Check its permissions.".formatted(config.repo(), e),
                    e);
        }
        files.sort(null);
        return files;
    }

    private static boolean isHidden(Path path) {
        return String.valueOf(path.getFileName()).startsWith(".");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new LarderException(
                    ErrorCode.DEFINITION_INVALID, "%s is not UTF-8 text. Save it as UTF-8.".formatted(file), e);
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE, "Cannot read %s: %s. Check its permissions.".formatted(file, e), e);
        }
    }
}
