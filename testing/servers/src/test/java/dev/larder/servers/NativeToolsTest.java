package dev.larder.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeToolsTest {
    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void withoutLinks() throws IOException {
        folder = folder.toRealPath();
    }

    @Test
    void aJdkIsWhatItsReleaseFileSaysAndNotItsName() throws IOException {
        jdk("17.0.25-tem", "17.0.25");
        jdk("jdk8u252", "1.8.0_252");
        Path wanted = jdk("temurin", "25.0.1");
        jdk("zulu-26", "26");

        assertThat(newerJava(Optional.empty())).contains(program(wanted));
    }

    @Test
    void theNamedOneComesFirstIfItIsNewEnough() throws IOException {
        Path installed = jdk("25-tem", "25.0.1");
        Path newer = jdk("26-tem", "26.0.1");
        Path older = jdk("17-tem", "17.0.9");

        assertThat(newerJava(Optional.of(newer))).contains(program(newer));
        assertThat(newerJava(Optional.of(older))).contains(program(installed));
        assertThat(newerJava(Optional.of(folder.resolve("none")))).contains(program(installed));
    }

    @Test
    void whereNoneIsNewEnoughThereIsNone() throws IOException {
        jdk("25-of-march", "17.0.9");
        Files.createDirectories(folder.resolve("25/bin"));

        assertThat(newerJava(Optional.empty())).isEmpty();
        assertThat(NativeTools.newerJava(Optional.empty(), List.of(folder.resolve("none"))))
                .isEmpty();
    }

    private Optional<Path> newerJava(Optional<Path> named) {
        return NativeTools.newerJava(named, List.of(folder));
    }

    private static Path program(Path home) {
        return home.resolve("bin/java");
    }

    /** A JDK's folder as far as it is looked at. */
    private Path jdk(String name, String version) throws IOException {
        Path home = folder.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(program(home), "#!/bin/sh\n");
        Files.setPosixFilePermissions(program(home), PosixFilePermissions.fromString("rwx------"));
        Files.writeString(
                home.resolve("release"),
                "IMPLEMENTOR=\"Somebody\"\nJAVA_RUNTIME_VERSION=\"%1$s+9\"\nJAVA_VERSION=\"%1$s\"\n"
                        .formatted(version));
        return home;
    }
}
