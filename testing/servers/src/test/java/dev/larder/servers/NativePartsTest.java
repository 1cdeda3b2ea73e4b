package dev.larder.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.larder.model.LarderException;
import dev.larder.progress.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the parts of the full stack need and say before and beside their life together. */
final class NativePartsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @AfterEach
    void stop() {
        EmbeddedStack.stop(folder);
    }

    @Test
    void aProgramThatIsNotThereIsNamedWithTheWayToGetIt() {
        ProjectFiles empty = new ProjectFiles(folder, folder.resolve("tools"));

        for (Part part : List.of(Part.MINIO, Part.TRINO, Part.AIRFLOW)) {
            assertThatThrownBy(() -> NativeTools.find(part, empty))
                    .isInstanceOf(LarderException.class)
                    .hasMessageContaining(folder.toString())
                    .hasMessageEndingWith("deploy/native/prepare.sh " + part.fileName());
        }
    }

    @Test
    void aPartBringsThoseThatItCannotDoWithout() {
        assertThat(StackOptions.forTests().withParts(Part.TRINO).parts())
                .containsExactlyInAnyOrder(Part.TRINO, Part.POSTGRES, Part.MINIO);
        assertThat(StackOptions.forTests().withParts(Part.CONNECT).parts())
                .containsExactlyInAnyOrder(Part.CONNECT, Part.KAFKA);
        assertThat(StackOptions.full().parts()).containsExactlyInAnyOrder(Part.values());
        assertThat(StackOptions.defaults().parts()).containsExactlyInAnyOrder(Part.POSTGRES, Part.KAFKA, Part.CONNECT);
    }

    @Test
    void aPortBeyondTheRangeIsRefused() {
        assertThatThrownBy(() -> StackOptions.forTests().withPort(Part.REDIS, 65_536))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("port of REDIS: 65536 (expected: 1 to 65535)");
    }

    @Test
    void aSinglePartStartsAlone() throws Exception {
        requireTools(Part.REDIS);

        StackEndpoints endpoints = EmbeddedStack.start(
                folder, Stacks.classPath(), StackOptions.forTests().withParts(Part.REDIS), Progress.none());

        assertThat(endpoints.ports()).containsOnlyKeys(Part.REDIS);
        assertThat(endpoints.environment()).containsOnlyKeys("LARDER_REDIS");
        assertThat(folder.resolve("kafka")).doesNotExist();
        assertThatThrownBy(endpoints::postgres)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("PostgreSQL does not run");
    }

    @Test
    void aPartThatCannotStartIsReportedWithItsLastWords() throws Exception {
        requireTools(Part.REDIS);
        Files.createFile(Files.createDirectories(folder.resolve("redis")).resolve("appendonlydir"));

        assertThatThrownBy(() -> EmbeddedStack.start(
                        folder, Stacks.classPath(), StackOptions.forTests().withParts(Part.REDIS), Progress.none()))
                .isInstanceOf(LarderException.class)
                .hasMessageStartingWith("Redis")
                .hasMessageContaining("exit code 1")
                .hasMessageContaining("appendonlydir")
                .hasMessageContaining(folder.resolve("logs").toString());
        assertThat(EmbeddedStack.pid(folder, Part.REDIS)).isEmpty();
    }

    @Test
    void secretsAreKeptAndNobodyElseMayReadThem() throws Exception {
        Path file = folder.resolve("credentials");

        String first = Secrets.keptIn(file, "one", "two").get("one");

        assertThat(first)
                .hasSizeGreaterThan(40)
                .isNotEqualTo(Secrets.keptIn(file).get("two"));
        assertThat(Secrets.keptIn(file, "one", "two").get("one")).isEqualTo(first);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void minioDoesNotPrintItsSecret() {
        StackFolder stack = StackFolder.of(folder);
        stack.create(Set.of(Part.MINIO));
        MinioEndpoint endpoint = MinioPart.endpoint(stack, 9000);

        assertThat(endpoint.secretKey()).isNotEmpty();
        assertThat(endpoint.toString()).doesNotContain(endpoint.secretKey());
    }

    @Test
    void aScriptIsSplitAsPsqlWould() throws Exception {
        Path file = folder.resolve("script.sql");
        Files.writeString(
                file,
                """
                -- A comment; with a semicolon.
                CREATE ROLE one;

                \\connect other
                CREATE TABLE two (
                  n int
                );
                """);

        assertThat(SqlScript.read(file).steps())
                .containsExactly("CREATE ROLE one;", "\\connect other", "CREATE TABLE two (\n  n int\n);");
    }

    @Test
    void aStatementThatPostgresRefusesIsShown() throws Exception {
        Path file = folder.resolve("script.sql");
        Files.writeString(file, "CREATE ROLE one;\nCREATE ROLE one;\nCREATE NONSENSE;\n");
        StackEndpoints endpoints = EmbeddedStack.start(
                folder.resolve("stack"),
                Stacks.classPath(),
                StackOptions.forTests().withParts(Part.POSTGRES),
                Progress.none());
        try {
            assertThatThrownBy(
                            () -> SqlScript.read(file).run(endpoints.postgres().port(), "postgres", "banking"))
                    .isInstanceOf(LarderException.class)
                    .hasMessageContaining("syntax error")
                    .hasMessageContaining("42601")
                    .hasMessageEndingWith("CREATE NONSENSE;");
            assertThatThrownBy(() -> PostgresClient.connect(endpoints.postgres().port(), "postgres", "nowhere"))
                    .hasMessageContaining("nowhere");
        } finally {
            EmbeddedStack.stop(folder.resolve("stack"));
        }
    }

    @Test
    void linesOfThisMachineComeLast() throws Exception {
        Files.writeString(folder.resolve("shared.properties"), "port = 1\nkept = yes\n");

        assertThat(new ProjectFiles(folder, folder.resolve("tools")).overlaid("shared.properties", "port = 2\n"))
                .containsSubsequence("port = 1", "kept = yes", "port = 2");
    }

    @Test
    void variablesAreReadAsComposeReadsThem() throws Exception {
        Files.writeString(folder.resolve("some.env"), "# A = comment\n\nA=1 -b=2\nB=\n");

        assertThat(new ProjectFiles(folder, folder.resolve("tools")).variables("some.env"))
                .containsEntry("A", "1 -b=2")
                .containsEntry("B", "")
                .hasSize(2);
    }

    private static void requireTools(Part part) {
        if (System.getenv("CI") == null) {
            NativeTools.missing(Set.of(part)).ifPresent(missing -> assumeTrue(false, missing));
        }
    }
}
