package dev.larder.registry.yaml;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Says which known names a mistyped one may have meant. */
public final class NearNames {
    private NearNames() {}

    /** The allowed names, likely ones first: {@code did you mean 'window'? allowed: column, window}. */
    public static String instead(String given, Collection<String> allowed) {
        if (allowed.isEmpty()) {
            return "none is defined yet";
        }
        String all = "allowed: " + String.join(", ", allowed);
        List<String> near = near(given, allowed);
        return near.isEmpty() ? all : "did you mean " + quoted(near) + "? " + all;
    }

    /** At most three names that differ from the given one by little, nearest first. */
    public static List<String> near(String given, Collection<String> allowed) {
        return allowed.stream()
                .filter(name -> distance(given, name) <= limit(given, name))
                .sorted(Comparator.comparingInt((String name) -> distance(given, name))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(3)
                .toList();
    }

    private static int limit(String given, String name) {
        int length = Math.max(given.length(), name.length());
        return length == 1 ? 0 : Math.min(2, Math.max(1, length / 3));
    }

    private static String quoted(List<String> names) {
        return "'" + String.join("' or '", names) + "'";
    }

    /** Insertions, deletions, replacements and swaps of neighbours that turn one name into the other, in any case. */
    private static int distance(String a, String b) {
        String from = a.toLowerCase(Locale.ROOT);
        String to = b.toLowerCase(Locale.ROOT);
        int[][] cost = new int[from.length() + 1][to.length() + 1];
        IntStream.rangeClosed(0, from.length()).forEach(i -> cost[i][0] = i);
        IntStream.rangeClosed(0, to.length()).forEach(j -> cost[0][j] = j);
        for (int i = 1; i <= from.length(); i++) {
            for (int j = 1; j <= to.length(); j++) {
                boolean same = from.charAt(i - 1) == to.charAt(j - 1);
                int least = Math.min(cost[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                boolean swapped = i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1);
                cost[i][j] = swapped ? Math.min(least, 1 + cost[i - 2][j - 2]) : least;
            }
        }
        return cost[from.length()][to.length()];
    }
}
