package dev.larder.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Registry files that Feast 0.67.0 wrote. */
final class Golden {
    private Golden() {}

    static void copy(String name, Path target) throws IOException {
        try (InputStream in = Objects.requireNonNull(Golden.class.getResourceAsStream("/golden/" + name), name)) {
            Files.copy(in, target);
        }
    }
}
