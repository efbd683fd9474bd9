package org.bybert.udf.batch;

import java.util.Collections;
import java.util.Iterator;

/**
 * A text as {@link TextReader} takes it.
 *
 * @param bytes     of the whole text in the model's encoding; null for a null text
 * @param truncated whether only its beginning is read
 * @param repaired  whether it has unpaired surrogates, which are read as U+FFFD
 * @param error     why it has no answer, as {@code reason} or {@code reason: details}; null where it has
 * @param split     whether it comes in windows
 * @param pieces    token ids: none for an error, one for a text that fits or is truncated, else the windows in order
 */
public record ReadText(Integer bytes, boolean truncated, boolean repaired, String error, boolean split,
                       Iterator<int[]> pieces) {

    static ReadText failed(Integer bytes, boolean repaired, String error) {
        return new ReadText(bytes, false, repaired, error, false, Collections.emptyIterator());
    }
}
