package org.bybert.udf.masked;

import java.util.List;
import org.bybert.udf.words.Unit;

/**
 * One row of an evaluation set.
 *
 * @param words       the row's own words, which concatenate to the text
 * @param bringsWords the set has such words
 * @param problem     why the reader of the data could not make sense of the row, or null
 */
record Example(String set, String id, String text, List<String> words, boolean bringsWords, String problem) {

    /** The row's own words decide what is masked. */
    boolean usesOwnWords(Unit unit) {
        return bringsWords && unit == Unit.WORD;
    }
}
