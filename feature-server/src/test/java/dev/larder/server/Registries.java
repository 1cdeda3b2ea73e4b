package dev.larder.server;

import dev.larder.feast.proto.core.FeatureService;
import dev.larder.feast.proto.core.FeatureServiceSpec;
import dev.larder.feast.proto.core.FeatureSpecV2;
import dev.larder.feast.proto.core.FeatureViewProjection;
import dev.larder.feast.proto.core.Registry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/** Registry files as an apply leaves them: replaced in one step. */
final class Registries {
    private Registries() {}

    static void change(Path repo, Consumer<Registry.Builder> change) throws IOException {
        Path file = repo.resolve("registry.db");
        Registry.Builder registry = Registry.parseFrom(Files.readAllBytes(file)).toBuilder();
        change.accept(registry);
        replace(
                file,
                registry.setVersionId(UUID.randomUUID().toString()).build().toByteArray());
    }

    static void replace(Path file, byte[] content) throws IOException {
        Path next = Files.write(file.resolveSibling("registry.next"), content);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static FeatureService service(String name, FeatureViewProjection... projections) {
        return FeatureService.newBuilder()
                .setSpec(FeatureServiceSpec.newBuilder()
                        .setName(name)
                        .setProject("golden")
                        .addAllFeatures(Arrays.asList(projections)))
                .build();
    }

    static FeatureViewProjection projection(String view, String alias, Map<String, String> joinKeyMap, String feature) {
        return FeatureViewProjection.newBuilder()
                .setFeatureViewName(view)
                .setFeatureViewNameAlias(alias)
                .putAllJoinKeyMap(joinKeyMap)
                .addFeatureColumns(FeatureSpecV2.newBuilder().setName(feature))
                .build();
    }
}
