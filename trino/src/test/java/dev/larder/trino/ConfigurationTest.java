package dev.larder.trino;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.offlinestore.LakeLayout;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What trino/etc promises beyond that a server starts with it. */
class ConfigurationTest {
    private static final Path ETC = Path.of(System.getProperty("larder.root"), "trino", "etc");

    @Test
    void theCatalogHasTheNameThatSparkWrites() {
        assertThat(properties("catalog/lakehouse.properties"))
                .containsEntry("iceberg.jdbc-catalog.catalog-name", LakeLayout.CATALOG);
        assertThat(ETC.resolve("catalog").resolve(LakeLayout.CATALOG + ".properties"))
                .exists();
    }

    @Test
    void queriesFitIntoTheHeap() {
        Properties config = properties("config.properties");
        long heap = flag("-Xmx");
        assertThat(megabytes(config.getProperty("query.max-memory-per-node"))
                        + megabytes(config.getProperty("memory.heap-headroom-per-node")))
                .isLessThan(heap);
        assertThat(megabytes(config.getProperty("query.max-memory")))
                .isEqualTo(megabytes(config.getProperty("query.max-memory-per-node")));
    }

    @Test
    void addressesAndSecretsComeFromTheEnvironmentAlone() {
        assertThat(variables())
                .containsExactly(
                        "AWS_ACCESS_KEY_ID",
                        "AWS_REGION",
                        "AWS_SECRET_ACCESS_KEY",
                        "LARDER_BUCKET",
                        "LARDER_CATALOG_DATABASE",
                        "LARDER_CATALOG_HOST",
                        "LARDER_CATALOG_PASSWORD",
                        "LARDER_CATALOG_PORT",
                        "LARDER_CATALOG_USER",
                        "LARDER_POSTGRES_DATABASE",
                        "LARDER_POSTGRES_HOST",
                        "LARDER_POSTGRES_PASSWORD",
                        "LARDER_POSTGRES_PORT",
                        "LARDER_POSTGRES_USER",
                        "LARDER_S3_ENDPOINT",
                        "LARDER_S3_PATH_STYLE",
                        "TRINO_HTTP_PORT");
    }

    private static Set<String> variables() {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.walk(ETC)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Pattern.compile("\\$\\{ENV:(\\w+)}")
                        .matcher(Files.readString(file))
                        .results()
                        .map((MatchResult found) -> found.group(1))
                        .forEach(names::add);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }

    private static long flag(String name) {
        List<String> values = lines("jvm.config").stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()))
                .toList();
        assertThat(values).as(name).hasSize(1);
        return megabytes(values.get(0));
    }

    private static long megabytes(String size) {
        long number = Long.parseLong(size.replaceAll("\\D", ""));
        return size.matches("\\d+[gG].*") ? number * 1024 : number;
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(ETC.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Properties properties(String file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(ETC.resolve(file))) {
            properties.load(reader);
            return properties;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
