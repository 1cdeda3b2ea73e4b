package dev.larder.registry.config;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.registry.config.LarderConfig.ConnectConfig;
import dev.larder.registry.config.LarderConfig.KafkaConfig;
import dev.larder.registry.config.LarderConfig.LakeConfig;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.registry.config.LarderConfig.PostgresConfig;
import dev.larder.registry.yaml.NearNames;
import dev.larder.registry.yaml.Problems;
import dev.larder.registry.yaml.YamlFile;
import dev.larder.registry.yaml.YamlMap;
import dev.larder.registry.yaml.YamlNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code feature_store.yaml}: environment variables are put in first, then the text is read as YAML; Feast's keys
 * keep Feast's meaning, types and defaults.
 */
public final class FeatureStoreConfigLoader {
    /** Name of the file in the repository's folder. */
    public static final String FILE_NAME = "feature_store.yaml";

    private static final List<String> TOP_LEVEL = List.of(
            "project",
            "project_description",
            "provider",
            "registry",
            "online_store",
            "offline_store",
            "batch_engine",
            "entity_key_serialization_version",
            "auth",
            "feature_server",
            "materialization",
            "coerce_tz_aware",
            "flags",
            "repo_path",
            "embedding_model",
            "openlineage",
            "mlflow",
            "data_quality_monitoring",
            "larder");
    private static final List<String> SQLITE_KEYS = List.of(
            "type", "path", "vector_enabled", "similarity", "text_search_enabled", "enable_openai_compatible_store");
    private static final List<String> PROVIDERS = List.of("local", "gcp", "aws", "azure", "chronon");
    private static final Set<String> SQLITE_TYPES =
            Set.of("sqlite", "feast.infra.online_stores.sqlite.SqliteOnlineStore");
    private static final int ENTITY_KEY_VERSION = 3;
    private static final Pattern PROJECT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_]*");
    private static final String SQLITE_URL = "jdbc:sqlite:";

    private final Path repo;

    private FeatureStoreConfigLoader(Path repo) {
        this.repo = repo;
    }

    /**
     * @param repoDir folder of the feature repository, absolute or relative to the working folder
     * @throws LarderException {@code PATH_UNUSABLE} if there is no such folder or file; {@code DEFINITION_INVALID} with
     *     all mistakes of the file, one {@code file:line} each
     */
    public static FeatureStoreConfig load(Path repoDir) {
        return load(repoDir, System.getenv());
    }

    /** Whether a text can be a project's name. */
    public static boolean isProjectName(String text) {
        return PROJECT.matcher(text).matches();
    }

    /** As {@link #load(Path)}, with the given variables for the process's environment. */
    public static FeatureStoreConfig load(Path repoDir, Map<String, String> environment) {
        Path repo = repoDir.toAbsolutePath().normalize();
        if (!Files.isDirectory(repo)) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "Feature repository %s does not exist or is not a folder. Name the right one with -c <folder>, or make one with 'larder init'."
                            .formatted(repoDir));
        }
        Path file = repo.resolve(FILE_NAME);
        String text = new Environment(environment).expand(read(file, repoDir));
        Problems problems = new Problems();
        List<YamlNode> documents = new YamlFile(FILE_NAME, problems).documents(text);
        problems.throwIfAny(file.toString());
        if (documents.size() != 1) {
            throw new LarderException(
                    ErrorCode.DEFINITION_INVALID,
                    "%s holds %d YAML documents (expected: one, with at least 'project:' and 'registry:')"
                            .formatted(file, documents.size()));
        }
        FeatureStoreConfig config = new FeatureStoreConfigLoader(repo).config(documents.get(0));
        problems.throwIfAny(file.toString());
        return config;
    }

    private static String read(Path file, Path repoDir) {
        if (!Files.exists(file)) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "Folder %s has no %s, so it is no feature repository. Name the right folder with -c <folder>, or make one with 'larder init'."
                            .formatted(repoDir, FILE_NAME));
        }
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

    /** After a mistake the result holds stand-ins; the caller throws before anyone sees them. */
    private FeatureStoreConfig config(YamlNode document) {
        YamlMap top = document.named(FILE_NAME).asMap();
        if (top == null) {
            return new FeatureStoreConfig(repo, "", "", "", repo, sqlite(null), ENTITY_KEY_VERSION, larder(null, ""));
        }
        // Feast accepts foreign keys here; only what looks like a slip of the pen is refused.
        for (String key : top.keys()) {
            if (!TOP_LEVEL.contains(key) && !NearNames.near(key, TOP_LEVEL).isEmpty()) {
                top.reportKey(key, "unknown key '%s' (%s)".formatted(key, NearNames.instead(key, TOP_LEVEL)));
            }
        }
        String project = project(top);
        return new FeatureStoreConfig(
                repo,
                project,
                top.text("project_description", ""),
                provider(top),
                registry(top),
                onlineStore(top.get("online_store")),
                entityKeyVersion(top),
                larder(top.map("larder"), project));
    }

    private static String project(YamlMap top) {
        YamlNode node = top.require("project", "a name such as banking");
        String project = node == null ? null : node.asText();
        if (node == null || project == null) {
            return "";
        }
        if (!isProjectName(project)) {
            node.report(
                    "project: '%s' is no usable name (expected: letters, digits and '_', not '_' first; it becomes part of table names)"
                            .formatted(project));
        }
        return project;
    }

    private static String provider(YamlMap top) {
        YamlNode node = top.get("provider");
        String provider = node == null ? "local" : node.asText();
        if (node != null && provider != null && !PROVIDERS.contains(provider)) {
            node.report("provider: unknown name '%s' (%s)".formatted(provider, NearNames.instead(provider, PROVIDERS)));
        }
        return provider == null ? "local" : provider;
    }

    private Path registry(YamlMap top) {
        YamlNode node = top.require("registry", "the registry file, for example data/registry.db");
        if (node == null) {
            return repo;
        }
        if (!node.isMap()) {
            return localPath(node, repo);
        }
        YamlMap map = node.asMap();
        if (map == null) {
            return repo;
        }
        YamlNode typeNode = map.get("registry_type");
        String type = typeNode == null ? "file" : typeNode.asText();
        if (typeNode != null && type != null && !type.equals("file")) {
            typeNode.report("registry_type: '%s' is not supported (supported so far: file)".formatted(type));
            return repo;
        }
        map.integer("cache_ttl_seconds", 600);
        map.text("cache_mode", "sync");
        return localPath(map.require("path", "the registry file, for example data/registry.db"), repo);
    }

    private OnlineStoreConfig onlineStore(@Nullable YamlNode node) {
        if (node == null) {
            return sqlite(null);
        }
        if (!node.isMap()) {
            checkOnlineStoreType(node);
            return sqlite(null);
        }
        YamlMap map = node.asMap();
        YamlNode type = map == null ? null : map.get("type");
        if (map != null && (type == null || checkOnlineStoreType(type))) {
            map.allowOnly(SQLITE_KEYS);
            map.bool("vector_enabled", false);
            map.text("similarity");
            map.bool("text_search_enabled", false);
            map.bool("enable_openai_compatible_store", false);
            return sqlite(map.get("path"));
        }
        return sqlite(null);
    }

    private OnlineStoreConfig.Sqlite sqlite(@Nullable YamlNode path) {
        return new OnlineStoreConfig.Sqlite(localPath(path, repo.resolve("data/online.db")));
    }

    private static boolean checkOnlineStoreType(YamlNode node) {
        String type = node.asText();
        if (type != null && !SQLITE_TYPES.contains(type)) {
            node.report("online_store: type '%s' is not supported (supported so far: sqlite)".formatted(type));
        }
        return type != null && SQLITE_TYPES.contains(type);
    }

    private static int entityKeyVersion(YamlMap top) {
        int version = top.integer("entity_key_serialization_version", ENTITY_KEY_VERSION);
        if (version != ENTITY_KEY_VERSION) {
            top.reportKey(
                    "entity_key_serialization_version",
                    "entity_key_serialization_version: %d is not supported (expected: 3, Feast's current one)"
                            .formatted(version));
        }
        return version;
    }

    private LarderConfig larder(@Nullable YamlMap larder, String project) {
        if (larder == null) {
            Path data = repo.resolve("data");
            return new LarderConfig(
                    Mode.STRICT, data, lake(null, data), Optional.empty(), Optional.empty(), Optional.empty());
        }
        larder.allowOnly(List.of("mode", "data", "lake", "postgres", "kafka", "connect"));
        Path data = localPath(larder.get("data"), repo.resolve("data"));
        return new LarderConfig(
                mode(larder.get("mode")),
                data,
                lake(larder.map("lake"), data),
                postgres(larder.map("postgres")),
                kafka(larder.map("kafka")),
                connect(larder.map("connect"), project));
    }

    private static Mode mode(@Nullable YamlNode node) {
        String mode = node == null ? "strict" : node.asText();
        if (node != null && mode != null && !mode.equals("strict") && !mode.equals("feast")) {
            node.report("mode: unknown mode '%s' (%s)"
                    .formatted(mode, NearNames.instead(mode, List.of("strict", "feast"))));
        }
        return "feast".equals(mode) ? Mode.FEAST : Mode.STRICT;
    }

    private LakeConfig lake(@Nullable YamlMap lake, Path data) {
        if (lake != null) {
            lake.allowOnly(List.of("warehouse", "catalog"));
        }
        Path warehouse = localPath(lake == null ? null : lake.get("warehouse"), data.resolve("lake"));
        String catalog = lake == null ? null : lake.text("catalog");
        if (lake == null || catalog == null) {
            return new LakeConfig(warehouse, SQLITE_URL + data.resolve("catalog.db"));
        }
        if (!catalog.startsWith("jdbc:")) {
            lake.reportKey("catalog", "catalog: is no JDBC URL (expected: for example jdbc:sqlite:data/catalog.db)");
        }
        if (catalog.startsWith(SQLITE_URL)) {
            String file = catalog.substring(SQLITE_URL.length());
            return new LakeConfig(warehouse, SQLITE_URL + repo.resolve(file).normalize());
        }
        return new LakeConfig(warehouse, catalog);
    }

    private static Optional<PostgresConfig> postgres(@Nullable YamlMap map) {
        if (map == null) {
            return Optional.empty();
        }
        map.allowOnly(List.of("host", "port", "database", "user", "password"));
        String host = map.requireText("host", "the database server's name, for example db.example.com");
        int port = port(map, 5432);
        String database = map.requireText("database", "the database's name");
        String user = map.requireText("user", "a user that may read the tables");
        String password = map.requireText("password", "that user's password, best as ${NAME} from the environment");
        if (host == null || database == null || user == null || password == null) {
            return Optional.empty();
        }
        return Optional.of(new PostgresConfig(host, port, database, user, password));
    }

    private static int port(YamlMap map, int otherwise) {
        int port = map.integer("port", otherwise);
        if (port < 1 || port > 65535) {
            map.reportKey("port", "port: %d (expected: 1 to 65535)".formatted(port));
        }
        return port;
    }

    private static Optional<KafkaConfig> kafka(@Nullable YamlMap map) {
        if (map == null) {
            return Optional.empty();
        }
        map.allowOnly(List.of("bootstrap_servers"));
        String servers = map.requireText("bootstrap_servers", "HOST:PORT of a Kafka broker, more separated by commas");
        return Optional.ofNullable(servers).map(KafkaConfig::new);
    }

    private static Optional<ConnectConfig> connect(@Nullable YamlMap map, String project) {
        if (map == null) {
            return Optional.empty();
        }
        map.allowOnly(List.of("url", "connector"));
        String url = map.requireText("url", "Kafka Connect's address, for example http://connect.example.com:8083");
        if (url != null && !url.startsWith("http://") && !url.startsWith("https://")) {
            map.reportKey("url", "url: is no web address (expected: http://HOST:PORT or https://HOST:PORT)");
        }
        String connector = map.text("connector", project);
        return Optional.ofNullable(url).map(address -> new ConnectConfig(address, connector));
    }

    private Path localPath(@Nullable YamlNode node, Path otherwise) {
        String path = node == null ? null : node.asText();
        if (node == null || path == null) {
            return otherwise;
        }
        if (path.contains("://")) {
            node.report("%s: starts with '%s' (supported so far: a path on this machine)"
                    .formatted(node.what(), path.substring(0, path.indexOf("://") + 3)));
            return otherwise;
        }
        return repo.resolve(path).normalize();
    }
}
