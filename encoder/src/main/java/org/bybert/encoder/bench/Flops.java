package org.bybert.encoder.bench;

import org.bybert.encoder.checkpoint.ModelConfig;

/**
 * How much arithmetic a forward pass is, counted from the shape alone, so that a faster way of doing it shows as more
 * GFLOP/s: {@code 2 · (parameters without embeddings) + 4 · length · hidden · layers} per token, of which the second
 * part is the scores and the weighted values of attention. The head counts for every token.
 */
public final class Flops {

    private Flops() {
    }

    /**
     * Number of parameters, biases of Q, K and V included where there are any.
     *
     * @param queryKeyValueBias the Q, K and V projections have a bias
     */
    public static long parameters(ModelConfig config, boolean queryKeyValueBias) {
        long hidden = config.hiddenSize();
        long projected = config.querySize() + 2L * config.keyValueSize();
        long layer = hidden * projected + (long) config.querySize() * hidden
                + 3 * hidden * config.intermediateSize() + 2 * hidden + (queryKeyValueBias ? projected : 0);
        long embeddings = embeddings(config);
        return config.layers() * layer + embeddings + (config.tiedEmbeddings() ? 0 : embeddings) + hidden;
    }

    private static long embeddings(ModelConfig config) {
        return (long) config.vocabSize() * config.hiddenSize();
    }

    /** Parameters that every token is multiplied by: all but the table of embeddings, the head included. */
    public static long multipliedParameters(ModelConfig config) {
        return parameters(config, false) - (config.tiedEmbeddings() ? 0 : embeddings(config));
    }

    /** Floating-point operations of one forward pass over rows of these lengths in tokens. */
    public static double forward(ModelConfig config, int... lengths) {
        double flops = 0;
        for (int length : lengths) {
            flops += 2.0 * multipliedParameters(config) * length + attention(config, length);
        }
        return flops;
    }

    /** Of {@link #forward}, what the scores and the weighted values take, half each, for one row. */
    public static double attention(ModelConfig config, int length) {
        return 4.0 * length * length * config.querySize() * config.layers();
    }
}
