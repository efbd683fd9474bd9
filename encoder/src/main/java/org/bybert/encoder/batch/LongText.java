package org.bybert.encoder.batch;

/** What happens to a text over the limit; see {@link BatchOptions#maxBytes}. */
public enum LongText {
    /** The text is cut at a character boundary; counted, and marked in the result. */
    TRUNCATE,
    /**
     * The text is embedded in overlapping windows of the longest length, see {@link TextReader}, whose vectors become
     * one, see {@link EmbedTask}. Masks cannot be filled so.
     */
    SPLIT,
    /** No result, but the reason; counted. */
    ERROR
}
