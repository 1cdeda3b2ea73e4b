package dev.larder.offlinestore.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.larder.model.ErrorCode;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code <output>.larder.json}: a {@link TrainingSet} as JSON; paths in it count from its own folder. */
final class SidecarFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SidecarFile() {}

    static String toJson(TrainingSet set) {
        Path folder = folderOf(set.output());
        ObjectNode root = JSON.createObjectNode();
        root.put("larder", set.larderVersion());
        root.put("engine", set.engine());
        root.put("project", set.project());
        root.put("created_at", set.createdAt().toString());
        root.putObject("output")
                .put("file", String.valueOf(set.output().getFileName()))
                .put("sha256", set.outputSha256())
                .put("rows", set.rows())
                .set("columns", texts(set.columns()));
        root.putObject("entities")
                .put("file", relative(folder, set.request().entities()))
                .put("sha256", set.entitiesSha256())
                .put("rows", set.rows());
        root.put("full_feature_names", set.request().fullFeatureNames());
        ArrayNode features = root.putArray("features");
        set.request().views().forEach(view -> features.add(view(view)));
        ObjectNode snapshots = root.putObject("snapshots");
        new TreeMap<>(set.snapshots()).forEach((view, snapshot) -> snapshots
                .putObject(view)
                .put("snapshot_id", snapshot.id())
                .put("tag", snapshot.tag())
                .put("definition", snapshot.definition()));
        return root.toPrettyString() + "\n";
    }

    /** What decides the content of a training set besides the entity rows; equal requests give equal text. */
    static String canonical(List<RequestedView> views, boolean fullFeatureNames) {
        ArrayNode features = JSON.createArrayNode();
        views.forEach(view -> features.add(view(view)));
        return features.add(fullFeatureNames).toString();
    }

    static TrainingSet read(Path sidecar) {
        try {
            return parse(sidecar, JSON.readTree(Files.readString(sidecar)));
        } catch (JsonProcessingException | DateTimeException | IllegalArgumentException e) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "File %s does not describe a training set: %s. Name the .larder.json file that lies beside one."
                            .formatted(sidecar, e.getMessage()),
                    e);
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE, "File %s cannot be read: %s. Check the path.".formatted(sidecar, e), e);
        }
    }

    private static TrainingSet parse(Path sidecar, JsonNode root) {
        Path folder = folderOf(sidecar);
        JsonNode output = root.required("output");
        JsonNode entities = root.required("entities");
        List<RequestedView> views = new ArrayList<>();
        root.required("features").forEach(view -> views.add(view(view)));
        Map<String, TrainingSet.Snapshot> snapshots = new LinkedHashMap<>();
        root.required("snapshots")
                .properties()
                .forEach(entry -> snapshots.put(
                        entry.getKey(),
                        new TrainingSet.Snapshot(
                                entry.getValue().required("snapshot_id").longValue(),
                                text(entry.getValue(), "tag"),
                                optional(entry.getValue(), "definition"))));
        return new TrainingSet(
                text(root, "project"),
                new TrainingSetRequest(
                        folder.resolve(text(entities, "file")).normalize(),
                        views,
                        root.required("full_feature_names").booleanValue()),
                text(entities, "sha256"),
                folder.resolve(text(output, "file")),
                text(output, "sha256"),
                output.required("rows").longValue(),
                texts(output.required("columns")),
                snapshots,
                Instant.parse(text(root, "created_at")),
                text(root, "engine"),
                text(root, "larder"));
    }

    private static ObjectNode view(RequestedView view) {
        ObjectNode node = JSON.createObjectNode();
        node.put("view", view.view());
        node.put("alias", view.alias());
        node.set("features", texts(view.features()));
        ArrayNode keys = node.putArray("join_keys");
        view.joinKeys().forEach(key -> keys.addObject()
                .put("name", key.name())
                .put("type", key.type().displayName()));
        ObjectNode map = node.putObject("join_key_map");
        new TreeMap<>(view.joinKeyMap()).forEach(map::put);
        node.put("ttl", view.ttl().toString());
        node.put("available_after", view.availableAfter().toString());
        return node;
    }

    private static RequestedView view(JsonNode node) {
        List<Field> keys = new ArrayList<>();
        node.required("join_keys").forEach(key -> keys.add(new Field(text(key, "name"), type(text(key, "type")))));
        Map<String, String> map = new LinkedHashMap<>();
        node.required("join_key_map")
                .properties()
                .forEach(e -> map.put(e.getKey(), e.getValue().textValue()));
        return new RequestedView(
                text(node, "view"),
                optional(node, "alias"),
                keys,
                texts(node.required("features")),
                map,
                Duration.parse(text(node, "ttl")),
                Duration.parse(text(node, "available_after")),
                null);
    }

    private static ValueType type(String name) {
        return ValueType.ofName(name)
                .orElseThrow(() -> new IllegalArgumentException("type: " + name + " (expected: a value type)"));
    }

    private static String text(JsonNode node, String name) {
        String text = node.required(name).textValue();
        if (text == null) {
            throw new IllegalArgumentException(name + ": " + node.get(name) + " (expected: text)");
        }
        return text;
    }

    private static @Nullable String optional(JsonNode node, String name) {
        JsonNode value = node.get(name);
        return value == null ? null : value.textValue();
    }

    private static ArrayNode texts(List<String> texts) {
        ArrayNode array = JSON.createArrayNode();
        texts.forEach(array::add);
        return array;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static Path folderOf(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        return parent == null ? absolute : parent;
    }

    private static String relative(Path folder, Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        Path relative = absolute.getRoot().equals(folder.getRoot()) ? folder.relativize(absolute) : absolute;
        return relative.toString().replace('\\', '/');
    }
}
