package dev.larder.offlinestore.training;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A line of an entity file: two keys, the time, and a label that tells the lines apart. */
record EntityRow(@Nullable Long user, @Nullable String shop, Instant time, String label) {
    static final String HEADER = "user_id,label,event_timestamp,shop";

    static Path csv(Path file, List<EntityRow> rows) {
        try {
            return Files.writeString(
                    file,
                    Stream.concat(Stream.of(HEADER), rows.stream().map(EntityRow::line))
                            .collect(Collectors.joining("\n", "", "\n")),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    String line() {
        return "%s,%s,%s,%s".formatted(user == null ? "" : user, label, time, shop == null ? "" : shop);
    }
}
