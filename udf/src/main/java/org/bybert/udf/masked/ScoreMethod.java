package org.bybert.udf.masked;

import java.util.Locale;
import org.bybert.udf.words.Unit;

/** Which bytes are masked, beside the one that is asked for, where a text is scored. */
public enum ScoreMethod {
    /** All bytes of its word: one copy of the text per word, of which every byte is asked for at once. */
    WORD,
    /**
     * Those right of it in its word, while those left of it stand: one copy per byte (Kauf and Ivanova 2023, "A Better
     * Way to Do Masked Language Model Scoring").
     */
    WORD_L2R,
    /** None: one copy per byte (Salazar et al. 2020, "Masked Language Model Scoring"). */
    BYTE;

    /**
     * What takes the place of a word.
     *
     * @param given null where nobody says it
     * @throws IllegalArgumentException where the method does not go with it
     */
    public Unit unit(Unit given) {
        if (given == null) {
            return this == BYTE ? Unit.BYTE : Unit.WORD;
        }
        if (this == BYTE && given != Unit.BYTE) {
            throw new IllegalArgumentException(
                    "method byte masks each byte by itself: expected unit byte or none, found "
                            + given.name().toLowerCase(Locale.ROOT));
        }
        if (this == WORD_L2R && given == Unit.BYTE) {
            throw new IllegalArgumentException(
                    "method word-l2r goes from byte to byte of a unit: expected unit word or "
                            + "char, found byte; method byte masks each byte by itself");
        }
        return given;
    }

    /** As people write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
