package org.bybert.job.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table for the terminal: a header, a line, rows; the first column to the left, numbers to the right. */
public final class TextTable {

    private TextTable() {}

    /** @param rows the header first; all of the same length */
    public static String of(List<List<String>> rows) {
        int[] widths = IntStream.range(0, rows.get(0).size())
                .map(i -> rows.stream().mapToInt(row -> width(row.get(i))).max().orElseThrow())
                .toArray();
        List<String> lines = rows.stream()
                .map(row -> IntStream.range(0, widths.length)
                        .mapToObj(i -> cell(row.get(i), widths[i], i == 0))
                        .collect(Collectors.joining("  ")))
                .collect(Collectors.toCollection(ArrayList::new));
        lines.add(1, "-".repeat(IntStream.of(widths).sum() + 2 * (widths.length - 1)));
        return String.join("\n", lines) + "\n";
    }

    private static String cell(String text, int width, boolean left) {
        String space = " ".repeat(width - width(text));
        return left ? text + space : space + text;
    }

    /** Places that a terminal takes for a text: two for a wide character, none for one that joins another. */
    public static int width(String text) {
        return text.codePoints().map(TextTable::width).sum();
    }

    private static int width(int c) {
        int type = Character.getType(c);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT) {
            return 0;
        }
        return isWide(c) ? 2 : 1;
    }

    /** East Asian Width W and F (Unicode, UAX 11), by blocks. */
    private static boolean isWide(int c) {
        return c >= 0x1100 && c <= 0x115F
                || c >= 0x2E80 && c <= 0x303E
                || c >= 0x3041 && c <= 0xA4CF
                || c >= 0xA960 && c <= 0xA97C
                || c >= 0xAC00 && c <= 0xD7A3
                || c >= 0xF900 && c <= 0xFAFF
                || c >= 0xFE30 && c <= 0xFE6B
                || c >= 0xFF01 && c <= 0xFF60
                || c >= 0xFFE0 && c <= 0xFFE6
                || c >= 0x1B000 && c <= 0x1B2FF
                || c >= 0x1F300 && c <= 0x1F64F
                || c >= 0x1F680 && c <= 0x1F6FF
                || c >= 0x1F900 && c <= 0x1F9FF
                || c >= 0x20000 && c <= 0x3FFFD;
    }
}
