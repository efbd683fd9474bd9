package org.bybert.job.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Quantities and tables for people. */
public final class Texts {

    private static final String[] UNITS = {"bytes", "kB", "MB", "GB", "TB", "PB"};

    private Texts() {
    }

    /** In powers of 1000: 1,234 bytes are 1.2 kB. */
    public static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        return unit == 0 ? bytes + " bytes" : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }

    /** In its two largest units. */
    public static String duration(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min " + seconds % 60 + " s";
        }
        return seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
    }

    /**
     * A table: a header, a line, rows; the first column to the left, numbers to the right.
     *
     * @param rows the header first; all of the same length
     */
    public static String table(List<List<String>> rows) {
        String format = IntStream.range(0, rows.get(0).size()).mapToObj(i -> (i == 0 ? "%-" : "  %")
                + rows.stream().mapToInt(row -> row.get(i).length()).max().orElseThrow() + "s")
                .collect(Collectors.joining());
        List<String> lines = rows.stream().map(row -> String.format(Locale.ROOT, format, row.toArray()))
                .collect(Collectors.toCollection(ArrayList::new));
        lines.add(1, "-".repeat(lines.get(0).length()));
        return String.join("\n", lines) + "\n";
    }
}
