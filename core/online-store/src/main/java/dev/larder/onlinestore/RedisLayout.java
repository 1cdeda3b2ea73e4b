package dev.larder.onlinestore;

import dev.larder.feast.EntityKeyCodec;
import dev.larder.feast.FeatureHash;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which keys and fields a project has. Feast's are binary; ours begin with {@code larder:}, as no encoded entity key does,
 * and name the project in braces, so that all of them lie on one node of a cluster.
 */
final class RedisLayout {
    private final byte[] project;
    private final String projectName;
    private final Map<String, ViewFields> views = new ConcurrentHashMap<>();

    RedisLayout(String project) {
        this.project = utf8(project);
        projectName = project;
    }

    /** The fields of one view, as they are asked for again and again. */
    private record ViewFields(byte[] time, Map<String, byte[]> features) {}

    byte[] key(byte[] entityKey) {
        byte[] key = Arrays.copyOf(entityKey, entityKey.length + project.length);
        System.arraycopy(project, 0, key, entityKey.length, project.length);
        return key;
    }

    byte[] timeField(String view) {
        return fields(view).time();
    }

    byte[] field(String view, String feature) {
        return fields(view).features().computeIfAbsent(feature, name -> FeatureHash.field(view, name));
    }

    private ViewFields fields(String view) {
        ViewFields known = views.get(view);
        return known != null
                ? known
                : views.computeIfAbsent(view, name -> new ViewFields(utf8("_ts:" + name), new ConcurrentHashMap<>()));
    }

    /** A key of the project that no reader of features looks at. */
    String own(String name) {
        return "larder:{%s}:%s".formatted(projectName, name);
    }

    /** Keys of the project that lie all over a cluster. */
    List<byte[]> spread(String name, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> utf8("larder:%s:{%s:%d}".formatted(name, projectName, i)))
                .toList();
    }

    /** What SCAN is to match; other projects' keys may match too. */
    byte[] pattern() {
        ByteArrayOutputStream pattern = new ByteArrayOutputStream();
        pattern.write('*');
        for (byte b : project) {
            if (b == '*' || b == '?' || b == '[' || b == ']' || b == '\\') {
                pattern.write('\\');
            }
            pattern.write(b);
        }
        return pattern.toByteArray();
    }

    /**
     * The entity's part of a key; null if the key is another project's or none of Feast's. Keys of versions before 3 do not say
     * where they end, so they cannot be told from those of other programs; feature_store.yaml may not ask for them.
     */
    byte @Nullable [] entityKey(byte[] key) {
        int length = EntityKeyCodec.length(key);
        return length == key.length - project.length
                        && length > 0
                        && Arrays.equals(key, length, key.length, project, 0, project.length)
                ? Arrays.copyOf(key, length)
                : null;
    }

    /** What every key of Feast's ends with. */
    byte[] project() {
        return project;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
