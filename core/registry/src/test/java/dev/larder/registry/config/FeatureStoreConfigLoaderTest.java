package dev.larder.registry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeatureStoreConfigLoaderTest {
    private final Path repo;

    FeatureStoreConfigLoaderTest(@TempDir Path repo) {
        this.repo = repo;
    }

    @Test
    void everyKeyHasFeastsOrItsOwnDefault() throws IOException {
        FeatureStoreConfig config = load("project: shop\nregistry: data/registry.db\n");

        assertThat(config)
                .isEqualTo(new FeatureStoreConfig(
                        repo,
                        repo.resolve("feature_store.yaml"),
                        "shop",
                        "",
                        "local",
                        new Location.Local(repo.resolve("data/registry.db")),
                        new OnlineStoreConfig.Sqlite(repo.resolve("data/online.db")),
                        false,
                        3,
                        new LarderConfig(
                                Mode.STRICT,
                                repo.resolve("data"),
                                new S3Settings(null, null, false),
                                localLake(repo.resolve("data/lake"), repo.resolve("data/catalog.db")),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty())));
    }

    @Test
    void everyKeyIsRead() throws IOException {
        FeatureStoreConfig config = load(
                """
                project: shop
                project_description: All of it
                provider: aws
                registry: {registry_type: file, path: reg/r.db, cache_ttl_seconds: 5, cache_mode: thread}
                online_store: {type: sqlite, path: /var/o.db, vector_enabled: false}
                offline_store: {type: dask}
                entity_key_serialization_version: 3
                auth: {type: no_auth}
                feature_server: {type: local, metrics: {enabled: true, resource: false}}
                our_own_note: accepted by Feast, too
                larder:
                  mode: feast
                  data: out
                  s3: {endpoint: "http://minio:9000", region: eu-west-1, path_style: true}
                  lake: {warehouse: ../lake, catalog: "jdbc:sqlite:c.db", user: cu, password: cp, cache_size: 500MB}
                  postgres: {host: h, port: 6000, database: d, user: u, password: p}
                  kafka: {bootstrap_servers: "k:9092"}
                  connect: {url: "http://c:8083", connector: bank}
                  trino: {url: "https://trino:8443", user: ann, catalog: lake}
                """);

        assertThat(config)
                .isEqualTo(new FeatureStoreConfig(
                        repo,
                        repo.resolve("feature_store.yaml"),
                        "shop",
                        "All of it",
                        "aws",
                        new Location.Local(repo.resolve("reg/r.db")),
                        new OnlineStoreConfig.Sqlite(Path.of("/var/o.db")),
                        true,
                        3,
                        new LarderConfig(
                                Mode.FEAST,
                                repo.resolve("out"),
                                new S3Settings(URI.create("http://minio:9000"), "eu-west-1", true),
                                new LakeConfig(
                                        new Location.Local(Objects.requireNonNull(repo.getParent())
                                                .resolve("lake")),
                                        "jdbc:sqlite:" + repo.resolve("c.db"),
                                        Optional.of("cu"),
                                        Optional.of("cp"),
                                        500_000_000L),
                                Optional.of(new PostgresConfig("h", 6000, "d", "u", "p")),
                                Optional.of(new KafkaConfig("k:9092")),
                                Optional.of(new ConnectConfig("http://c:8083", "bank")),
                                Optional.of(new TrinoConfig("https://trino:8443", "ann", "lake")))));
    }

    @Test
    void defaultsWithinBlocks() throws IOException {
        LarderConfig larder =
                load("""
                        project: shop
                        registry: r.db
                        larder:
                          data: out
                          postgres: {host: h, database: d, user: u, password: p}
                          connect: {url: "http://c:8083"}
                          s3: {endpoint: "https://s3.example.com"}
                          trino: {url: "http://t:8080"}
                        """)
                        .larder();

        assertThat(larder.postgres()).map(PostgresConfig::port).contains(5432);
        assertThat(larder.connect()).map(ConnectConfig::connector).contains("shop");
        assertThat(larder.lake()).isEqualTo(localLake(repo.resolve("out/lake"), repo.resolve("out/catalog.db")));
        assertThat(larder.trino()).contains(new TrinoConfig("http://t:8080", "larder", "lakehouse"));
        assertThat(larder.s3()).isEqualTo(new S3Settings(URI.create("https://s3.example.com"), null, false));
    }

    @Test
    void aCompanysStackIsReadFromS3RedisAndPostgres() throws IOException {
        FeatureStoreConfig config = load(
                """
                project: shop
                registry: s3://company-features/shop/registry.db
                online_store:
                  type: redis
                  redis_type: redis_cluster
                  connection_string: "a:6379,b:6379,ssl=true,password=hunter2"
                  key_ttl_seconds: 60
                  full_scan_for_deletion: false
                  skip_dedup: true
                larder:
                  lake: {warehouse: "s3://company-features/warehouse/", catalog: "jdbc:postgresql://h:5432/iceberg", user: u, password: p}
                """);

        assertThat(config.registry()).isEqualTo(new Location.S3("company-features", "shop/registry.db"));
        assertThat(config.onlineStore())
                .isEqualTo(new OnlineStoreConfig.Redis(
                        "redis_cluster",
                        "a:6379,b:6379,ssl=true,password=hunter2",
                        "mymaster",
                        OptionalInt.of(60),
                        false,
                        true));
        assertThat(config.larder().lake())
                .isEqualTo(new LakeConfig(
                        new Location.S3("company-features", "warehouse"),
                        "jdbc:postgresql://h:5432/iceberg",
                        Optional.of("u"),
                        Optional.of("p"),
                        10_000_000_000L));
    }

    @Test
    void redisHasFeastsDefaults() throws IOException {
        OnlineStoreConfig defaults =
                new OnlineStoreConfig.Redis("redis", "localhost:6379", "mymaster", OptionalInt.empty(), true, false);

        assertThat(load("project: p\nregistry: r.db\nonline_store: redis\n").onlineStore())
                .isEqualTo(defaults);
        assertThat(load("project: p\nregistry: r.db\nonline_store: {type: redis}\n")
                        .onlineStore())
                .isEqualTo(defaults);
    }

    @Test
    void registryInS3MayBeWrittenAsAMapping() throws IOException {
        assertThat(load("project: p\nregistry: {registry_type: file, path: 's3://bucket/r.db'}\n")
                        .registry())
                .isEqualTo(new Location.S3("bucket", "r.db"));
    }

    @Test
    void emptyEndpointIsAwsAndEmptyTrinoIsNone() throws IOException {
        write("project: p\nregistry: r.db\nlarder: {s3: {endpoint: \"${A}\"}, trino: {url: \"${A}\"}}\n");

        LarderConfig larder =
                FeatureStoreConfigLoader.load(repo, Map.of("A", "")).larder();

        assertThat(larder.s3().endpoint()).isNull();
        assertThat(larder.trino()).isEmpty();
    }

    @Test
    void variableThatIsNotSetIsNamedWithItsLineWhereItsValueIsUsed() throws IOException {
        write(
                """
                project: shop
                registry: s3://${BUCKET}/registry.db
                project_description: costs ${AMOUNT}
                offline_store: {type: dask, note: "${UNUSED}"}
                larder:
                  postgres: {host: ${HOST}, port: ${PORT}, database: d, user: u, password: "pa$$w$rd"}
                  # kafka: "${COMMENT}"
                """);

        assertThatThrownBy(() -> FeatureStoreConfigLoader.load(repo, Map.of("PORT", "5432")))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEFINITION_INVALID))
                .hasMessage(
                        """
                        2 mistakes in %s:
                        feature_store.yaml:2: registry: environment variable BUCKET is not set (expected: set before larder starts, or the value itself in place of ${BUCKET})
                        feature_store.yaml:6: larder: environment variable HOST is not set (expected: set before larder starts, or the value itself in place of ${HOST})"""
                                .formatted(repo.resolve("feature_store.yaml")));

        FeatureStoreConfig config =
                FeatureStoreConfigLoader.load(repo, Map.of("PORT", "5432", "HOST", "h", "BUCKET", "bucket"));
        assertThat(config.larder().postgres()).contains(new PostgresConfig("h", 5432, "d", "u", "pa$$w$rd"));
        assertThat(config.projectDescription()).isEqualTo("costs ${AMOUNT}");
    }

    @Test
    void anotherFileIsChosenByArgumentOrFeastsVariable(@TempDir Path elsewhere) throws IOException {
        Path beside = Files.writeString(repo.resolve("feature_store.stack.yaml"), "project: beside\nregistry: r.db\n");
        Path outside = Files.writeString(elsewhere.resolve("settings.yaml"), "project: outside\nregistry: r.db\n");

        FeatureStoreConfig chosen = FeatureStoreConfigLoader.load(repo, Path.of("feature_store.stack.yaml"), Map.of());
        FeatureStoreConfig byVariable =
                FeatureStoreConfigLoader.load(repo, Map.of("FEAST_FS_YAML_FILE_PATH", outside.toString()));

        assertThat(chosen.project()).isEqualTo("beside");
        assertThat(chosen.file()).isEqualTo(beside);
        assertThat(byVariable.project()).isEqualTo("outside");
        assertThat(byVariable.file()).isEqualTo(outside);
        assertThat(byVariable.registry()).isEqualTo(new Location.Local(repo.resolve("r.db")));
        Map<String, String> variable = Map.of("FEAST_FS_YAML_FILE_PATH", outside.toString());
        write("project: own\nregistry: r.db\n");
        assertThatThrownBy(() -> FeatureStoreConfigLoader.load(repo, variable))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARGUMENT_INVALID))
                .hasMessage(
                        "The variable FEAST_FS_YAML_FILE_PATH names %s, but the repository %s has settings of its own. Unset the variable, or choose a file with -f <file>.",
                        outside, repo);
        assertThat(FeatureStoreConfigLoader.load(repo, Path.of("feature_store.yaml"), variable)
                        .project())
                .isEqualTo("own");
        assertThat(FeatureStoreConfigLoader.load(repo, beside, Map.of("FEAST_FS_YAML_FILE_PATH", outside.toString()))
                        .project())
                .isEqualTo("beside");
        assertThatThrownBy(() -> FeatureStoreConfigLoader.load(repo, Path.of("none.yaml"), Map.of()))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PATH_UNUSABLE))
                .hasMessage(
                        "File none.yaml does not exist, neither from the working folder on nor in %s. Name the right one with -f <file>.",
                        repo);
    }

    private static LakeConfig localLake(Path warehouse, Path catalog) {
        return new LakeConfig(
                new Location.Local(warehouse),
                "jdbc:sqlite:" + catalog,
                Optional.empty(),
                Optional.empty(),
                10_000_000_000L);
    }

    @ParameterizedTest
    @CsvSource({
        "$NAME, value",
        "${NAME}, value",
        "a${NAME}b$NAME.c, avaluebvalue.c",
        "$NAMEX, $NAMEX",
        "${MISSING}, ${MISSING}",
        "${NAME:-x}, ${NAME:-x}",
        "$$NAME, $value",
        "${LITERAL}, $NAME",
        "$, $"
    })
    void environmentIsPutInAsFeastDoes(String text, String expected) throws IOException {
        write("project: p\nregistry: r.db\nproject_description: '" + text + "'\n");

        assertThat(FeatureStoreConfigLoader.load(repo, Map.of("NAME", "value", "LITERAL", "$NAME"))
                        .projectDescription())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "project: 7 | 1: project: is a number (expected: text; put it in quotes)",
                "project: a-b | 1: project: 'a-b' is no usable name (expected: letters, digits and '_', not '_' first; it becomes part of table names)",
                "project: _a | 1: project: '_a' is no usable name (expected: letters, digits and '_', not '_' first; it becomes part of table names)",
                "registry: s3://bucket | 1: registry: 's3://bucket' names no bucket and key (expected: s3://BUCKET/KEY)",
                "registry: gs://bucket/r.db | 1: registry: starts with 'gs://' (supported so far: a path on this machine, s3://BUCKET/KEY)",
                "registry: {registry_type: sql, path: x} | 1: registry_type: 'sql' is not supported (supported so far: file)",
                "registry: {registry_type: file} | 1: registry: 'path' is missing (expected: the registry file, for example data/registry.db or s3://bucket/registry.db)",
                "provider: lokal | 1: provider: unknown name 'lokal' (did you mean 'local'? allowed: local, gcp, aws, azure, chronon)",
                "online_store: dynamodb | 1: online_store: type 'dynamodb' is not supported (supported so far: sqlite, redis)",
                "online_store: {type: redis, redis_type: cluster} | 1: redis_type: unknown type 'cluster' (allowed: redis, redis_cluster, redis_sentinel)",
                "online_store: {type: redis, key_ttl_seconds: -1} | 1: key_ttl_seconds: -1 (expected: 0 for ever, or more)",
                "online_store: {type: redis, path: x} | 1: unknown key 'path' in online_store (allowed: type, redis_type, client, connection_string, sentinel_master, key_ttl_seconds, full_scan_for_deletion, skip_dedup)",
                "online_store: {type: sqlite, path: 's3://b/k'} | 1: path: starts with 's3://' (expected: a path on this machine)",
                "larder: {s3: {endpoint: 'minio:9000'}} | 1: endpoint: 'minio:9000' is no web address (expected: http://HOST:PORT or https://HOST:PORT)",
                "larder: {lake: {cache_size: lots}} | 1: cache_size: 'lots' is no size (expected: for example 500MB or 10GB)",
                "larder: {trino: {}} | 1: trino: 'url' is missing (expected: Trino's address, for example http://trino.example.com:8080)",
                "online_store: {type: sqlite, pth: x} | 1: unknown key 'pth' in online_store (did you mean 'path'? allowed: type, path, vector_enabled, similarity, text_search_enabled, enable_openai_compatible_store)",
                "entity_key_serialization_version: '3' | 1: entity_key_serialization_version: is text (expected: a whole number without quotes)",
                "entity_key_serialization_version: 2 | 1: entity_key_serialization_version: 2 is not supported (expected: 3, Feast's current one)",
                "lardr: {} | 1: unknown key 'lardr' (did you mean 'larder'? allowed: project, project_description, provider, registry, online_store, offline_store, batch_engine, entity_key_serialization_version, auth, feature_server, materialization, coerce_tz_aware, flags, repo_path, embedding_model, openlineage, mlflow, data_quality_monitoring, larder)",
                "larder: {mod: strict} | 1: unknown key 'mod' in larder (did you mean 'mode'? allowed: mode, data, s3, lake, postgres, kafka, connect, trino)",
                "larder: {mode: lax} | 1: mode: unknown mode 'lax' (allowed: strict, feast)",
                "larder: {lake: {catalog: x}} | 1: catalog: is no JDBC URL that Larder knows (expected: jdbc:sqlite:data/catalog.db or jdbc:postgresql://HOST:PORT/DATABASE)",
                "larder: {postgres: {host: h, port: 0, database: d, user: u, password: p}} | 1: port: 0 (expected: 1 to 65535)",
                "larder: {postgres: {host: h, database: d, user: u, password: 4711}} | 1: password: is a number (expected: text; put it in quotes)",
                "larder: {kafka: {}} | 1: kafka: 'bootstrap_servers' is missing (expected: HOST:PORT of a Kafka broker, more separated by commas)",
                "larder: {connect: {url: 'c:8083'}} | 1: url: 'c:8083' is no web address (expected: http://HOST:PORT or https://HOST:PORT)"
            })
    void mistakeIsReportedWithItsLineAndWhatIsAllowed(String line, String expected) {
        String key = line.substring(0, line.indexOf(':'));
        String rest =
                (key.equals("project") ? "" : "project: p\n") + (key.equals("registry") ? "" : "registry: r.db\n");

        assertThatThrownBy(() -> load(line + "\n" + rest))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEFINITION_INVALID))
                .hasMessage("1 mistake in %s:\nfeature_store.yaml:%s"
                        .formatted(repo.resolve("feature_store.yaml"), expected));
    }

    @Test
    void allMistakesComeAtOnce() {
        assertThatThrownBy(() -> load("online_store: dynamodb\nlarder:\n  mode: lax\n"))
                .hasMessageStartingWith("4 mistakes in ")
                .hasMessageContaining("feature_store.yaml:1: feature_store.yaml: 'project' is missing")
                .hasMessageContaining("feature_store.yaml:1: feature_store.yaml: 'registry' is missing")
                .hasMessageContaining("feature_store.yaml:1: online_store: type 'dynamodb'")
                .hasMessageContaining("feature_store.yaml:3: mode: unknown mode 'lax'");
    }

    @Test
    void noPasswordIsEverPrinted() throws IOException {
        write(
                """
                project: shop
                registry: r.db
                online_store: {type: redis, connection_string: "h:6379,password=hunter2,db=0"}
                larder:
                  lake: {catalog: "jdbc:postgresql://u:hunter2@h/d?password=hunter2&x=1", password: hunter2}
                  postgres: {host: h, database: d, user: u, password: "${PW}"}
                """);

        FeatureStoreConfig config = FeatureStoreConfigLoader.load(repo, Map.of("PW", "hunter2"));

        assertThat(config.larder().postgres()).map(PostgresConfig::password).contains("hunter2");
        assertThat(config.toString()).doesNotContain("hunter2").contains("password=***", "connectionString=h:6379, ");
        write("project: shop\nregistry: r.db\nlarder: {postgres: {password: \"${PW}\" oops}}\n");
        assertThatThrownBy(() -> FeatureStoreConfigLoader.load(repo, Map.of("PW", "hunter2")))
                .hasMessageContaining("feature_store.yaml:3: not valid YAML")
                .message()
                .doesNotContain("hunter2");
    }

    @Test
    void missingFolderOrFileNamesTheWayOut() {
        Path missing = repo.resolve("missing");

        assertThatThrownBy(() -> FeatureStoreConfigLoader.load(missing))
                .hasMessage(
                        "Feature repository %s does not exist or is not a folder. Name the right one with -c <folder>, or make one with 'larder init'.",
                        missing);
        assertThatThrownBy(() -> FeatureStoreConfigLoader.load(repo))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PATH_UNUSABLE))
                .hasMessage(
                        "Folder %s has no feature_store.yaml, so it is no feature repository. Name the right folder with -c <folder>, or make one with 'larder init'.",
                        repo);
    }

    @Test
    void emptyFileSaysWhatBelongsThere() {
        assertThatThrownBy(() -> load("# nothing\n"))
                .hasMessageEndingWith(
                        "holds 0 YAML documents (expected: one, with at least 'project:' and 'registry:')");
    }

    private FeatureStoreConfig load(String yaml) throws IOException {
        write(yaml);
        return FeatureStoreConfigLoader.load(repo, Map.of());
    }

    private void write(String yaml) throws IOException {
        Files.writeString(repo.resolve("feature_store.yaml"), yaml);
    }
}
