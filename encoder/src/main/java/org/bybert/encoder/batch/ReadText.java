package org.bybert.encoder.batch;

/**
 * A text as {@link TextReader} takes it.
 *
 * @param text      what is read of it; null where there is an error
 * @param bytes     of the whole text in the model's encoding; null for a null text
 * @param truncated whether only its beginning is read
 * @param repaired  whether it has unpaired surrogates, which are read as U+FFFD
 * @param split     whether it is read in windows, see {@link TextReader#windows}
 * @param error     why it has no answer, as {@code kind} or {@code kind: details}; null where it has
 */
public record ReadText(String text, Integer bytes, boolean truncated, boolean repaired, boolean split, String error) {

    static ReadText refused(Integer bytes, boolean repaired, String error) {
        return new ReadText(null, bytes, false, repaired, false, error);
    }

    /** The same text, refused after all. */
    public ReadText refuse(String kind, String details) {
        return refused(bytes, repaired, kind + ": " + details);
    }
}
