package org.bybert.encoder.batch;

/** What the text of a special token stands for, such as {@code <s>} or {@code <pad>}, where data has it. */
public enum SpecialTokens {
    /** For itself: it is read byte by byte, like all else. */
    TEXT,
    /** For the token, as in a prompt. */
    PARSE
}
