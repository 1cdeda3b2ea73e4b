package dev.larder.cdc.source;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds the tables that somebody may have meant. */
final class NearTables {
    private static final int MOST = 5;

    private NearTables() {}

    /** At most five, the nearest first; without a near one the first few of all. */
    static List<String> of(String asked, List<String> tables) {
        int limit = Math.max(2, bare(asked).length() / 3);
        List<String> near = tables.stream()
                .filter(table -> distance(asked, table) <= limit)
                .sorted(Comparator.comparingInt((String table) -> distance(asked, table))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(MOST)
                .toList();
        return near.isEmpty() ? tables.stream().sorted().limit(MOST).toList() : near;
    }

    /** The same table in another schema is near. */
    private static int distance(String asked, String table) {
        return Math.min(edits(asked, table), 1 + edits(bare(asked), bare(table)));
    }

    private static String bare(String name) {
        return name.substring(name.indexOf('.') + 1);
    }

    /** Levenshtein's distance, capitals aside. */
    private static int edits(String from, String to) {
        String a = from.toLowerCase(Locale.ROOT);
        String b = to.toLowerCase(Locale.ROOT);
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
