package org.bybert.encoder;

/** How the hidden states of a row become one vector; every token counts, special tokens included. */
public enum Pooling {
    /** Mean over all tokens. */
    MEAN,
    /** The first token. */
    CLS,
    /** Largest value of each dimension over all tokens. */
    MAX
}
