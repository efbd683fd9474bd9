package org.bybert.encoder.model;

import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.kernel.PackedMatrix;
import org.bybert.encoder.kernel.PanelWidths;

/** The buffers of one thread; they grow to the largest batch seen and are reused. */
public final class Workspace {

    /** Rows a projection handles at a time: its inputs stay in the second-level cache. */
    public static final int CHUNK = 128;

    /** Residual stream, {@code [tokens, hidden]}. */
    float[] stream = new float[0];
    /** Q, K and V of one layer, {@code [tokens, query + 2 · keyValue]}. */
    float[] queryKeyValue = new float[0];
    /** Result of attention before its output projection, {@code [tokens, query]}. */
    float[] attended = new float[0];
    /** Largest score and sum of exponentials so far per query of one head group, {@code [group, longest row]}. */
    float[] maxima = new float[0];
    float[] sums = new float[0];

    final float[] normed;
    final float[] gateUp;
    final float[] scores = new float[Attention.QUERIES * Attention.KEYS];
    final PackedMatrix keys;
    final PackedMatrix values;

    private final ModelConfig config;
    private final StageClock clock = new StageClock();

    Workspace(ModelConfig config, PanelWidths widths) {
        this.config = config;
        this.normed = new float[CHUNK * config.hiddenSize()];
        this.gateUp = new float[CHUNK * 2 * config.intermediateSize()];
        this.keys = new PackedMatrix(widths);
        this.values = new PackedMatrix(widths);
    }

    /** Where the time goes; off until it is started. */
    public StageClock clock() {
        return clock;
    }

    void reserve(RaggedBatch batch) {
        int tokens = batch.tokens();
        stream = atLeast(stream, tokens, config.hiddenSize());
        queryKeyValue = atLeast(queryKeyValue, tokens, config.querySize() + 2 * config.keyValueSize());
        attended = atLeast(attended, tokens, config.querySize());
        int group = config.attentionHeads() / config.keyValueHeads();
        maxima = atLeast(maxima, batch.longest(), group);
        sums = atLeast(sums, batch.longest(), group);
    }

    private static float[] atLeast(float[] buffer, int rows, int columns) {
        int size = Math.multiplyExact(rows, columns);
        return buffer.length >= size ? buffer : new float[size];
    }
}
