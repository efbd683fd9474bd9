package org.bybert.encoder.model;

/** The parts of the encoder that {@link StageClock} tells apart, in the order in which they run. */
public enum Stage {
    /** Rows of the embedding matrix copied into the residual stream. */
    EMBEDDING,
    /** Root-mean-square norms, with laying out their results for the product that follows. */
    NORM,
    QUERY_KEY_VALUE,
    /** Rotary positions, with laying out queries and keys for the scores. */
    ROTARY,
    /** Laying out what attention multiplies, as far as rotary positions do not touch it. */
    ATTENTION_PACKING,
    SCORES,
    SOFTMAX,
    VALUES,
    /** Output projection of attention. */
    OUTPUT,
    GATE_UP,
    /** SwiGLU. */
    ACTIVATION,
    DOWN,
    HEAD
}
