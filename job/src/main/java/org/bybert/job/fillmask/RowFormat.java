package org.bybert.job.fillmask;

import static org.bybert.job.terminal.Texts.printable;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Locale;

/** How a row is printed. */
enum RowFormat {

    /** Two lines, as the model card prints them, and an empty one. */
    CARD {
        @Override
        String of(FilledRow row) {
            String answer = row.error() == null ? "Decoded: " + printable(row.filled()) : "Error: " + row.error();
            String known = row.text() == null ? "(row " + row.row() + ")" : row.text();
            String input = row.read() == null ? known : row.read();
            return "Input: " + printable(input) + '\n' + answer + "\n\n";
        }
    },

    /**
     * One line with the text last, since its width on the terminal is unknown; a line for each candidate, with the place of
     * its gap in bytes, length and probability.
     */
    TABLE {
        @Override
        String header() {
            return String.format(Locale.ROOT, "%6s  %5s  %5s  %6s  %s\n", "row", "bytes", "masks", "score", "filled");
        }

        @Override
        String of(FilledRow row) {
            if (row.error() != null) {
                return String.format(Locale.ROOT, "%6d  %5s  %5s  %6s  (%s)\n", row.row(), "-", "-", "-", row.error());
            }
            StringBuilder lines = new StringBuilder(String.format(
                    Locale.ROOT,
                    "%6d  %5d  %5d  %6.4f  %s\n",
                    row.row(),
                    row.bytes(),
                    row.masks(),
                    row.score(),
                    printable(row.filled())));
            for (FilledRow.Gap gap : row.gaps() == null ? List.<FilledRow.Gap>of() : row.gaps()) {
                for (FilledRow.Gap.Candidate candidate : gap.candidates()) {
                    lines.append(String.format(
                            Locale.ROOT,
                            "%13s  %5d  %6.4f  %s  (%.2f)\n",
                            "@" + gap.start(),
                            candidate.bytes(),
                            candidate.probability(),
                            printable(candidate.text()),
                            candidate.logprob()));
                }
                if (gap.margin() != null) {
                    lines.append(String.format(
                            Locale.ROOT, "%13s  %5d  margin %.2f\n", "@" + gap.start(), gap.length(), gap.margin()));
                }
            }
            return lines.toString();
        }
    },

    /** One JSON object per line; what does not apply is null. */
    JSON {
        @Override
        String of(FilledRow row) {
            return MAPPER.valueToTree(row) + "\n";
        }
    };

    private static final JsonMapper MAPPER = new JsonMapper();

    /** What is printed before the first row. */
    String header() {
        return "";
    }

    abstract String of(FilledRow row);
}
