package org.bybert.job.terminal;

import java.util.List;
import java.util.Locale;

/** A table for the terminal: a header, a line, rows; the first column to the left, numbers to the right. */
public final class TextTable {

    private TextTable() {
    }

    /** @param rows the header first; all of the same length */
    public static String of(List<List<String>> rows) {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder table = new StringBuilder();
        for (int r = 0; r < rows.size(); r++) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String format = i == 0 ? "%-" + widths[i] + "s" : "  %" + widths[i] + "s";
                line.append(String.format(Locale.ROOT, format, rows.get(r).get(i)));
            }
            table.append(line).append('\n');
            if (r == 0) {
                table.append("-".repeat(line.length())).append('\n');
            }
        }
        return table.toString();
    }
}
