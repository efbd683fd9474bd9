package org.bybert.job.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bybert.job.TextTable;

/** The results for the terminal: one table, sets as rows. */
public final class ResultTable {


    private ResultTable() {
    }

    /** @param unit heads the column of what was masked as a whole: word, char or byte */
    public static String of(List<SetMetrics> metrics, String unit) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("set", "examples", unit + "s masked", unit + " accuracy", "95 % CI", "bytes masked",
                "byte accuracy", "95 % CI", "excluded", "failed"));
        for (SetMetrics set : metrics) {
            rows.add(List.of(set.set(), count(set.scored()),
                    count(set.words().total()), percent(set.words().value()), interval(set.words()),
                    count(set.bytes().total()), percent(set.bytes().value()), interval(set.bytes()),
                    count(set.excluded()), count(set.failed())));
        }
        return TextTable.of(rows);
    }

    private static String count(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private static String interval(Accuracy accuracy) {
        return accuracy.total() == 0 ? "-"
                : String.format(Locale.ROOT, "%.1f-%.1f", 100 * accuracy.low(), 100 * accuracy.high());
    }
}
