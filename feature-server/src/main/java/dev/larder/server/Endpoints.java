package dev.larder.server;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which endpoint answers which method and path; built once, then only read. */
final class Endpoints {
    private final Map<String, Map<String, Endpoint>> exact = new HashMap<>();
    private final Map<String, Map<String, Endpoint>> below = new HashMap<>();

    /** @param path the whole path, for example {@code /health} */
    Endpoints add(String method, String path, Endpoint endpoint) {
        exact.computeIfAbsent(path, unused -> new TreeMap<>()).put(method, endpoint);
        return this;
    }

    /** @param prefix ends with a slash; every longer path is the endpoint's, unless it was added by itself */
    Endpoints addBelow(String method, String prefix, Endpoint endpoint) {
        below.computeIfAbsent(prefix, unused -> new TreeMap<>()).put(method, endpoint);
        return this;
    }

    /** Endpoints by method; null for a path that nothing answers. */
    @Nullable
    Map<String, Endpoint> find(String path) {
        Map<String, Endpoint> found = exact.get(path);
        if (found != null) {
            return found;
        }
        String prefix = prefix(path);
        return prefix == null ? null : below.get(prefix);
    }

    /** The path or prefix under which a path's endpoint was added; null for a path that nothing answers. */
    @Nullable
    String pattern(String path) {
        return exact.containsKey(path) ? path : prefix(path);
    }

    /** Methods by path or prefix, of all that was added. */
    SortedMap<String, Set<String>> registered() {
        SortedMap<String, Set<String>> methods = new TreeMap<>();
        exact.forEach((path, endpoints) -> methods.put(path, endpoints.keySet()));
        below.forEach((prefix, endpoints) -> methods.put(prefix, endpoints.keySet()));
        return methods;
    }

    private @Nullable String prefix(String path) {
        for (int end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) {
            String prefix = path.length() > end + 1 ? path.substring(0, end + 1) : "";
            if (below.containsKey(prefix)) {
                return prefix;
            }
        }
        return null;
    }
}
