package dev.larder.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The description of all paths, written by hand in YAML for its readers and given as JSON. */
final class OpenApiDocument {
    /** Each part describes some paths and what only they need; the first also what all share. */
    private static final List<String> PARTS = List.of("openapi.yaml", "openapi-writes.yaml");

    private OpenApiDocument() {}

    static byte[] json() {
        try {
            return JsonBodies.readable(merged());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> merged() {
        Map<String, Object> document = new LinkedHashMap<>();
        PARTS.forEach(part -> add(document, load(part)));
        return document;
    }

    @SuppressWarnings("unchecked") // the keys of our own files are text
    private static void add(Map<String, Object> document, Map<String, Object> part) {
        part.forEach((name, value) -> document.merge(name, value, (known, more) -> {
            if (known instanceof Map<?, ?> fields) {
                Map<String, Object> both = new LinkedHashMap<>((Map<String, Object>) fields);
                add(both, (Map<String, Object>) more);
                return both;
            }
            List<Object> both = new ArrayList<>((List<Object>) known);
            both.addAll((List<Object>) more);
            return both;
        }));
    }

    private static Map<String, Object> load(String part) {
        try (InputStream text = Objects.requireNonNull(OpenApiDocument.class.getResourceAsStream(part), part)) {
            return new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
        } catch (IOException e) {
            throw new UncheckedIOException(part, e);
        }
    }
}
