package org.bybert.encoder.model;

import java.util.Arrays;

/**
 * Adds up where one thread's time goes: each mark charges the time since the last one to a stage. Off by default, when
 * a mark costs one predictable branch.
 */
public final class StageClock {

    /** The parts of the encoder that are told apart, in the order in which they run. */
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

    private final long[] nanos = new long[Stage.values().length];
    private boolean running;
    private long last;

    /** Forgets what was measured and measures from now on. */
    public void start() {
        Arrays.fill(nanos, 0);
        running = true;
        restart();
    }

    /** Stops measuring; what was measured stays readable. */
    public void stop() {
        running = false;
    }

    /** Nanoseconds spent in a stage since {@link #start}. */
    public long nanos(Stage stage) {
        return nanos[stage.ordinal()];
    }

    /** The time since the last mark belongs to no stage. */
    void restart() {
        if (running) {
            last = System.nanoTime();
        }
    }

    /** The time since the last mark belongs to this stage. */
    void mark(Stage stage) {
        if (running) {
            long now = System.nanoTime();
            nanos[stage.ordinal()] += now - last;
            last = now;
        }
    }
}
