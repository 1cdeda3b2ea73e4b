package dev.larder.registry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.registry.config.LarderConfig.ConnectConfig;
import dev.larder.registry.config.LarderConfig.KafkaConfig;
import dev.larder.registry.config.LarderConfig.LakeConfig;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.registry.config.LarderConfig.PostgresConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
                        "shop",
                        "",
                        "local",
                        repo.resolve("data/registry.db"),
                        new OnlineStoreConfig.Sqlite(repo.resolve("data/online.db")),
                        3,
                        new LarderConfig(
                                Mode.STRICT,
                                repo.resolve("data"),
                                new LakeConfig(
                                        repo.resolve("data/lake"), "jdbc:sqlite:" + repo.resolve("data/catalog.db")),
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
                our_own_note: accepted by Feast, too
                larder:
                  mode: feast
                  data: out
                  lake: {warehouse: ../lake, catalog: "jdbc:sqlite:c.db"}
                  postgres: {host: h, port: 6000, database: d, user: u, password: p}
                  kafka: {bootstrap_servers: "k:9092"}
                  connect: {url: "http://c:8083", connector: bank}
                """);

        assertThat(config)
                .isEqualTo(new FeatureStoreConfig(
                        repo,
                        "shop",
                        "All of it",
                        "aws",
                        repo.resolve("reg/r.db"),
                        new OnlineStoreConfig.Sqlite(Path.of("/var/o.db")),
                        3,
                        new LarderConfig(
                                Mode.FEAST,
                                repo.resolve("out"),
                                new LakeConfig(
                                        Objects.requireNonNull(repo.getParent()).resolve("lake"),
                                        "jdbc:sqlite:" + repo.resolve("c.db")),
                                Optional.of(new PostgresConfig("h", 6000, "d", "u", "p")),
                                Optional.of(new KafkaConfig("k:9092")),
                                Optional.of(new ConnectConfig("http://c:8083", "bank")))));
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
                        """)
                        .larder();

        assertThat(larder.postgres()).map(PostgresConfig::port).contains(5432);
        assertThat(larder.connect()).map(ConnectConfig::connector).contains("shop");
        assertThat(larder.lake())
                .isEqualTo(new LakeConfig(repo.resolve("out/lake"), "jdbc:sqlite:" + repo.resolve("out/catalog.db")));
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
                "registry: s3://bucket/r.db | 1: registry: starts with 's3://' (supported so far: a path on this machine)",
                "registry: {registry_type: sql, path: x} | 1: registry_type: 'sql' is not supported (supported so far: file)",
                "registry: {registry_type: file} | 1: registry: 'path' is missing (expected: the registry file, for example data/registry.db)",
                "provider: lokal | 1: provider: unknown name 'lokal' (did you mean 'local'? allowed: local, gcp, aws, azure, chronon)",
                "online_store: redis | 1: online_store: type 'redis' is not supported (supported so far: sqlite)",
                "online_store: {type: redis, connection_string: 'h,password=x'} | 1: online_store: type 'redis' is not supported (supported so far: sqlite)",
                "online_store: {type: sqlite, pth: x} | 1: unknown key 'pth' in online_store (did you mean 'path'? allowed: type, path, vector_enabled, similarity, text_search_enabled, enable_openai_compatible_store)",
                "entity_key_serialization_version: '3' | 1: entity_key_serialization_version: is text (expected: a whole number without quotes)",
                "entity_key_serialization_version: 2 | 1: entity_key_serialization_version: 2 is not supported (expected: 3, Feast's current one)",
                "lardr: {} | 1: unknown key 'lardr' (did you mean 'larder'? allowed: project, project_description, provider, registry, online_store, offline_store, batch_engine, entity_key_serialization_version, auth, feature_server, materialization, coerce_tz_aware, flags, repo_path, embedding_model, openlineage, mlflow, data_quality_monitoring, larder)",
                "larder: {mod: strict} | 1: unknown key 'mod' in larder (did you mean 'mode'? allowed: mode, data, lake, postgres, kafka, connect)",
                "larder: {mode: lax} | 1: mode: unknown mode 'lax' (allowed: strict, feast)",
                "larder: {lake: {catalog: x}} | 1: catalog: is no JDBC URL (expected: for example jdbc:sqlite:data/catalog.db)",
                "larder: {postgres: {host: h, port: 0, database: d, user: u, password: p}} | 1: port: 0 (expected: 1 to 65535)",
                "larder: {postgres: {host: h, database: d, user: u, password: 4711}} | 1: password: is a number (expected: text; put it in quotes)",
                "larder: {kafka: {}} | 1: kafka: 'bootstrap_servers' is missing (expected: HOST:PORT of a Kafka broker, more separated by commas)",
                "larder: {connect: {url: 'c:8083'}} | 1: url: is no web address (expected: http://HOST:PORT or https://HOST:PORT)"
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
        assertThatThrownBy(() -> load("online_store: redis\nlarder:\n  mode: lax\n"))
                .hasMessageStartingWith("4 mistakes in ")
                .hasMessageContaining("feature_store.yaml:1: feature_store.yaml: 'project' is missing")
                .hasMessageContaining("feature_store.yaml:1: feature_store.yaml: 'registry' is missing")
                .hasMessageContaining("feature_store.yaml:1: online_store: type 'redis'")
                .hasMessageContaining("feature_store.yaml:3: mode: unknown mode 'lax'");
    }

    @Test
    void noPasswordIsEverPrinted() throws IOException {
        write(
                """
                project: shop
                registry: r.db
                larder:
                  lake: {catalog: "jdbc:postgresql://u:hunter2@h/d?password=hunter2&x=1"}
                  postgres: {host: h, database: d, user: u, password: "${PW}"}
                """);

        FeatureStoreConfig config = FeatureStoreConfigLoader.load(repo, Map.of("PW", "hunter2"));

        assertThat(config.larder().postgres()).map(PostgresConfig::password).contains("hunter2");
        assertThat(config.toString()).doesNotContain("hunter2").contains("password=***");
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
