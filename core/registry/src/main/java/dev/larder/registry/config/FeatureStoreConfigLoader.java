package dev.larder.registry.config;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.objectstorage.Location;
import dev.larder.objectstorage.S3Settings;
import dev.larder.registry.config.LarderConfig.ConnectConfig;
import dev.larder.registry.config.LarderConfig.KafkaConfig;
import dev.larder.registry.config.LarderConfig.LakeConfig;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.registry.config.LarderConfig.PostgresConfig;
import dev.larder.registry.config.LarderConfig.TrinoConfig;
import dev.larder.registry.yaml.NearNames;
import dev.larder.registry.yaml.Problem;
import dev.larder.registry.yaml.Problems;
import dev.larder.registry.yaml.YamlFile;
import dev.larder.registry.yaml.YamlMap;
import dev.larder.registry.yaml.YamlNode;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code feature_store.yaml}: environment variables are put in first, then the text is read as YAML; Feast's keys
 * keep Feast's meaning, types and defaults.
 */
public final class FeatureStoreConfigLoader {
    /** Name of the file in the repository's folder. */
    public static final String FILE_NAME = "feature_store.yaml";

    /** Feast's variable for the place of another file. */
    private static final String FILE_VARIABLE = "FEAST_FS_YAML_FILE_PATH";

    /** Comes before {@code larder: data:}, for a repository in a folder that may not be written. */
    private static final String DATA_VARIABLE = "LARDER_DATA";

