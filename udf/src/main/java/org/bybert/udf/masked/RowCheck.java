package org.bybert.udf.masked;

import java.util.Objects;
import org.bybert.encoder.text.ByteEncoding;
import org.bybert.encoder.text.UnpairedSurrogates;

/** What is wrong with a row, before anything is computed for it. */
final class RowCheck {

    private RowCheck() {
    }

    /**
     * Number of bytes of a row that can be scored.
     *
     * @throws RowProblem where it cannot
     */
    static int bytes(Example example, Settings settings, ByteEncoding encoding) throws RowProblem {
        String text = example.text();
        if (example.problem() != null) {
            throw new RowProblem("unreadable row", example.problem());
        }
        if (text == null) {
            throw new RowProblem("null text", "the text column is null");
        }
        if (text.isEmpty()) {
            throw new RowProblem("empty text", "the text has no characters");
        }
        int unpaired = UnpairedSurrogates.first(text);
        if (unpaired >= 0) {
            throw new RowProblem("invalid Unicode", String.format("unpaired surrogate U+%04X at index %d",
                    (int) text.charAt(unpaired), unpaired));
        }
        int bytes = encoding.byteLength(text);
        if (bytes <= settings.maxBytes() && bytes > settings.rowLimit()) {
            throw new RowProblem("too long", bytes + " bytes, the row limit is " + settings.rowLimit());
        }
        if (example.usesOwnWords(settings.unit())) {
            checkWords(example);
        }
        return bytes;
    }

    private static void checkWords(Example example) throws RowProblem {
        if (example.words() == null) {
            throw new RowProblem("bad words", "the words column is null");
        }
        if (example.words().stream().anyMatch(Objects::isNull) || !String.join("", example.words()).equals(example.text())) {
            throw new RowProblem("bad words", "the words do not concatenate to the text");
        }
    }
}
