package org.bybert.job.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table for the terminal: a header, a line, rows; the first column to the left, numbers to the right. */
public final class TextTable {

    private TextTable() {}

    /** @param rows the header first; all of the same length */
    public static String of(List<List<String>> rows) {
        String format = IntStream.range(0, rows.get(0).size())
                .mapToObj(i -> (i == 0 ? "%-" : "  %")
                        + rows.stream()
                                .mapToInt(row -> row.get(i).length())
                                .max()
                                .orElseThrow() + "s")
                .collect(Collectors.joining());
        List<String> lines = rows.stream()
                .map(row -> String.format(Locale.ROOT, format, row.toArray()))
                .collect(Collectors.toCollection(ArrayList::new));
        lines.add(1, "-".repeat(lines.get(0).length()));
        return String.join("\n", lines) + "\n";
    }
}
