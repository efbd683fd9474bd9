package org.bybert.encoder.hub;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/** Models whose names are like a mistyped one. */
final class NearNames {

    private static final List<String> RELEASED = List.of("tohoku-nlp/bybert-jp-100m", "tohoku-nlp/bybert-jp-200m",
            "tohoku-nlp/bybert-jp-400m", "tohoku-nlp/bybert-jp-v2-100m");
    private static final int MOST = 4;

    private NearNames() {
    }

    /** Of the released models and the cached ones, nearest first; another name that is the same is none. */
    static List<String> of(String name, Collection<String> cached) {
        TreeSet<String> candidates = new TreeSet<>(cached);
        candidates.addAll(RELEASED);
        candidates.remove(name);
        int limit = Math.max(3, name.length() / 3);
        return candidates.stream().filter(candidate -> distance(name, candidate) <= limit)
                .sorted(Comparator.comparingInt(candidate -> distance(name, candidate))).limit(MOST).toList();
    }

    /** Levenshtein's distance, regardless of case. */
    static int distance(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
