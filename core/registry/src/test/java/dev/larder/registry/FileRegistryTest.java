package dev.larder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRegistryTest extends RegistryContract {
    private final Path file;

    FileRegistryTest(@TempDir Path folder) throws IOException {
        super(folder, new RegistryFile(folder.resolve("sub/registry.db")));
        this.file = folder.resolve("sub/registry.db");
    }

    @Override
    FileRegistry another() {
        return FileRegistry.open(file);
    }

    @Override
    byte @Nullable [] stored() throws IOException {
        return Files.exists(file) ? Files.readAllBytes(file) : null;
    }

    @Override
    void store(byte[] bytes) throws IOException {
        Files.createDirectories(folder().resolve("sub"));
        Files.write(file, bytes);
    }

    @Test
    @Override
    void writersTakeTurns() throws IOException, InterruptedException, ExecutionException {
        super.writersTakeTurns();

        try (var names = Files.list(folder().resolve("sub"))) {
            assertThat(names.map(name -> name.getFileName().toString()))
                    .containsExactlyInAnyOrder("registry.db", ".registry.db.lock");
        }
    }

    @Test
    void leftoverOfAKilledWriterIsRemoved() throws IOException {
        apply();
        Path leftover = folder().resolve("sub/.registry.db.tmp-killed");
        Files.writeString(leftover, "half");

        registry().recordMaterialization("shop", "orders_7d", START.minusSeconds(9), START);

        assertThat(leftover).doesNotExist();
    }

    @Test
    void symbolicLinkStaysOne() throws IOException {
        apply();
        Path real = folder().resolve("real.db");
        Files.move(file, real);
        Files.createSymbolicLink(file, real);

        registry().recordMaterialization("shop", "orders_7d", START.minusSeconds(9), START);

        assertThat(file).isSymbolicLink();
        assertThat(FileRegistry.open(real).read().status("shop", "orders_7d").materialized())
                .hasSize(1);
    }

    @Test
    void folderThatCannotBeMadeIsNamed() throws IOException {
        Files.writeString(folder().resolve("sub"), "a file where the folder should be");

        assertThatThrownBy(this::apply)
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PATH_UNUSABLE))
                .hasMessageContaining("the registry " + file)
                .hasMessageEndingWith("Check the folder, its permissions and the space left.");
    }
}