    /** The keys whose values Larder acts on. */
    private static final List<String> USED = List.of("project", "registry", "online_store", "larder");

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
    private static final List<String> REDIS_KEYS = List.of(
            "type",
            "redis_type",
            "client",
            "connection_string",
            "sentinel_master",
            "key_ttl_seconds",
            "full_scan_for_deletion",
            "skip_dedup");
    private static final List<String> REDIS_KINDS = List.of("redis", "redis_cluster", "redis_sentinel");
    private static final Set<String> REDIS_TYPES = Set.of("redis", "feast.infra.online_stores.redis.RedisOnlineStore");
    private static final String DEFAULT_REDIS = "localhost:6379";
    private static final String DEFAULT_MASTER = "mymaster";
    private static final Set<String> SQLITE_TYPES =
            Set.of("sqlite", "feast.infra.online_stores.sqlite.SqliteOnlineStore");
    private static final int ENTITY_KEY_VERSION = 3;
    private static final Pattern PROJECT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_]*");
    private static final String REGISTRY_EXAMPLE =
            "the registry file, for example data/registry.db or s3://bucket/registry.db";
    private static final Pattern SIZE = Pattern.compile("(\\d{1,6})\\s*(MB|GB|TB)");
    private static final long DEFAULT_CACHE_BYTES = 10_000_000_000L;
    private static final String POSTGRESQL_URL = "jdbc:postgresql:";
    private static final String SQLITE_URL = "jdbc:sqlite:";

    private final Path repo;
    private final Path file;
    private final String dataVariable;

    private FeatureStoreConfigLoader(Path repo, Path file, String dataVariable) {
        this.repo = repo;
        this.file = file;
        this.dataVariable = dataVariable;
    }

    /**
     * @param repoDir folder of the feature repository, absolute or relative to the working folder
     * @throws LarderException {@code PATH_UNUSABLE} if there is no such folder or file; {@code DEFINITION_INVALID} with
     *     all mistakes of the file, one {@code file:line} each
     */
    public static FeatureStoreConfig load(Path repoDir) {
        return load(repoDir, null, System.getenv());
    }

    /**
     * As {@link #load(Path)}, from another file than the folder's {@code feature_store.yaml}.
     *
     * @param file relative to the working folder, or else to the repository's; null: the one that the variable {@code
     *     FEAST_FS_YAML_FILE_PATH} names, or the folder's own
     */
    public static FeatureStoreConfig load(Path repoDir, @Nullable Path file) {
        return load(repoDir, file, System.getenv());
    }

    /** Whether a text can be a project's name. */
    public static boolean isProjectName(String text) {
        return PROJECT.matcher(text).matches();
    }

    /** Whether a file of that name holds settings and no definitions: {@code feature_store.yaml} and its variants. */
    public static boolean isSettingsFile(String name) {
        return name.startsWith("feature_store") && (name.endsWith(".yaml") || name.endsWith(".yml"));
    }

    /** As {@link #load(Path)}, with the given variables for the process's environment. */
    public static FeatureStoreConfig load(Path repoDir, Map<String, String> environment) {
        return load(repoDir, null, environment);
    }

    /** As {@link #load(Path, Path)}, with the given variables for the process's environment. */
    public static FeatureStoreConfig load(Path repoDir, @Nullable Path chosen, Map<String, String> environment) {
        Path repo = repoDir.toAbsolutePath().normalize();
        if (!Files.isDirectory(repo)) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "Feature repository %s does not exist or is not a folder. Name the right one with -c <folder>, or make one with 'larder init'."
                            .formatted(repoDir));
        }
        Path file = file(repo, repoDir, chosen, environment);
        String name = String.valueOf(file.getFileName());
        Environment variables = new Environment(environment);
        String text = read(file);
        requireVariables(variables.expandMarkingUnknown(text), name, file);
        Problems problems = new Problems();
        List<YamlNode> documents = new YamlFile(name, problems).documents(variables.expand(text));
        problems.throwIfAny(file.toString());
        if (documents.size() != 1) {
            throw new LarderException(
                    ErrorCode.DEFINITION_INVALID,
                    "%s holds %d YAML documents (expected: one, with at least 'project:' and 'registry:')"
                            .formatted(file, documents.size()));
        }
        FeatureStoreConfig config = new FeatureStoreConfigLoader(
                        repo, file, environment.getOrDefault(DATA_VARIABLE, ""))
                .config(documents.get(0));
        problems.throwIfAny(file.toString());
        return config;
    }

    /**
     * A mistake that only shows where a value is used, told at the value's line of the settings file.
     *
     * @param text what is wrong, and what instead
     * @param keys where the value stands, from the top
     */
    public static LarderException mistake(FeatureStoreConfig config, String text, String... keys) {
        String name = String.valueOf(config.file().getFileName());
        Problems problems = new Problems();
        problems.add(new Problem(name, line(config.file(), name, keys), text));
        return problems.failure(config.file().toString());
    }

    private static int line(Path file, String name, String... keys) {
        int line = 1;
        List<YamlNode> documents = new YamlFile(name, new Problems()).documents(read(file));
        YamlNode node = documents.isEmpty() ? null : documents.get(0);
        for (String key : keys) {
            YamlMap map = node == null || !node.isMap() ? null : node.asMap();
            node = map == null ? null : map.get(key);
            line = node == null ? line : node.line();
        }
        return line;
    }

    private static Path file(Path repo, Path shownRepo, @Nullable Path chosen, Map<String, String> environment) {
        String variable = environment.getOrDefault(FILE_VARIABLE, "");
        if (chosen == null && variable.isBlank()) {
            Path file = repo.resolve(FILE_NAME);
            if (!Files.exists(file)) {
                throw new LarderException(
                        ErrorCode.PATH_UNUSABLE,
                        "Folder %s has no %s, so it is no feature repository. Name the right folder with -c <folder>, or make one with 'larder init'."
                                .formatted(shownRepo, FILE_NAME));
            }
            return file;
        }
        Path named = chosen == null ? Path.of(variable) : chosen;
        for (Path file :
                List.of(named.toAbsolutePath().normalize(), repo.resolve(named).normalize())) {
            if (Files.isRegularFile(file)) {
                requireMeant(repo, file, chosen);
                return file;
            }
        }
        throw new LarderException(
                ErrorCode.PATH_UNUSABLE,
                "File %s does not exist, neither from the working folder on nor in %s. Name the right one with %s."
                        .formatted(named, repo, chosen == null ? FILE_VARIABLE : "-f <file>"));
    }

    /** A variable that was set for one repository must not lead the commands for another one to the first one's registry. */
    private static void requireMeant(Path repo, Path file, @Nullable Path chosen) {
        if (chosen == null && !file.startsWith(repo) && Files.exists(repo.resolve(FILE_NAME))) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "The variable %s names %s, but the repository %s has settings of its own. Unset the variable, or choose a file with -f <file>."
                            .formatted(FILE_VARIABLE, file, repo));
        }
    }

    /** A value that still names a variable would only fail later and less clearly. */
    private static void requireVariables(String text, String name, Path file) {
        Problems problems = new Problems();
        for (YamlNode document : new YamlFile(name, new Problems()).documents(text)) {
            YamlMap top = document.isMap() ? document.asMap() : null;
            if (top != null) {
                USED.forEach(key -> requireVariables(key, top.get(key), problems));
            }
        }
        problems.throwIfAny(file.toString());
    }

    private static void requireVariables(String key, @Nullable YamlNode value, Problems problems) {
        for (YamlNode scalar : value == null ? List.<YamlNode>of() : value.scalars()) {
            String text = scalar.isText() ? scalar.asText() : null;
            for (String variable : text == null ? List.<String>of() : Environment.unknown(text)) {
                problems.add(new Problem(
                        scalar.file(),
                        scalar.line(),
                        "%s: environment variable %s is not set (expected: set before larder starts, or the value itself in place of ${%s})"
                                .formatted(key, variable, variable)));
            }
        }
    }

    private static String read(Path file) {
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
        YamlMap top = document.named(String.valueOf(file.getFileName())).asMap();
        if (top == null) {
            return new FeatureStoreConfig(
                    repo, file, "", "", "", nowhere(), sqlite(null), false, ENTITY_KEY_VERSION, larder(null, ""));
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
                file,
                project,
                top.text("project_description", ""),
                provider(top),
                registry(top),
                onlineStore(top.get("online_store")),
                metricsListener(top),
                entityKeyVersion(top),
                larder(top.map("larder"), project));
    }

    private static boolean metricsListener(YamlMap top) {
        YamlMap server = top.map("feature_server");
        YamlMap metrics = server == null ? null : server.map("metrics");
        return metrics != null && metrics.bool("enabled", false);
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

    private Location registry(YamlMap top) {
        YamlNode node = top.require("registry", REGISTRY_EXAMPLE);
        if (node == null) {
            return nowhere();
        }
        if (!node.isMap()) {
            return location(node, nowhere());
        }
        YamlMap map = node.asMap();
        if (map == null) {
            return nowhere();
        }
        YamlNode typeNode = map.get("registry_type");
        String type = typeNode == null ? "file" : typeNode.asText();
        if (typeNode != null && type != null && !type.equals("file")) {
            typeNode.report("registry_type: '%s' is not supported (supported so far: file)".formatted(type));
            return nowhere();
        }
        map.integer("cache_ttl_seconds", 600);
        map.text("cache_mode", "sync");
        return location(map.require("path", REGISTRY_EXAMPLE), nowhere());
    }

    private OnlineStoreConfig onlineStore(@Nullable YamlNode node) {
        if (node == null) {
            return sqlite(null);
        }
        YamlMap map = node.isMap() ? node.asMap() : null;
        YamlNode typeNode = map == null ? node : map.get("type");
        if (node.isMap() && map == null) {
            return sqlite(null);
        }
        String type = typeNode == null ? "sqlite" : typeNode.asText();
        if (type == null) {
            return sqlite(null);
        }
        if (SQLITE_TYPES.contains(type)) {
            return map == null ? sqlite(null) : sqlite(map);
        }
        if (REDIS_TYPES.contains(type)) {
            return redis(map);
        }
        if (typeNode != null) {
            typeNode.report(
                    "online_store: type '%s' is not supported (supported so far: sqlite, redis)".formatted(type));
        }
        return sqlite(null);
    }

    private OnlineStoreConfig sqlite(@Nullable YamlMap map) {
        Path otherwise = repo.resolve("data/online.db");
        if (map == null) {
            return new OnlineStoreConfig.Sqlite(otherwise);
        }
        map.allowOnly(SQLITE_KEYS);
        map.bool("vector_enabled", false);
        map.text("similarity");
        map.bool("text_search_enabled", false);
        map.bool("enable_openai_compatible_store", false);
        return new OnlineStoreConfig.Sqlite(localPath(map.get("path"), otherwise));
    }

    private static OnlineStoreConfig redis(@Nullable YamlMap map) {
        if (map == null) {
            return new OnlineStoreConfig.Redis(
                    REDIS_KINDS.get(0), DEFAULT_REDIS, DEFAULT_MASTER, OptionalInt.empty(), true, false);
        }
        map.allowOnly(REDIS_KEYS);
        map.text("client");
        String kind = map.text("redis_type", REDIS_KINDS.get(0));
        if (!REDIS_KINDS.contains(kind)) {
            map.reportKey(
                    "redis_type",
                    "redis_type: unknown type '%s' (%s)".formatted(kind, NearNames.instead(kind, REDIS_KINDS)));
        }
        int ttl = map.integer("key_ttl_seconds", 0);
        if (ttl < 0) {
            map.reportKey("key_ttl_seconds", "key_ttl_seconds: %d (expected: 0 for ever, or more)".formatted(ttl));
        }
        return new OnlineStoreConfig.Redis(
                kind,
                map.text("connection_string", DEFAULT_REDIS),
                map.text("sentinel_master", DEFAULT_MASTER),
                map.has("key_ttl_seconds") ? OptionalInt.of(ttl) : OptionalInt.empty(),
                map.bool("full_scan_for_deletion", true),
                map.bool("skip_dedup", false));
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
            Path data = data(null);
            return new LarderConfig(
                    Mode.STRICT,
                    data,
                    S3Settings.aws(),
                    lake(null, data),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }
        larder.allowOnly(List.of("mode", "data", "s3", "lake", "postgres", "kafka", "connect", "trino"));
        Path data = data(larder.get("data"));
        return new LarderConfig(
                mode(larder.get("mode")),
                data,
                s3(larder.map("s3")),
                lake(larder.map("lake"), data),
                postgres(larder.map("postgres")),
                kafka(larder.map("kafka")),
                connect(larder.map("connect"), project),
                trino(larder.map("trino")));
    }

    private Path data(@Nullable YamlNode node) {
        Path data = localPath(node, repo.resolve("data"));
        return dataVariable.isBlank() ? data : repo.resolve(dataVariable).normalize();
    }

    private static S3Settings s3(@Nullable YamlMap map) {
        if (map == null) {
            return S3Settings.aws();
        }
        map.allowOnly(List.of("endpoint", "region", "path_style"));
        String endpoint = map.text("endpoint");
        return new S3Settings(
                endpoint == null || endpoint.isBlank() ? null : webAddress(map, "endpoint", endpoint),
                map.text("region"),
                map.bool("path_style", false));
    }

    private static @Nullable URI webAddress(YamlMap map, String key, String text) {
        try {
            URI uri = new URI(text);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Reported below, with what is expected.
        }
        map.reportKey(
                key,
                "%s: '%s' is no web address (expected: http://HOST:PORT or https://HOST:PORT)".formatted(key, text));
        return null;
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
        Location.Local folder = new Location.Local(data.resolve("lake"));
        String catalogInData = SQLITE_URL + data.resolve("catalog.db");
        if (lake == null) {
            return new LakeConfig(folder, catalogInData, Optional.empty(), Optional.empty(), DEFAULT_CACHE_BYTES);
        }
        lake.allowOnly(List.of("warehouse", "catalog", "user", "password", "cache_size"));
        return new LakeConfig(
                location(lake.get("warehouse"), folder),
                catalog(lake, catalogInData),
                Optional.ofNullable(lake.text("user")),
                Optional.ofNullable(lake.text("password")),
                cacheBytes(lake));
    }

    private String catalog(YamlMap lake, String otherwise) {
        String catalog = lake.text("catalog");
        if (catalog == null) {
            return otherwise;
        }
        if (!catalog.startsWith(SQLITE_URL) && !catalog.startsWith(POSTGRESQL_URL)) {
            lake.reportKey(
                    "catalog",
                    "catalog: is no JDBC URL that Larder knows (expected: jdbc:sqlite:data/catalog.db or jdbc:postgresql://HOST:PORT/DATABASE)");
        }
        if (catalog.startsWith(SQLITE_URL)) {
            String file = catalog.substring(SQLITE_URL.length());
            return SQLITE_URL + repo.resolve(file).normalize();
        }
        return catalog;
    }

    private static long cacheBytes(YamlMap lake) {
        String text = lake.text("cache_size");
        if (text == null) {
            return DEFAULT_CACHE_BYTES;
        }
        Matcher size = SIZE.matcher(text);
        if (!size.matches() || Long.parseLong(size.group(1)) == 0) {
            lake.reportKey(
                    "cache_size", "cache_size: '%s' is no size (expected: for example 500MB or 10GB)".formatted(text));
            return DEFAULT_CACHE_BYTES;
        }
        long unit =
                switch (size.group(2)) {
                    case "MB" -> 1_000_000L;
                    case "GB" -> 1_000_000_000L;
                    default -> 1_000_000_000_000L;
                };
        return Long.parseLong(size.group(1)) * unit;
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
        if (url != null) {
            webAddress(map, "url", url);
        }
        String connector = map.text("connector", project);
        return Optional.ofNullable(url).map(address -> new ConnectConfig(address, connector));
    }

    private static Optional<TrinoConfig> trino(@Nullable YamlMap map) {
        if (map == null) {
            return Optional.empty();
        }
        map.allowOnly(List.of("url", "user", "catalog"));
        String url = map.requireText("url", "Trino's address, for example http://trino.example.com:8080");
        if (url != null && url.isBlank()) {
            return Optional.empty();
        }
        if (url != null) {
            webAddress(map, "url", url);
        }
        String user = map.text("user", "larder");
        String catalog = map.text("catalog", "lakehouse");
        return Optional.ofNullable(url).map(address -> new TrinoConfig(address, user, catalog));
    }

    private Location location(@Nullable YamlNode node, Location otherwise) {
        String text = node == null ? null : node.asText();
        if (node == null || text == null) {
            return otherwise;
        }
        if (!text.contains("://")) {
            return new Location.Local(repo.resolve(text).normalize());
        }
        Optional<Location> s3 = Location.S3.parse(text).map(Location.class::cast);
        if (s3.isEmpty()) {
            node.report(
                    text.startsWith(Location.S3_SCHEME)
                            ? "%s: '%s' names no bucket and key (expected: s3://BUCKET/KEY)"
                                    .formatted(node.what(), text)
                            : "%s: starts with '%s' (supported so far: a path on this machine, s3://BUCKET/KEY)"
                                    .formatted(node.what(), text.substring(0, text.indexOf("://") + 3)));
        }
        return s3.orElse(otherwise);
    }

    private Location nowhere() {
        return new Location.Local(repo);
    }

    private Path localPath(@Nullable YamlNode node, Path otherwise) {
        String path = node == null ? null : node.asText();
        if (node == null || path == null) {
            return otherwise;
        }
        if (path.contains("://")) {
            node.report("%s: starts with '%s' (expected: a path on this machine)"
                    .formatted(node.what(), path.substring(0, path.indexOf("://") + 3)));
            return otherwise;
        }
        return repo.resolve(path).normalize();
    }
}
